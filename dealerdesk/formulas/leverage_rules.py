"""Which leverage counts at a moment: by schedule, by the account's equity, and the higher margin around news. Pure.

What tiers make of it is in `tiers`. Times are µs UTC; a schedule is told in minutes since Monday 00:00 UTC, the
bridge having turned the server's hours into it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dealerdesk.clock import WEEK_MINUTES, is_within_week
from dealerdesk.formulas.rounding import round_money
from dealerdesk.formulas.steps import Result, Step


@dataclass(frozen=True, slots=True)
class ScheduledLeverage:
    """No more than this leverage from one minute of the week to another (exclusive); it may run over Sunday's end."""

    begin_minute: int
    end_minute: int
    leverage: int

    def holds(self, minute: int) -> bool:
        """Whether the minute of the week lies within."""
        return is_within_week(minute, self.begin_minute, self.end_minute)


@dataclass(frozen=True, slots=True)
class EquityLeverage:
    """No more than this leverage for an account with at least so much equity (deposit currency)."""

    equity: Decimal
    leverage: int


@dataclass(frozen=True, slots=True)
class NewsWindow:
    """A time of higher margin: what is opened in it costs `rate` times its margin as long as the window lasts."""

    begin_us: int
    end_us: int
    rate: Decimal

    def holds(self, moment_us: int) -> bool:
        """Whether the moment lies within; the end does not."""
        return self.begin_us <= moment_us < self.end_us


def leverage_at(
    granted: int,
    minute: int,
    equity: Decimal,
    schedule: Sequence[ScheduledLeverage] = (),
    by_equity: Sequence[EquityLeverage] = (),
) -> int:
    """The least of what was granted, what the schedule allows now, and what the account's equity allows.

    Of the equity's steps the highest that is reached counts. Raises ValueError for a minute outside the week.
    """
    if not 0 <= minute < WEEK_MINUTES:
        raise ValueError(f"minute: expected 0 to {WEEK_MINUTES - 1}, got {minute}")
    allowed = [granted, *(entry.leverage for entry in schedule if entry.holds(minute))]
    reached = [step for step in by_equity if equity >= step.equity]
    if reached:
        allowed.append(max(reached, key=_equity).leverage)
    return min(allowed)


def margin_in_news(
    margin: Decimal,
    lots: Decimal,
    opened: Sequence[tuple[int, Decimal]],
    window: NewsWindow,
    now_us: int,
    digits: int = 2,
) -> Result:
    """Margin of a symbol's `lots` when those opened within the window cost more; `opened` is (moment, lots) each.

    Volume that was closed again within the window (a hedge taken apart, say) frees what was opened last: no more than
    the lots that are left can be inside. Before and after the window nothing is higher.
    """
    inside = sum((size for moment, size in opened if window.holds(moment)), Decimal(0)) if window.holds(now_us) else 0
    dearer = min(lots, Decimal(inside))
    mean = margin / lots if lots else Decimal(0)
    extra = mean * dearer * (window.rate - 1)
    total = margin + extra
    value = round_money(total, digits)
    steps = (
        Step("margin", margin, round_money(margin, digits)),
        Step("opened in the window", extra, round_money(extra, digits), window.rate),
        Step("margin in the window", total, value),
    )
    return Result(value, total, steps)


def _equity(step: EquityLeverage) -> Decimal:
    return step.equity
