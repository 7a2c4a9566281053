"""Swap of a position over one rollover, and which weekday charges how many (field/formulas 4.6). Books nothing.

Amounts are in the deposit currency, signed as the rate is: a negative one is paid by the client.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from dealerdesk.formulas.profit import FOREX_MODES, Contract, ticks_per_price, value_per_lot
from dealerdesk.formulas.rounding import round_money
from dealerdesk.formulas.steps import Result, Step
from dealerdesk.instruments import CalculationMode
from dealerdesk.trading import Side

WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")


class SwapKind(StrEnum):
    """What a side's swap rate is: points of price, money per lot, percent a year of the value at the current or the
    open price, or points by which the position is opened anew."""

    POINTS = "points"
    CURRENCY = "currency"
    INTEREST_CURRENT = "interest_current"
    INTEREST_OPEN = "interest_open"
    REOPEN_CLOSE = "reopen_close"
    REOPEN_BID = "reopen_bid"


@dataclass(frozen=True, slots=True)
class SwapTerms:
    """A symbol's swap: `long` and `short` are the sides' rates, `point` the smallest step of its price."""

    kind: SwapKind
    mode: CalculationMode
    contract: Contract
    point: Decimal
    long: Decimal
    short: Decimal
    days_in_year: int = 360
    rounds_point: bool = True
    """Whether the value of one point is rounded before it is multiplied, as MT5 does."""

    def rate(self, side: Side) -> Decimal:
        """The swap rate of a side."""
        return self.long if side is Side.BUY else self.short


def swap(
    terms: SwapTerms,
    side: Side,
    lots: Decimal,
    price: Decimal,
    *,
    conversion: Decimal = Decimal(1),
    multiplier: Decimal = Decimal(1),
    digits: int = 2,
) -> Result:
    """Swap of one rollover in the deposit currency; raises ValueError for a kind that reopens the position.

    `price` is the current or the open one, as the kind says; only interest looks at it.
    """
    match terms.kind:
        case SwapKind.POINTS:
            return _by_points(terms, side, lots, conversion, multiplier, digits)
        case SwapKind.CURRENCY:
            return _charged("money", lots * terms.rate(side), conversion, multiplier, digits)
        case SwapKind.INTEREST_CURRENT | SwapKind.INTEREST_OPEN:
            year = position_value(terms, lots, price) * terms.rate(side) / 100
            return _charged("interest", year / terms.days_in_year, conversion, multiplier, digits)
        case _:
            raise ValueError(f"mode: {terms.kind.value} changes the open price and charges no money")


def position_value(terms: SwapTerms, lots: Decimal, price: Decimal) -> Decimal:
    """What interest is paid on: Forex in the base currency, futures through their ticks, all else at the price."""
    if terms.mode in FOREX_MODES:
        return lots * terms.contract.contract_size
    if terms.mode is CalculationMode.FUTURES:
        return lots * terms.contract.contract_size * price * ticks_per_price(terms.contract)
    return lots * value_per_lot(terms.mode, terms.contract) * price


def reopened_at(terms: SwapTerms, side: Side, close_price: Decimal) -> Decimal:
    """The open price after a rollover that reopens: a rate in the client's favour makes a purchase cheaper and a sale
    dearer."""
    return close_price - side.sign * terms.rate(side) * terms.point


def swap_days(
    multipliers: Mapping[str, Decimal], holidays: Collection[str], *, considers_holidays: bool
) -> dict[str, Decimal]:
    """How many swaps each weekday charges. A holiday's are charged on the last working day before it, if the symbol
    considers holidays; a working day is no holiday and charges something by itself."""
    days = {day: multipliers.get(day, Decimal(0)) for day in WEEKDAYS}
    if not considers_holidays:
        return days
    charged = dict(days)
    for day in holidays:
        before = _working_day_before(day, days, holidays)
        if before is not None:
            charged[before] += days[day]
            charged[day] -= days[day]
    return charged


def _working_day_before(day: str, days: Mapping[str, Decimal], holidays: Collection[str]) -> str | None:
    place = WEEKDAYS.index(day)
    for back in range(1, len(WEEKDAYS)):
        earlier = WEEKDAYS[place - back]
        if earlier not in holidays and days[earlier]:
            return earlier
    return None


def _by_points(
    terms: SwapTerms, side: Side, lots: Decimal, conversion: Decimal, multiplier: Decimal, digits: int
) -> Result:
    point_value = lots * value_per_lot(terms.mode, terms.contract) * terms.point * conversion
    rounded = round_money(point_value, digits)
    night = (rounded if terms.rounds_point else point_value) * terms.rate(side)
    night_rounded = round_money(night, digits)
    total = (night_rounded if terms.rounds_point else night) * multiplier
    value = round_money(total, digits)
    steps = (
        Step("value of one point", point_value, rounded, conversion),
        Step("one night", night, night_rounded, terms.rate(side)),
        Step("swap", total, value, multiplier),
    )
    return Result(value, point_value * terms.rate(side) * multiplier, steps)


def _charged(name: str, night: Decimal, conversion: Decimal, multiplier: Decimal, digits: int) -> Result:
    converted = night * conversion
    total = converted * multiplier
    value = round_money(total, digits)
    steps = (
        Step(name, night, round_money(night, digits)),
        Step("converted", converted, round_money(converted, digits), conversion),
        Step("swap", total, value, multiplier),
    )
    return Result(value, total, steps)
