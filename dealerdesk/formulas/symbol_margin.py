"""Margin of everything one account has on one symbol: positions, pending orders, an order to be placed. No tiers.

How they add up is the group's accounting and hedging rule (field/formulas 4.4). Margin is in the margin currency until
`Conversion`'s rate turns it into the deposit currency; every part says its lots, price and rates. Scalar and exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dealerdesk.formulas.margin import (
    HedgeRule,
    Leg,
    MarginTerms,
    Requirement,
    hedged_requirement,
    holding_requirement,
    open_requirement,
)
from dealerdesk.formulas.rounding import round_money
from dealerdesk.formulas.steps import Result, Step
from dealerdesk.trading import Accounting, OrderType, Side

SIDE_OF = {
    OrderType.BUY_LIMIT: Side.BUY,
    OrderType.BUY_STOP: Side.BUY,
    OrderType.SELL_LIMIT: Side.SELL,
    OrderType.SELL_STOP: Side.SELL,
}
NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Pending:
    """A pending order as margin sees it: `price` is where it would open."""

    kind: OrderType
    lots: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class ConvertAt:
    """Margin currency → deposit currency: one rate for all, or None where the symbol itself is the pair and each part
    converts at its own average price."""

    fixed: Decimal | None = Decimal(1)

    def at(self, price: Decimal) -> Decimal:
        """The rate for a part with this price."""
        return price if self.fixed is None else self.fixed


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the margin: lots at an average price, its conversion and its margin rate; `amount` is after both."""

    name: str
    lots: Decimal
    price: Decimal
    conversion: Decimal
    rate: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Holdings:
    """What an account has on a symbol; `placing` is on top of it, at the requirement for opening."""

    positions: Sequence[Leg] = ()
    orders: Sequence[Pending] = ()
    placing: Leg | None = None


@dataclass(frozen=True, slots=True)
class GroupRules:
    """How a group adds up: its accounting, its hedging rule and the account's leverage."""

    leverage: Decimal | int
    accounting: Accounting = Accounting.HEDGING
    hedge_rule: HedgeRule = HedgeRule.BASIC
    conversion: ConvertAt = ConvertAt()


def symbol_margin(
    terms: MarginTerms, legs: Sequence[Leg], leverage: Decimal | int, rule: HedgeRule = HedgeRule.BASIC, digits: int = 2
) -> Result:
    """Margin of all positions of a hedging account on one symbol, in the margin currency."""
    parts = margin_parts(terms, Holdings(legs), GroupRules(leverage, hedge_rule=rule))
    return result_of(parts, digits)


def margin_parts(terms: MarginTerms, holdings: Holdings, rules: GroupRules) -> list[Part]:
    """The parts whose sum is the margin, in the deposit currency, unrounded."""
    match rules.accounting:
        case Accounting.NETTING:
            return _netting(terms, holdings, rules)
        case Accounting.EXCHANGE:
            return _larger_side(terms, holdings, rules)
    if rules.hedge_rule is HedgeRule.LARGER_LEG:
        return _larger_side(terms, holdings, rules)
    return [*_hedged(terms, holdings, rules), *_pending(terms, holdings.orders, rules)]


def result_of(parts: Sequence[Part], digits: int = 2) -> Result:
    """The sum of the parts, rounded once, with a step for each."""
    total = sum((part.amount for part in parts), NOTHING)
    value = round_money(total, digits)
    steps = [Step(part.name, part.amount, round_money(part.amount, digits), part.rate) for part in parts]
    return Result(value, total, (*steps, Step("margin", total, value)))


def lots_charged(terms: MarginTerms, holdings: Holdings) -> Decimal:
    """Lots of all positions and of the orders that carry margin: what tiers by volume count."""
    positions = sum((leg.lots for leg in _held(holdings)), NOTHING)
    orders = (order.lots for order in holdings.orders if terms.order_rates.get(order.kind))
    return positions + sum(orders, NOTHING)


def _part(name: str, need: Requirement, lots: Decimal, price: Decimal, rate: Decimal, rules: GroupRules) -> Part:
    conversion = rules.conversion.at(price)
    return Part(name, lots, price, conversion, rate, need.of(lots, price, rules.leverage) * conversion * rate)


def _held(holdings: Holdings) -> list[Leg]:
    return [*holdings.positions, *((holdings.placing,) if holdings.placing else ())]


