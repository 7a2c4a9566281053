"""Margin of positions on one symbol, basic hedging and larger leg, in the margin currency. No tiers, no conversion.

A position's margin is volume × a requirement per lot. The requirement follows from the calculation mode; tiers and
rates per order type multiply it, so they join as parameters. Scalar and exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from dealerdesk.formulas.profit import Contract, contract_of
from dealerdesk.formulas.rounding import round_money
from dealerdesk.formulas.steps import Result, Step
from dealerdesk.instruments import LOT, CalculationMode, Symbol
from dealerdesk.trading import Side


class HedgeRule(StrEnum):
    """BASIC: the uncovered part in full, the covered part at its own requirement; LARGER_LEG: only the larger side."""

    BASIC = "basic"
    LARGER_LEG = "larger_leg"


@dataclass(frozen=True, slots=True)
class MarginTerms:
    """What a symbol demands; the rates multiply by side.

    `initial` > 0 is a fixed amount per lot that replaces the mode's own; `hedged` is a contract size per covered lot,
    or with `initial` an amount per covered lot.
    """

    mode: CalculationMode
    contract: Contract
    initial: Decimal = Decimal(0)
    hedged: Decimal = Decimal(0)
    rate_buy: Decimal = Decimal(1)
    rate_sell: Decimal = Decimal(1)


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

    def of(self, lots: Decimal, price: Decimal, leverage: int) -> Decimal:
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
    if terms.initial or terms.mode is CalculationMode.FUTURES:
        return Requirement(size, False, levered)
    priced = terms.mode not in {CalculationMode.FOREX, CalculationMode.FOREX_NO_LEVERAGE}
    if terms.mode is CalculationMode.CFD_INDEX:
        size = size * terms.contract.tick_value / terms.contract.tick_size
    return Requirement(size, priced, levered)


def open_requirement(terms: MarginTerms) -> Requirement:
    """What one uncovered lot demands."""
    fixed = terms.initial or terms.mode is CalculationMode.FUTURES
    return requirement(terms, terms.initial if fixed else terms.contract.contract_size)


def hedged_requirement(terms: MarginTerms) -> Requirement:
    """What one covered lot (a lot bought against a lot sold) demands."""
    return requirement(terms, terms.hedged)


def position_margin(terms: MarginTerms, leg: Leg, leverage: int, digits: int = 2) -> Result:
    """Margin of one position alone, in the margin currency."""
    rate = terms.rate_buy if leg.side is Side.BUY else terms.rate_sell
    unrounded = open_requirement(terms).of(leg.lots, leg.price, leverage) * rate
    value = round_money(unrounded, digits)
    return Result(value, unrounded, (Step("margin", unrounded, value, rate),))


def symbol_margin(
    terms: MarginTerms, legs: Sequence[Leg], leverage: int, rule: HedgeRule = HedgeRule.BASIC, digits: int = 2
) -> Result:
    """Margin of all positions of one account on one symbol, in the margin currency."""
    longs = [leg for leg in legs if leg.side is Side.BUY]
    shorts = [leg for leg in legs if leg.side is Side.SELL]
    if rule is HedgeRule.LARGER_LEG:
        return _larger_leg(terms, longs, shorts, leverage, digits)
    return _basic(terms, longs, shorts, leverage, digits)


def lots_of(volume: int) -> Decimal:
    """Lots of an integer volume of 1e-8 lot."""
    return Decimal(volume) / LOT


def _basic(terms: MarginTerms, longs: list[Leg], shorts: list[Leg], leverage: int, digits: int) -> Result:
    bought, sold = _lots(longs), _lots(shorts)
    larger, rate = (longs, terms.rate_buy) if bought >= sold else (shorts, terms.rate_sell)
    open_part = open_requirement(terms).of(abs(bought - sold), _average(larger), leverage) * rate
    mean_rate = (terms.rate_buy + terms.rate_sell) / 2
    covered = hedged_requirement(terms).of(min(bought, sold), _average(longs + shorts), leverage) * mean_rate
    total = open_part + covered
    value = round_money(total, digits)
    steps = (
        Step("uncovered", open_part, round_money(open_part, digits), rate),
        Step("covered", covered, round_money(covered, digits), mean_rate),
        Step("margin", total, value),
    )
    return Result(value, total, steps)


def _larger_leg(terms: MarginTerms, longs: list[Leg], shorts: list[Leg], leverage: int, digits: int) -> Result:
    need = open_requirement(terms)
    bought = need.of(_lots(longs), _average(longs), leverage) * terms.rate_buy
    sold = need.of(_lots(shorts), _average(shorts), leverage) * terms.rate_sell
    total = max(bought, sold)
    value = round_money(total, digits)
    steps = (
        Step("buy side", bought, round_money(bought, digits), terms.rate_buy),
        Step("sell side", sold, round_money(sold, digits), terms.rate_sell),
        Step("margin", total, value),
    )
    return Result(value, total, steps)


def _lots(legs: Sequence[Leg]) -> Decimal:
    return sum((leg.lots for leg in legs), Decimal(0))


def _average(legs: Sequence[Leg]) -> Decimal:
    lots = _lots(legs)
    return sum((leg.lots * leg.price for leg in legs), Decimal(0)) / lots if lots else Decimal(0)
