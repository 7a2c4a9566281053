"""Splits and dividends of open positions, as MT5 books them (field/formulas 4.9). Chooses no positions itself."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from enum import StrEnum

from dealerdesk.formulas.rounding import round_money
from dealerdesk.formulas.steps import Result, Step
from dealerdesk.trading import Side


class PriceRounding(StrEnum):
    STANDARD = "standard"
    DOWN = "down"
    UP = "up"


ROUNDINGS = {
    PriceRounding.STANDARD: ROUND_HALF_UP,
    PriceRounding.DOWN: ROUND_FLOOR,
    PriceRounding.UP: ROUND_CEILING,
}


@dataclass(frozen=True, slots=True)
class Split:
    """`new` shares for `old`; a position's price is rounded to `price_digits`, its lots down to `step`."""

    new: Decimal
    old: Decimal
    contract_size: Decimal
    step: Decimal
    price_digits: int
    price_rounding: PriceRounding = PriceRounding.STANDARD


@dataclass(frozen=True, slots=True)
class AfterSplit:
    """A position after the split; `contracts` before they become lots again."""

    price: Decimal
    lots: Decimal
    contracts: Decimal
    steps: tuple[Step, ...]


def split_position(split: Split, price: Decimal, lots: Decimal) -> AfterSplit:
    """The position's new open price and volume: contracts are rounded, lots go down to the step."""
    exact = price * split.old / split.new
    quantum = Decimal(1).scaleb(-split.price_digits)
    new_price = exact.quantize(quantum, rounding=ROUNDINGS[split.price_rounding])
    exact_contracts = lots * split.contract_size * split.new / split.old
    contracts = exact_contracts.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    exact_lots = contracts / split.contract_size
    new_lots = (exact_lots / split.step).quantize(Decimal(1), rounding=ROUND_FLOOR) * split.step
    steps = (
        Step("price", exact, new_price, split.old / split.new),
        Step("contracts", exact_contracts, contracts, split.new / split.old),
        Step("lots", exact_lots, new_lots),
    )
    return AfterSplit(new_price, new_lots, contracts, steps)


def dividend(
    side: Side, lots: Decimal, amount_per_lot: Decimal, tax_percent: Decimal = Decimal(0), digits: int = 2
) -> Result:
    """What a holder gets after tax, and what one who sold short is charged in full; deposit currency."""
    gross = side.sign * lots * amount_per_lot
    gross_rounded = round_money(gross, digits)
    tax = lots * amount_per_lot * tax_percent / 100 if side is Side.BUY else Decimal(0)
    tax_rounded = round_money(tax, digits)
    value = gross_rounded - tax_rounded
    steps = (
        Step("dividend", gross, gross_rounded),
        Step("tax", tax, tax_rounded, tax_percent),
        Step("amount", gross - tax, value),
    )
    return Result(value, gross - tax, steps)
