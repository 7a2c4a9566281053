from __future__ import annotations

from decimal import Decimal

import pytest

from dealerdesk.formulas.rounding import add_money, round_money, round_price, same_money


def test_halves_go_away_from_zero() -> None:
    assert round_money(Decimal("0.125"), 2) == Decimal("0.13")
    assert round_money(Decimal("-0.125"), 2) == Decimal("-0.13")
    assert round_money(Decimal("2.5"), 0) == Decimal(3)


def test_a_decimal_is_not_rounded_as_its_binary_neighbour() -> None:
    assert round_money(Decimal("1.005"), 2) == Decimal("1.01")


def test_prices_keep_at_most_eleven_digits() -> None:
    assert round_price(Decimal("1.234565"), 5) == Decimal("1.23457")
    with pytest.raises(ValueError, match="expected 0 to 11, got 12"):
        round_price(Decimal(1), 12)


def test_each_addition_is_rounded() -> None:
    assert add_money(Decimal("0.004"), Decimal("0.001"), 2) == Decimal("0.01")


def test_money_is_the_same_within_a_tenth_of_a_minor_unit() -> None:
    assert same_money(Decimal("10.0009"), Decimal("10.00"), 2)
    assert not same_money(Decimal("10.001"), Decimal("10.00"), 2)
