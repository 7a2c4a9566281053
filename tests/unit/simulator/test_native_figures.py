from decimal import Decimal

import pytest

from dealerdesk.bridges.simulator.native_figures import (
    Known,
    level_from_double,
    money_from_double,
    money_to_double,
    price_from_double,
    rate_from_double,
    symbol_of,
)


def test_money_goes_to_a_double_and_back_to_the_cent():
    assert money_to_double(-12_345, 2) == -123.45
    assert money_from_double(0.1 + 0.2, 2) == 30
    assert money_from_double(-123.45, 2) == -12_345
    assert money_from_double(1_000_000.0, 0) == 1_000_000


def test_every_amount_to_ten_thousand_comes_back():
    assert all(money_from_double(money_to_double(minor, 2), 2) == minor for minor in range(-10_000, 10_000, 7))


def test_prices_have_the_symbols_decimals_and_zero_is_no_level():
    assert price_from_double(1.1, 5) == Decimal("1.10000")
    assert level_from_double(0.0, 5) is None
    assert level_from_double(1.09995, 5) == Decimal("1.09995")


def test_a_rate_has_ten_decimals():
    assert rate_from_double(0.0066887395) == Decimal("0.0066887395")


def test_a_record_without_a_listed_symbol_is_refused():
    with pytest.raises(ValueError, match="does not list"):
        symbol_of(Known(None, 2, 0))
