"""Profit of a position by the symbol's calculation mode, with each mode's own rounding. Knows no live prices.

Scalar and exact. Prices are per unit, volumes in lots, the result in the profit currency (or, with a rate, in the
deposit currency), signed from the client's side.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from dealerdesk.formulas.rounding import round_money
from dealerdesk.formulas.steps import Result, Step
from dealerdesk.instruments import CalculationMode, Symbol
from dealerdesk.trading import Side

FOREX_MODES = frozenset({CalculationMode.FOREX, CalculationMode.FOREX_NO_LEVERAGE})


@dataclass(frozen=True, slots=True)
class Contract:
    """What one lot is: `contract_size` units; futures and indices pay `tick_value` per `tick_size` of price, a bond's
    price is a percentage of its `face_value`."""

    contract_size: Decimal
    tick_value: Decimal = Decimal(0)
    tick_size: Decimal = Decimal(0)
    face_value: Decimal = Decimal(0)


def contract_of(symbol: Symbol) -> Contract:
    """The contract of a server's symbol."""
    return Contract(symbol.contract_size, symbol.tick_value, symbol.tick_size)


def value_per_lot(mode: CalculationMode, contract: Contract) -> Decimal:
    """Profit currency per lot and 1.0 of price; raises ValueError for a future without a tick size."""
    match mode:
        case CalculationMode.FUTURES:
            return ticks_per_price(contract)
        case CalculationMode.BONDS:
            return contract.contract_size * contract.face_value / 100
        case _:
            return contract.contract_size


def ticks_per_price(contract: Contract) -> Decimal:
    """What one lot pays per 1.0 of price; raises ValueError without a tick size."""
    if contract.tick_size <= 0:
        raise ValueError(f"tick_size: expected more than 0, got {contract.tick_size}")
    return contract.tick_value / contract.tick_size


def profit(
    mode: CalculationMode,
    side: Side,
    lots: Decimal,
    open_price: Decimal,
    close_price: Decimal,
    contract: Contract,
    digits: int = 2,
) -> Result:
    """Profit in the profit currency, which has `digits` decimals. In the forex modes each leg is rounded."""
    per_price = lots * value_per_lot(mode, contract)
    unrounded = side.sign * (close_price - open_price) * per_price
    if mode not in FOREX_MODES:
        value = round_money(unrounded, digits)
        return Result(value, unrounded, (Step("profit", unrounded, value),))
    closing, opening = close_price * per_price, open_price * per_price
    closing_rounded, opening_rounded = round_money(closing, digits), round_money(opening, digits)
    value = side.sign * (closing_rounded - opening_rounded)
    steps = (
        Step("value at close", closing, closing_rounded),
        Step("value at open", opening, opening_rounded),
        Step("profit", unrounded, value),
    )
    return Result(value, unrounded, steps)


def profit_converted(
    mode: CalculationMode,
    side: Side,
    lots: Decimal,
    open_price: Decimal,
    close_price: Decimal,
    contract: Contract,
    rate: Decimal,
    digits: int = 2,
    profit_digits: int = 2,
) -> Result:
    """Profit in the deposit currency at `rate` (profit → deposit); what is converted is the rounded profit."""
    raw = profit(mode, side, lots, open_price, close_price, contract, profit_digits)
    converted = raw.value * rate
    value = round_money(converted, digits)
    return Result(value, raw.unrounded * rate, (*raw.steps, Step("converted", converted, value, rate)))
