from __future__ import annotations

from decimal import Decimal

import pytest

from dealerdesk.clock import SECOND_US
from dealerdesk.dealing.hedge_simulator import DepthLevel, Moment, compare, cost_at_depth, simulate
from dealerdesk.dealing.hedging import HedgeMode, HedgeRule
from dealerdesk.dealing.symbol_map import LpSymbol
from dealerdesk.trading import Side

EUR = LpSymbol("prime", "EURUSD", "EUR/USD", amount_min=Decimal(1_000))
AT_ONCE = HedgeRule("EURUSD", HedgeMode.THRESHOLD, Decimal(100_000))
LATE = HedgeRule("EURUSD", HedgeMode.THRESHOLD, Decimal(900_000))


def ladder(mid: str, side: int) -> tuple[DepthLevel, ...]:
    return tuple(
        DepthLevel(Decimal(mid) + side * Decimal(half), Decimal(units))
        for half, units in (("0.0001", 200_000), ("0.0003", 800_000))
    )


def moment(second: int, flow: int, mid: str) -> Moment:
    return Moment(second * SECOND_US, Decimal(flow), ladder(mid, -1), ladder(mid, 1))


def test_the_cost_of_an_order_is_its_vwap_against_the_mid() -> None:
    cost = cost_at_depth(ladder("1.1000", 1), Side.BUY, Decimal(300_000), Decimal("1.1000"))

    assert cost.cost == 50  # 200,000 at 1 pip, 100,000 at 3 pips
    assert cost.vwap is not None
    assert round(cost.vwap, 8) == Decimal("1.10016667")
    assert cost.left == 0


def test_selling_costs_the_same_below_the_mid() -> None:
    assert cost_at_depth(ladder("1.1000", -1), Side.SELL, Decimal(300_000), Decimal("1.1000")).cost == 50


def test_what_the_depth_does_not_hold_is_left() -> None:
    cost = cost_at_depth(ladder("1.1000", 1), Side.BUY, Decimal(1_200_000), Decimal("1.1000"))

    assert (cost.units, cost.left) == (1_000_000, 200_000)
    nothing = cost_at_depth((), Side.BUY, Decimal(5), Decimal(1))
    assert (nothing.vwap, nothing.left, nothing.cost) == (None, 5, 0)


def test_an_order_that_fills_at_once_pays_the_depth_and_no_slippage() -> None:
    result = simulate(AT_ONCE, EUR, [moment(0, 300_000, "1.1000"), moment(1, 0, "1.1050")])

    assert [(hedge.side, hedge.units) for hedge in result.hedges] == [(Side.BUY, 300_000)]
    assert (result.cost, result.slippage, result.carried, result.left_units) == (50, 0, 0, 0)
    assert result.net == -50


def test_a_delay_costs_what_the_market_moved_meanwhile() -> None:
    path = [moment(0, 300_000, "1.1000"), moment(1, 0, "1.1010"), moment(2, 0, "1.1010")]

    result = simulate(AT_ONCE, EUR, path, delay_us=SECOND_US)

    assert result.hedges[0].filled_us == SECOND_US
    assert result.slippage == 300
    assert result.carried == -300


def test_hedging_late_loses_on_a_spike_what_hedging_early_does_not() -> None:
    path = [moment(second, 200_000, f"{Decimal('1.1') + second * Decimal('0.001')}") for second in range(6)]

    early, late = compare([AT_ONCE, LATE], EUR, path)

    assert early.carried == 0
    assert late.carried == -2_000  # 200k, 400k, 600k, 800k short, each 10 pips further
    assert early.net > late.net
    assert late.worst_units == 1_000_000


def test_what_the_depth_did_not_take_is_hedged_by_the_next_order() -> None:
    result = simulate(AT_ONCE, EUR, [moment(0, 1_500_000, "1.1000"), moment(1, 0, "1.1000")])

    assert [hedge.units for hedge in result.hedges] == [1_000_000, 500_000]
    assert result.left_units == 0


def test_a_path_that_runs_backwards_or_has_no_price_is_refused() -> None:
    with pytest.raises(ValueError, match="runs backwards"):
        simulate(AT_ONCE, EUR, [moment(5, 0, "1.1"), moment(4, 0, "1.1")])
    with pytest.raises(ValueError, match="no price on both sides"):
        simulate(AT_ONCE, EUR, [moment(5, 0, "1.1"), Moment(6 * SECOND_US, Decimal(0), (), ())])
