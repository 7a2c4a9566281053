"""What a platform deletes and closes when an account reaches its stop-out, in which order, and what that leaves.

Scalar: one account, figures in its deposit currency. A position's margin is taken as it is given; where a hedge makes
the rest of a symbol dearer or cheaper, `remeasure` says what all that is left demands (field/formulas 4.8).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from dealerdesk.formulas.rounding import round_money
from dealerdesk.formulas.steps import Step

NOTHING = Decimal(0)
LEVEL_DIGITS = 2


class StopOutMode(StrEnum):
    """PERCENT: the margin level in percent is held against the threshold; MONEY: the equity."""

    PERCENT = "percent"
    MONEY = "money"


class ClosingOrder(StrEnum):
    """Which position goes first: the one that loses most (MT4, MT5), or the one that binds most margin (cTrader)."""

    LARGEST_LOSS = "largest_loss"
    MOST_MARGIN = "most_margin"


class Act(StrEnum):
    DELETE = "delete"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Threatened:
    """An open position: `profit` is its floating price result, without swap and commission."""

    id: str
    profit: Decimal
    margin: Decimal
    opened_us: int = 0
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Resting:
    """A pending order and the margin it binds."""

    id: str
    margin: Decimal


@dataclass(frozen=True, slots=True)
class StopOutTerms:
    """A group's rule. `oldest_first` closes the oldest position of a symbol before its younger ones (FIFO)."""

    threshold: Decimal
    mode: StopOutMode = StopOutMode.PERCENT
    order: ClosingOrder = ClosingOrder.LARGEST_LOSS
    negative_balance_protection: bool = False
    oldest_first: bool = False
    closes_fully_hedged: bool = False
    """Whether an account without margin but with negative equity is stopped out too."""


@dataclass(frozen=True, slots=True)
class Funds:
    balance: Decimal
    credit: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class Action:
    """One deletion or closing, with equity, margin and level (percent, None without margin) just before it."""

    act: Act
    id: str
    equity: Decimal
    margin: Decimal
    level: Decimal | None


@dataclass(frozen=True, slots=True)
class StopOut:
    """What happened in its order, the balance it left, and what the broker pays to bring that to zero."""

    actions: tuple[Action, ...]
    balance: Decimal
    compensation: Decimal
    steps: tuple[Step, ...]


Remeasure = Callable[[Sequence[Threatened]], Decimal]


def stop_out(
    funds: Funds,
    positions: Sequence[Threatened],
    orders: Sequence[Resting],
    terms: StopOutTerms,
    *,
    remeasure: Remeasure | None = None,
    digits: int = 2,
) -> StopOut:
    """Deletes and closes until the account is above the threshold: orders by margin, then positions as terms say."""
    measure = remeasure or _sum_of_margins
    left, resting, balance = list(positions), list(orders), funds.balance
    actions: list[Action] = []
    steps: list[Step] = []
    while True:
        equity = balance + funds.credit + sum((each.profit for each in left), NOTHING)
        margin = measure(left) + sum((each.margin for each in resting), NOTHING)
        if not is_reached(equity, margin, terms):
            break
        dearest = max((each for each in resting if each.margin > 0), key=_margin, default=None)
        if dearest is None and not left:
            break
        level = _level(equity, margin)
        if dearest is not None:
            resting.remove(dearest)
            actions.append(Action(Act.DELETE, dearest.id, equity, margin, level))
        else:
            gone = first_to_close(left, terms)
            left.remove(gone)
            balance = round_money(balance + gone.profit, digits)
            actions.append(Action(Act.CLOSE, gone.id, equity, margin, level))
        steps.append(_step(actions[-1]))
    compensation = compensated(balance, bool(left), actions, terms)
    return StopOut(tuple(actions), balance, round_money(compensation, digits), tuple(steps))


def is_reached(equity: Decimal, margin: Decimal, terms: StopOutTerms) -> bool:
    """Whether equity and margin are at the threshold or below. Without margin only what is fully hedged and in debt
    may be, where the terms say so."""
    if not margin:
        return terms.closes_fully_hedged and equity < 0
    if terms.mode is StopOutMode.MONEY:
        return equity <= terms.threshold
    return equity * 100 <= terms.threshold * margin


def first_to_close(positions: Sequence[Threatened], terms: StopOutTerms) -> Threatened:
    """The next position to go; of equals the first given. In FIFO the oldest of that position's symbol goes for it."""
    by_margin = terms.order is ClosingOrder.MOST_MARGIN
    chosen = max(positions, key=_margin) if by_margin else min(positions, key=_profit)
    if not terms.oldest_first:
        return chosen
    return min((each for each in positions if each.symbol == chosen.symbol), key=_opened)


def compensated(balance: Decimal, is_left: bool, actions: Sequence[Action], terms: StopOutTerms) -> Decimal:
    """What negative balance protection pays: only when a stop-out closed the last position and left a debt."""
    closed = bool(actions) and actions[-1].act is Act.CLOSE
    return -balance if terms.negative_balance_protection and closed and not is_left and balance < 0 else NOTHING


def credit_taken(credit: Decimal, compensation: Decimal) -> Decimal:
    """The credit that goes after a compensation, where the group says so: all of it."""
    return credit if compensation else NOTHING


def _sum_of_margins(positions: Sequence[Threatened]) -> Decimal:
    return sum((each.margin for each in positions), NOTHING)


def _level(equity: Decimal, margin: Decimal) -> Decimal | None:
    return round_money(equity / margin * 100, LEVEL_DIGITS) if margin else None


def _step(action: Action) -> Step:
    return Step(f"{action.act.value} {action.id}", action.equity, round_money(action.equity, 2), action.level)


def _margin(item: Threatened | Resting) -> Decimal:
    return item.margin


def _profit(position: Threatened) -> Decimal:
    return position.profit


def _opened(position: Threatened) -> int:
    return position.opened_us
