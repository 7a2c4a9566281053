from __future__ import annotations

from decimal import Decimal

import pytest

from dealerdesk.dealing.coverage import (
    ClientHolding,
    CoverageHolding,
    HedgeOrder,
    Uncovered,
    after,
    cover,
    flatten_to_limit,
    uncovered,
)
from dealerdesk.dealing.symbol_map import LpSymbol
from dealerdesk.trading import Side

EUR = LpSymbol("prime", "EURUSD", "EUR/USD", amount_min=Decimal(1_000))


def test_book_a_counts_whole_book_c_by_its_share_and_book_b_not_at_all() -> None:
    clients = [
        ClientHolding("EURUSD", Decimal(500_000), 100),
        ClientHolding("EURUSD", Decimal(-200_000), 30),
        ClientHolding("EURUSD", Decimal(900_000), 0),
    ]
    coverage = [CoverageHolding("prime", "EURUSD", Decimal(300_000)), CoverageHolding("second", "EURUSD", Decimal(-5))]

    row = uncovered(clients, coverage)["EURUSD"]

    assert row == Uncovered("EURUSD", Decimal(1_200_000), Decimal(440_000), Decimal(299_995))
    assert row.units == 140_005
    assert row.net_units == 900_005


def test_coverage_without_clients_is_too_much_cover() -> None:
    row = uncovered([], [CoverageHolding("prime", "XAUUSD", Decimal(40))])["XAUUSD"]

    assert row.units == -40


def test_a_short_uncovered_is_covered_by_selling() -> None:
    assert cover(EUR, Decimal(-12_600)) == HedgeOrder(
        "prime", "EURUSD", "EUR/USD", Side.SELL, Decimal(13_000), Decimal(-13_000)
    )


def test_less_than_half_of_the_smallest_amount_is_left_alone() -> None:
    assert cover(EUR, Decimal(499)) is None
    assert after(Decimal(499), cover(EUR, Decimal(499))) == 499


def test_flattening_stops_at_the_limit_rounded_to_what_the_lp_trades() -> None:
    order = flatten_to_limit(EUR, Decimal(150_300), Decimal(100_000))

    assert order is not None
    assert (order.side, order.amount) == (Side.BUY, 51_000)
    assert after(Decimal(150_300), order) == 99_300


def test_within_the_limit_nothing_is_proposed() -> None:
    assert flatten_to_limit(EUR, Decimal(-100_000), Decimal(100_000)) is None


def test_a_limit_of_zero_takes_the_amount_nearest_to_flat() -> None:
    assert after(Decimal(10_400), flatten_to_limit(EUR, Decimal(10_400), Decimal(0))) == 400


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        flatten_to_limit(EUR, Decimal(1), Decimal(-1))


def test_another_amount_factor_changes_the_amount_not_the_units() -> None:
    ounces = LpSymbol("prime", "XAUUSD", "GOLD", units_per_amount=Decimal(100))

    order = cover(ounces, Decimal(-320))

    assert order is not None
    assert (order.amount, order.units) == (3, -300)
