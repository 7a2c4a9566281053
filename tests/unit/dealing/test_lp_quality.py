from __future__ import annotations

from decimal import Decimal

import pytest

from dealerdesk.dealing.lp_quality import LpAnswer, quality
from dealerdesk.trading import Side


def answer(filled: int = 100, hold_us: int = 50, reason: str = "", after: str = "1.0800", **more: object) -> LpAnswer:
    side = more.get("side", Side.BUY)
    lp = more.get("lp", "prime")
    assert isinstance(side, Side)
    return LpAnswer(
        str(lp), "EURUSD", side, Decimal(100), Decimal(filled), 1_000, 1_000 + hold_us, Decimal("1.0800"),
        Decimal(after), Decimal("1.0801"), Decimal("1.0802") if filled else None, reason,
    )  # fmt: skip


def test_rejects_and_fills_are_counted_by_order_and_by_units() -> None:
    (row,) = quality([answer(), answer(), answer(50), answer(0, reason="last look")])

    assert (row.orders, row.rejected, row.reject_percent) == (4, 1, 25)
    assert row.fill_percent == 62.5
    assert row.reasons == (("last look", 1),)


def test_an_order_that_met_no_price_is_no_reject() -> None:
    (row,) = quality([answer(0)])

    assert (row.rejected, row.filled_units) == (0, 0)


def test_hold_times_are_told_by_nearest_rank() -> None:
    rows = quality([answer(hold_us=us) for us in range(1, 101)])

    assert (rows[0].hold_p50_us, rows[0].hold_p95_us, rows[0].hold_max_us) == (50, 95, 100)
    assert rows[0].rejected_hold_p50_us == 0


def test_a_reject_costs_what_the_market_moved_away() -> None:
    bought = answer(0, reason="last look", after="1.0810")
    sold = answer(0, reason="last look", after="1.0790", side=Side.SELL)
    lucky = answer(0, reason="last look", after="1.0795")

    (row,) = quality([bought, sold, lucky, answer(after="1.2")])

    assert row.reject_cost == Decimal("0.15")
    assert not row.is_telling


def test_slippage_is_positive_when_it_is_worse_for_us() -> None:
    (row,) = quality([answer()])

    assert row.slippage == Decimal("0.01")


def test_each_lp_has_its_own_row() -> None:
    assert [row.lp for row in quality([answer(lp="second"), answer(lp="first")])] == ["first", "second"]


def test_an_order_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="an order of 0"):
        quality([LpAnswer("p", "E", Side.BUY, Decimal(0), Decimal(0), 0, 0, Decimal(1), Decimal(1))])