def _hedged(terms: MarginTerms, holdings: Holdings, rules: GroupRules) -> list[Part]:
    """The uncovered lots of the larger side, and the covered ones at their own requirement."""
    legs = _held(holdings)
    longs = [leg for leg in legs if leg.side is Side.BUY]
    shorts = [leg for leg in legs if leg.side is Side.SELL]
    bought, sold = _lots(longs), _lots(shorts)
    larger, side = (longs, Side.BUY) if bought >= sold else (shorts, Side.SELL)
    uncovered = _part(
        "uncovered", _need(terms, larger, holdings), abs(bought - sold), _average(larger), terms.rate(side), rules
    )
    covered = min(bought, sold) * (2 if rules.hedge_rule is HedgeRule.BOTH_LEGS else 1)
    mean_rate = (terms.rate_buy + terms.rate_sell) / 2
    return [uncovered, _part("covered", hedged_requirement(terms), covered, _average(legs), mean_rate, rules)]


def _need(terms: MarginTerms, legs: Sequence[Leg], holdings: Holdings) -> Requirement:
    """The requirement per lot of a side; an order to be placed demands what opening does."""
    holding, opening = holding_requirement(terms), open_requirement(terms)
    lots = _lots(legs)
    if holdings.placing is None or holdings.placing not in legs or holding == opening or not lots:
        return holding
    placed = holdings.placing.lots
    amount = (holding.amount * (lots - placed) + opening.amount * placed) / lots
    return Requirement(amount, holding.priced, holding.levered)


def _pending(terms: MarginTerms, orders: Iterable[Pending], rules: GroupRules) -> list[Part]:
    """A part for each order whose type has a rate."""
    need = open_requirement(terms)
    return [
        _part(order.kind.value, need, order.lots, order.price, rate, rules)
        for order in orders
        if (rate := terms.order_rates.get(order.kind, NOTHING))
    ]


def _larger_side(terms: MarginTerms, holdings: Holdings, rules: GroupRules) -> list[Part]:
    """All that is or would be bought against all that is or would be sold: the larger sum counts."""
    bought, sold = (_side(terms, holdings, rules, side) for side in (Side.BUY, Side.SELL))
    return bought if _amount(bought) >= _amount(sold) else sold


def _side(terms: MarginTerms, holdings: Holdings, rules: GroupRules, side: Side) -> list[Part]:
    legs = [leg for leg in _held(holdings) if leg.side is side]
    name = "buy side" if side is Side.BUY else "sell side"
    held = _part(name, _need(terms, legs, holdings), _lots(legs), _average(legs), terms.rate(side), rules)
    orders = [order for order in holdings.orders if SIDE_OF[order.kind] is side]
    return [held, *_pending(terms, orders, rules)]


def _netting(terms: MarginTerms, holdings: Holdings, rules: GroupRules) -> list[Part]:
    """The position with what adds to it, or what turns it round by more than that would demand, if that is larger."""
    net = sum((leg.side.sign * leg.lots for leg in holdings.positions), NOTHING)
    side = Side.BUY if net >= 0 else Side.SELL
    along = [leg for leg in holdings.positions if leg.side is side]
    held = _part("position", holding_requirement(terms), abs(net), _average(along), terms.rate(side), rules)
    same = [held, *_placed(terms, holdings, rules, side)]
    against = _placed(terms, holdings, rules, side.opposite)
    over = _lots(against) - abs(net)
    if over <= 0:
        return same
    left = [_shrunk(part, over / _lots(against)) for part in against]
    return left if _amount(left) > _amount(same) else same


def _placed(terms: MarginTerms, holdings: Holdings, rules: GroupRules, side: Side) -> list[Part]:
    """What is ordered on a side: pending orders that carry margin, and the order to be placed."""
    parts = _pending(terms, [order for order in holdings.orders if SIDE_OF[order.kind] is side], rules)
    placing = holdings.placing
    if placing is not None and placing.side is side:
        need = open_requirement(terms)
        parts.append(_part("order", need, placing.lots, placing.price, terms.rate(side), rules))
    return parts


def _shrunk(part: Part, share: Decimal) -> Part:
    return Part(part.name, part.lots * share, part.price, part.conversion, part.rate, part.amount * share)


def _amount(parts: Sequence[Part]) -> Decimal:
    return sum((part.amount for part in parts), NOTHING)


def _lots(items: Sequence[Leg] | Sequence[Part]) -> Decimal:
    return sum((item.lots for item in items), NOTHING)


def _average(legs: Sequence[Leg]) -> Decimal:
    lots = _lots(legs)
    return sum((leg.lots * leg.price for leg in legs), NOTHING) / lots if lots else NOTHING
