"""Splits and dividends of open positions."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dealerdesk.formulas.corporate_actions import PriceRounding, Split, dividend, split_position
from dealerdesk.trading import Side


def split(
    new: int, old: int, rounding: PriceRounding = PriceRounding.STANDARD, size: str = "1", step: str = "0.1"
) -> Split:
    return Split(Decimal(new), Decimal(old), Decimal(size), Decimal(step), 2, rounding)


def test_three_for_one_divides_the_price_and_multiplies_the_volume() -> None:
    after = split_position(split(3, 1), Decimal("101.50"), Decimal(2))

    assert (after.price, after.lots, after.contracts) == (Decimal("33.83"), 6, 6)


@pytest.mark.parametrize(("rounding", "price"), [(PriceRounding.DOWN, "33.83"), (PriceRounding.UP, "33.84")])
def test_the_price_is_rounded_as_asked(rounding: PriceRounding, price: str) -> None:
    assert split_position(split(3, 1, rounding), Decimal("101.50"), Decimal(2)).price == Decimal(price)


def test_one_for_ten_rounds_contracts_and_then_the_lots_down_to_the_step() -> None:
    # 2.7 lots of 100 are 270 contracts, so 27; of 100 a lot that is 0.27, and 0.2 at steps of 0.1
    after = split_position(split(1, 10, size="100"), Decimal("4.20"), Decimal("2.7"))

    assert (after.price, after.contracts, after.lots) == (42, 27, Decimal("0.2"))


def test_a_holder_gets_the_dividend_less_tax_and_a_short_seller_pays_all_of_it() -> None:
    assert dividend(Side.BUY, Decimal(100), Decimal("0.05"), Decimal(15)).value == Decimal("4.25")
    assert dividend(Side.SELL, Decimal(100), Decimal("0.05"), Decimal(15)).value == Decimal("-5.00")
