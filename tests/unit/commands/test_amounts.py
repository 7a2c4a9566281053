from __future__ import annotations

from decimal import Decimal

from dealerdesk.commands.amounts import lots, money, plain


def test_an_amount_has_its_currencys_decimals() -> None:
    assert money(10_050, "EUR") == "100.50 EUR"
    assert money(1_500_000, "JPY") == "1500000 JPY"
    assert money(1, "BTC") == "0.00000001 BTC"
    assert money(-5, "USD") == "-0.05 USD"


def test_where_the_currency_is_not_known_the_minor_units_are_said() -> None:
    assert money(10_050, "") == "10050 minor units"


def test_a_number_has_neither_exponent_nor_idle_zeros() -> None:
    assert plain(Decimal("100")) == plain(Decimal("1E+2")) == "100"
    assert plain(Decimal("0.50")) == "0.5"
    assert plain(Decimal("0.00000001")) == "0.00000001"


def test_a_volume_is_counted_in_lots() -> None:
    assert lots(150_000_000) == Decimal("1.5")
