"""What a symbol demands of a position: its requirement per lot, by calculation mode (field/formulas 4.3). Scalar.

A position's margin is volume × a requirement per lot, in the margin currency. How several positions and orders of an
account add up is in `symbol_margin`, tiers over that sum are in `tiers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from dealerdesk.formulas.profit import Contract, contract_of, ticks_per_price
from dealerdesk.formulas.rounding import round_money
from dealerdesk.formulas.steps import Result, Step
from dealerdesk.instruments import LOT, CalculationMode, Symbol
from dealerdesk.trading import OrderType, Side


class HedgeRule(StrEnum):
    """BASIC: the uncovered part in full, the covered part at its own requirement per covered lot; LARGER_LEG: only the
    larger side; BOTH_LEGS: as BASIC, but the requirement is that of each leg's lot, as MT4 counts it."""

    BASIC = "basic"
    LARGER_LEG = "larger_leg"
    BOTH_LEGS = "both_legs"


@dataclass(frozen=True, slots=True)
class MarginTerms:
    """What a symbol demands; the rates multiply by side, and by type for pending orders (no rate: no margin).

    `initial` > 0 is a fixed amount per lot that replaces the mode's own, `maintenance` > 0 the one for holding what is
    open; `hedged` is a contract size per covered lot, or with `initial` an amount per covered lot.
    """

    mode: CalculationMode
    contract: Contract
    initial: Decimal = Decimal(0)
    hedged: Decimal = Decimal(0)
    rate_buy: Decimal = Decimal(1)
    rate_sell: Decimal = Decimal(1)
    maintenance: Decimal = Decimal(0)
    order_rates: Mapping[OrderType, Decimal] = field(default_factory=dict)

    @property
    def is_fixed(self) -> bool:
        """Whether an amount per lot stands in the place of the mode's own formula."""
        return bool(self.initial) or self.mode is CalculationMode.FUTURES

    def rate(self, side: Side) -> Decimal:
        """What multiplies the margin of a position on this side."""
        return self.rate_buy if side is Side.BUY else self.rate_sell


@dataclass(frozen=True, slots=True)
class Leg:
    """An open position as margin sees it: `price` is its open price."""

    side: Side
    lots: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class Requirement:
    """Margin per lot before the leverage: `amount` (× price if `priced`), divided by the leverage if `levered`."""

    amount: Decimal
    priced: bool
    levered: bool

    def of(self, lots: Decimal, price: Decimal, leverage: Decimal | int) -> Decimal:
        """Margin currency for `lots` at `price`."""
        margin = lots * self.amount * (price if self.priced else 1)
        return margin / leverage if self.levered else margin


def terms_of(symbol: Symbol) -> MarginTerms:
    """The margin terms of a server's symbol."""
    return MarginTerms(
        symbol.calculation_mode,
        contract_of(symbol),
        symbol.margin_initial,
        symbol.hedged_contract_size,
        symbol.margin_rate,
        symbol.margin_rate,
    )


def requirement(terms: MarginTerms, size: Decimal) -> Requirement:
    """What one lot of `size` units demands in the terms' mode; with a fixed margin `size` is that amount."""
    levered = terms.mode in {CalculationMode.FOREX, CalculationMode.CFD_LEVERAGE}
    if terms.is_fixed:
        return Requirement(size, False, levered)
    priced = terms.mode not in {CalculationMode.FOREX, CalculationMode.FOREX_NO_LEVERAGE}
    if terms.mode is CalculationMode.CFD_INDEX:
        size = size * ticks_per_price(terms.contract)
    if terms.mode is CalculationMode.BONDS:
        size = size * terms.contract.face_value / 100
    return Requirement(size, priced, levered)


def open_requirement(terms: MarginTerms) -> Requirement:
    """What one lot demands to be opened."""
    return requirement(terms, terms.initial if terms.is_fixed else terms.contract.contract_size)


def holding_requirement(terms: MarginTerms) -> Requirement:
    """What one uncovered lot that is open demands: the maintenance margin where there is one."""
    if terms.is_fixed and terms.maintenance:
        return requirement(terms, terms.maintenance)
    return open_requirement(terms)


def hedged_requirement(terms: MarginTerms) -> Requirement:
    """What one covered lot (a lot bought against a lot sold) demands."""
    return requirement(terms, terms.hedged)


def position_margin(terms: MarginTerms, leg: Leg, leverage: Decimal | int, digits: int = 2) -> Result:
    """Margin of one position alone, in the margin currency."""
    rate = terms.rate(leg.side)
    unrounded = holding_requirement(terms).of(leg.lots, leg.price, leverage) * rate
    value = round_money(unrounded, digits)
    return Result(value, unrounded, (Step("margin", unrounded, value, rate),))


def lots_of(volume: int) -> Decimal:
    """Lots of an integer volume of 1e-8 lot."""
    return Decimal(volume) / LOT
