"""The margin watch's figures explain themselves, and agree with those on the screen."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest

from dealerdesk.live.frame import compute
from dealerdesk.live.margin_watch import watch
from dealerdesk.live.state import LiveState
from dealerdesk.live.why_margin import why_closed, why_move, why_to_call, why_to_stop_out, why_together
from dealerdesk.trading import Platform
from live.live_rows import NOW, account, group, position, quotes, say, snapshot, thing


def broker() -> LiveState:
    """Account 1 with 10,000 USD; US500 at 5,000 and DE40 at 20,000, 10 USD a point and lot."""
    state = LiveState()
    snapshot(state, "MT5", thing("US500", 0), thing("DE40", 1), group(), account(1))
    state.apply_quotes("MT5", quotes((0, 500_000, 500_000), (1, 2_000_000, 2_000_000)), NOW)
    return state


def one(state: LiveState) -> int:
    found = state.accounts.slot("MT5", 1)
    assert found is not None
    return found


def test_the_room_is_equity_less_the_margin_at_the_stop_out_level() -> None:
    state = broker()
    say(state, "MT5", position(1, 1, "US500", "10", "5010"))
    found = why_to_stop_out(state, compute(state, NOW), one(state))

    assert (found.value, found.unit) == (Decimal("6495"), "USD")
    assert [(term.label, term.value) for term in found.terms] == [("equity", 9_000), ("margin at stop-out", -2_505)]


def test_the_move_is_the_one_on_the_screen() -> None:
    state = broker()
    say(state, "MT5", position(1, 1, "US500", "10", "5010"), position(2, 1, "DE40", "-1", "20000"))
    frame = compute(state, NOW)
    found = why_move(state, frame, one(state))

    assert float(found.value) == pytest.approx(watch(state, frame).percent[one(state)])
    assert found.figure == "move of bid US500"
    assert [part.figure for part in found.parts] == ["to stop-out"]


def test_without_a_price_that_could_end_the_account_that_is_said() -> None:
    state = broker()
    say(state, "MT5", position(1, 1, "US500", "0.01", "5000"))

    with pytest.raises(LookupError, match="no price by itself takes this account to its stop-out"):
        why_move(state, compute(state, NOW), one(state))


def test_what_would_be_closed_now_stands_in_its_order() -> None:
    state = broker()
    say(state, "MT5", position(1, 1, "US500", "10", "5050"), position(2, 1, "DE40", "3", "20150"))
    frame, slot = compute(state, NOW), one(state)

    # equity 500 on margin 11,095; closing the 5,000 lost on US500 leaves 500 on 6,045
    assert [term.label for term in why_closed(state, frame, slot, Platform.MT5).terms] == [
        "MT5 position 1 US500",
        "MT5 position 2 DE40",
    ]
    by_margin = why_closed(state, frame, slot, Platform.CTRADER)
    assert by_margin.terms[0].label == "MT5 position 2 DE40"
    assert by_margin.value == Decimal("-9500")
    assert "most margin first" in by_margin.note


def test_above_the_level_nothing_is_closed() -> None:
    state = broker()
    say(state, "MT5", position(1, 1, "US500", "1", "5000"))
    found = why_closed(state, compute(state, NOW), one(state), None)

    assert found.value == 0
    assert "above its stop-out level" in found.note


def test_the_room_to_the_call_is_reckoned_at_the_call_level() -> None:
    state = broker()
    say(state, "MT5", position(1, 1, "US500", "10", "5010"))
    found = why_to_call(state, compute(state, NOW), one(state))

    assert (found.figure, found.value) == ("to margin call", Decimal("3990"))


def test_all_prices_together_are_the_ones_on_the_screen() -> None:
    state = broker()
    say(state, "MT5", position(1, 1, "US500", "10", "5010"), position(2, 1, "DE40", "-1", "20000"))
    frame = compute(state, NOW)
    found = why_together(state, frame, one(state))

    assert float(found.value) == pytest.approx(watch(state, frame).together[one(state)])
    assert [given.label for given in found.inputs] == ["worth of US500", "worth of DE40"]
    assert [given.value for given in found.inputs] == [Decimal(500_000), Decimal(-200_000)]


def test_an_account_whose_groups_levels_nobody_knows_is_not_explained() -> None:
    state = LiveState()
    snapshot(state, "MT5", thing("US500", 0), account(1), position(1, 1, "US500", "10", "5010"))
    state.apply_quotes("MT5", quotes((0, 500_000, 500_000)), NOW)

    for why in (why_to_stop_out, why_to_call):
        with pytest.raises(LookupError, match="nobody has told the levels of group real"):
            why(state, compute(state, NOW), one(state))
    with pytest.raises(LookupError, match="nobody has told the levels of group real"):
        why_closed(state, compute(state, NOW), one(state), None)


def test_a_margin_in_a_currency_without_a_rate_is_not_explained() -> None:
    state = LiveState()
    odd = msgspec.structs.replace(thing("US500", 0), margin_currency="XXX")
    snapshot(state, "MT5", odd, group(), account(1), position(1, 1, "US500", "10", "5010"))
    state.apply_quotes("MT5", quotes((0, 500_000, 500_000)), NOW)

    with pytest.raises(LookupError, match="a margin has no rate into USD"):
        why_closed(state, compute(state, NOW), one(state), None)
