"""Money adds up exactly, and only with its own kind."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealerdesk.money import EUR, JPY, USD, CurrencyMismatchError, Money, currency, to_minor


def test_amounts_of_one_currency_add_up() -> None:
    assert Money(1250, EUR) + Money(100, EUR) == Money(1350, EUR)
    assert Money(1250, EUR) - Money(1300, EUR) == Money(-50, EUR)


def test_euros_and_dollars_do_not_add_up() -> None:
    with pytest.raises(CurrencyMismatchError, match="EUR and USD do not add up"):
        Money(1250, EUR) + Money(100, USD)


def test_a_yen_has_no_decimals_and_a_dinar_three() -> None:
    assert Money.of("100.5", JPY) == Money(101, JPY)
    assert Money.of("1.2345", currency("KWD")) == Money(1235, currency("KWD"))
    assert str(Money(1235, currency("KWD"))) == "1.235 KWD"


def test_half_a_cent_is_rounded_away_from_zero() -> None:
    assert to_minor(Decimal("0.005"), 2) == 1
    assert to_minor(Decimal("-0.005"), 2) == -1
    assert to_minor(Decimal("0.0049999"), 2) == 0


@pytest.mark.parametrize("code", ["", "EU", "usd", "EUROS1", "ДОЛ"])
def test_a_currency_is_three_to_five_capital_letters(code: str) -> None:
    with pytest.raises(ValueError, match="currency: expected 3 to 5 capital letters"):
        currency(code)


@given(st.integers(-(10**15), 10**15), st.sampled_from(["USD", "JPY", "KWD", "USDT", "BTC"]))
def test_minor_units_survive_the_way_to_the_amount_and_back(minor: int, code: str) -> None:
    unit = currency(code)

    assert Money.of(Money(minor, unit).amount, unit) == Money(minor, unit)
