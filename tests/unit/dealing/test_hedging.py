from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from dealerdesk.clock import MINUTE_US, SECOND_US
from dealerdesk.dealing.hedging import HedgeMode, HedgeRule, HedgeState, decide
from dealerdesk.dealing.symbol_map import LpSymbol
from dealerdesk.trading import Side

EUR = LpSymbol("prime", "EURUSD", "EUR/USD", amount_min=Decimal(1_000))
BAND = HedgeRule("EURUSD", HedgeMode.BAND, Decimal(1_000_000), Decimal(400_000), 30 * SECOND_US)
THRESHOLD = HedgeRule("EURUSD", HedgeMode.THRESHOLD, Decimal(1_000_000))
NOW = 100 * MINUTE_US


def test_within_the_trigger_nothing_happens() -> None:
    decision = decide(BAND, EUR, Decimal(1_000_000), HedgeState(), NOW, killed=False)

    assert (decision.order, decision.why) == (None, "within 1000000")


def test_a_band_hedges_back_to_its_inner_band() -> None:
    order = decide(BAND, EUR, Decimal(-1_500_000), HedgeState(), NOW, killed=False).order

    assert order is not None
    assert (order.side, order.amount) == (Side.SELL, 1_100_000)


def test_a_threshold_hedges_all_of_it() -> None:
    decision = decide(THRESHOLD, EUR, Decimal(1_200_300), HedgeState(), NOW, killed=False)

    assert decision.order is not None
    assert decision.order.amount == 1_200_000
    assert decision.why == "1200300 uncovered is beyond 1000000"


def test_a_rule_per_client_hedges_the_clients_net_at_once() -> None:
    rule = HedgeRule("EURUSD", HedgeMode.CLIENT, Decimal(0), login=1001)

    order = decide(rule, EUR, Decimal(30_000), HedgeState(), NOW, killed=False).order

    assert order is not None
    assert order.amount == 30_000


def test_hedging_goes_on_below_the_trigger_until_the_inner_band() -> None:
    partly_filled = HedgeState(hedging=True)

    assert decide(BAND, EUR, Decimal(700_000), partly_filled, NOW, killed=False).order is not None
    rested = decide(BAND, EUR, Decimal(400_000), partly_filled, NOW, killed=False)
    assert rested.order is None
    assert decide(BAND, EUR, Decimal(700_000), rested.state, NOW, killed=False).order is None


def test_no_second_order_while_the_fate_of_the_first_is_open() -> None:
    state = HedgeState(hedging=True).sent(0)

    decision = decide(BAND, EUR, Decimal(2_000_000), state, NOW, killed=False)

    assert (decision.order, decision.why) == (None, "an order is out whose fate is not known")


def test_the_next_order_waits_for_the_cool_down() -> None:
    state = HedgeState(hedging=True).sent(NOW).settled(filled=True)

    early = decide(BAND, EUR, Decimal(2_000_000), state, NOW + 30 * SECOND_US - 1, killed=False)
    then = decide(BAND, EUR, Decimal(2_000_000), state, NOW + 30 * SECOND_US, killed=False)

    assert early.why == "cooling down after the last order"
    assert then.order is not None


def test_three_rejects_in_a_row_stop_the_rule_until_a_dealer_releases_it() -> None:
    state = HedgeState(hedging=True)
    for _ in range(3):
        state = state.sent(0).settled(filled=False)

    stopped = decide(THRESHOLD, EUR, Decimal(2_000_000), state, NOW, killed=False)
    released = decide(THRESHOLD, EUR, Decimal(2_000_000), state.released(), NOW, killed=False)

    assert stopped.order is None
    assert "a dealer must release" in stopped.why
    assert released.order is not None


def test_a_fill_forgives_the_rejects_before_it() -> None:
    assert HedgeState(rejected=2).sent(0).settled(filled=True).rejected == 0


@pytest.mark.parametrize("rule", [BAND, THRESHOLD])
def test_the_kill_switch_stops_everything(rule: HedgeRule) -> None:
    decision = decide(rule, EUR, Decimal(9_000_000), HedgeState(hedging=True), NOW, killed=True)

    assert (decision.order, decision.why) == (None, "the kill switch is on")


def test_an_answer_to_no_order_is_a_fault() -> None:
    with pytest.raises(ValueError, match="no hedge order is open"):
        HedgeState().settled(filled=True)


def test_rules_that_contradict_themselves_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and the trigger"):
        replace(BAND, inner_units=Decimal(2_000_000))
    with pytest.raises(ValueError, match="only a band"):
        replace(THRESHOLD, inner_units=Decimal(1))
    with pytest.raises(ValueError, match="names the client"):
        replace(BAND, login=5)
