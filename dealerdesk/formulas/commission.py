"""Commission of deals by a group's tiers (field/formulas 4.7): one amount a deal, positive is what the client pays.

What the tiers look at is the deal itself or the turnover of all charged deals; of several tiers the first suitable one
counts. When it is charged (at once, daily, monthly) and who earns it is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from dealerdesk.formulas.rounding import round_money
from dealerdesk.formulas.steps import Step

NOTHING = Decimal(0)


class RangeBy(StrEnum):
    """What a tier's range is about: this deal's lots, notional value or profit, or the turnover in money or lots."""

    LOTS = "lots"
    TURNOVER_MONEY = "turnover_money"
    TURNOVER_LOTS = "turnover_lots"
    NOTIONAL = "notional"
    PROFIT = "profit"


class Charged(StrEnum):
    """Which deals are charged: every one, those that open, or those that close."""

    ALL = "all"
    IN = "in"
    OUT = "out"


class DealEntry(StrEnum):
    """OUT_BY closes a position by an opposite one."""

    IN = "in"
    OUT = "out"
    OUT_BY = "out_by"


class Per(StrEnum):
    DEAL = "deal"
    LOT = "lot"


class Unit(StrEnum):
    """What a tier's rate is: money, pips of price, percent of the deal's value, or percent of its profit."""

    MONEY = "money"
    PIPS = "pips"
    PERCENT = "percent"
    PERCENT_OF_PROFIT = "percent_of_profit"


@dataclass(frozen=True, slots=True)
class CommissionTier:
    """`end` None is without end; `smallest` and `largest` bound the amount, 0 is no bound."""

    begin: Decimal
    end: Decimal | None
    rate: Decimal
    smallest: Decimal = NOTHING
    largest: Decimal = NOTHING

    def suits(self, amount: Decimal) -> bool:
        """Whether the amount lies in the tier, its ends included."""
        return self.begin <= amount and (self.end is None or amount <= self.end)


@dataclass(frozen=True, slots=True)
class CommissionTerms:
    """`contract_size` units a lot and `pip` of price turn lots into money where a unit or a range needs it."""

    range_by: RangeBy
    charged: Charged
    per: Per
    unit: Unit
    tiers: Sequence[CommissionTier]
    contract_size: Decimal = Decimal(1)
    pip: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class ChargedDeal:
    """A deal as commission sees it; `closes` is the place of the deal whose position it closes."""

    entry: DealEntry
    lots: Decimal
    price: Decimal = NOTHING
    profit: Decimal = NOTHING
    closes: int | None = None


@dataclass(frozen=True, slots=True)
class Commissions:
    """One amount a deal, in the deals' order, and how each came about."""

    amounts: tuple[Decimal, ...]
    steps: tuple[Step, ...]


def commissions(terms: CommissionTerms, deals: Sequence[ChargedDeal], digits: int = 2) -> Commissions:
    """The commission of each deal. With ranges of turnover all deals take the tier that the whole period reached."""
    turnover = sum((_turnover(terms, deal) for deal in deals if _is_charged(terms, deal)), NOTHING)
    own = [_amount(terms, deal, turnover) if _is_charged(terms, deal) else (NOTHING, None) for deal in deals]
    amounts = [amount for amount, _tier in own]
    _join_close_bys(terms, deals, amounts)
    rounded = [round_money(amount, digits) for amount in amounts]
    steps = (
        Step(f"deal {place}", amount, rounded[place], None if own[place][1] is None else own[place][1])
        for place, amount in enumerate(amounts)
    )
    return Commissions(tuple(rounded), tuple(steps))


def deal_value(terms: CommissionTerms, deal: ChargedDeal) -> Decimal:
    """Lots × contract size × price: the deal's notional in the currency of its price."""
    return deal.lots * terms.contract_size * deal.price


def _is_charged(terms: CommissionTerms, deal: ChargedDeal) -> bool:
    match deal.entry:
        case DealEntry.IN:
            return terms.charged in {Charged.ALL, Charged.IN}
        case DealEntry.OUT:
            return terms.charged in {Charged.ALL, Charged.OUT}
        case DealEntry.OUT_BY:
            # both positions were charged when they were opened, unless only closing is
            return terms.charged is Charged.OUT


def _turnover(terms: CommissionTerms, deal: ChargedDeal) -> Decimal:
    return deal_value(terms, deal) if terms.range_by is RangeBy.TURNOVER_MONEY else deal.lots


def _amount(terms: CommissionTerms, deal: ChargedDeal, turnover: Decimal) -> tuple[Decimal, Decimal | None]:
    """The deal's amount and the rate that gave it, unrounded; no suitable tier charges nothing."""
    reach = _reach(terms, deal, turnover)
    tier = next((each for each in terms.tiers if each.suits(reach)), None)
    if tier is None:
        return NOTHING, None
    amount = tier.rate * _base(terms, deal)
    if tier.smallest:
        amount = max(amount, tier.smallest)
    if tier.largest:
        amount = min(amount, tier.largest)
    return amount, tier.rate


def _reach(terms: CommissionTerms, deal: ChargedDeal, turnover: Decimal) -> Decimal:
    match terms.range_by:
        case RangeBy.LOTS:
            return deal.lots
        case RangeBy.NOTIONAL:
            return deal_value(terms, deal)
        case RangeBy.PROFIT:
            return deal.profit
        case _:
            return turnover


def _base(terms: CommissionTerms, deal: ChargedDeal) -> Decimal:
    """What one unit of the rate is worth for the deal."""
    match terms.unit:
        case Unit.PERCENT:
            return deal_value(terms, deal) / 100
        case Unit.PERCENT_OF_PROFIT:
            return deal.profit / 100
        case Unit.PIPS:
            worth = terms.contract_size * terms.pip
            return worth * (deal.lots if terms.per is Per.LOT else 1)
        case Unit.MONEY:
            return deal.lots if terms.per is Per.LOT else Decimal(1)


def _join_close_bys(terms: CommissionTerms, deals: Sequence[ChargedDeal], amounts: list[Decimal]) -> None:
    """Two positions that closed each other pay on the first of their two deals."""
    if terms.charged is not Charged.OUT:
        return
    waiting: int | None = None
    for place, deal in enumerate(deals):
        if deal.entry is not DealEntry.OUT_BY:
            continue
        if waiting is None:
            waiting = place
        else:
            amounts[waiting] += amounts[place]
            amounts[place] = NOTHING
            waiting = None
