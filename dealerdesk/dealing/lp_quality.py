"""How an LP treats our orders: fills, rejects, hold times, slippage, and what its rejects cost. Pure.

*Hold time* is the time from sending to the first answer. *Reject cost* is what the market moved away while the LP
looked and until we could deal again: (mid after the reject − mid when sent) · side · units, summed with its sign, so
that rejects at random cost about nothing and rejects of what moved against the LP cost us.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dealerdesk.dealing.symbol_map import ZERO
from dealerdesk.trading import Side

REJECTS_MIN = 30
"""Below so many rejects a reject cost says little, see `LpQuality.is_telling`."""


@dataclass(frozen=True, slots=True)
class LpAnswer:
    """One order and its answer. Units are ours; `mid_sent` and `mid_after` are the market's, the latter some fixed time
    after the answer. `filled_units` 0 is a reject when `reason` says one, else an order that met no price."""

    lp: str
    instrument: str
    side: Side
    units: Decimal
    filled_units: Decimal
    sent_us: int
    answered_us: int
    mid_sent: Decimal
    mid_after: Decimal
    expected_price: Decimal | None = None
    price: Decimal | None = None
    reason: str = ""

    @property
    def is_rejected(self) -> bool:
        return bool(self.reason) and not self.filled_units

    @property
    def hold_us(self) -> int:
        return self.answered_us - self.sent_us

    @property
    def reject_cost(self) -> Decimal:
        """In the quote currency; positive is what the reject cost us. 0 for what was not rejected."""
        if not self.is_rejected:
            return ZERO
        return self.side.sign * (self.mid_after - self.mid_sent) * self.units

    @property
    def slippage(self) -> Decimal:
        """(fill − expected) · side · units filled; positive is worse for us."""
        if self.price is None or self.expected_price is None:
            return ZERO
        return self.side.sign * (self.price - self.expected_price) * self.filled_units


@dataclass(frozen=True, slots=True)
class LpQuality:
    """One LP on one instrument. Holds in µs by nearest rank; costs in the instrument's quote currency."""

    lp: str
    instrument: str
    orders: int
    rejected: int
    asked_units: Decimal
    filled_units: Decimal
    hold_p50_us: int
    hold_p95_us: int
    hold_max_us: int
    rejected_hold_p50_us: int
    slippage: Decimal
    reject_cost: Decimal
    reasons: tuple[tuple[str, int], ...]

    @property
    def reject_percent(self) -> float:
        return 100 * self.rejected / self.orders

    @property
    def fill_percent(self) -> float:
        """Of what was asked for."""
        return float(100 * self.filled_units / self.asked_units)

    @property
    def is_telling(self) -> bool:
        """Whether there are enough rejects to judge their cost by."""
        return self.rejected >= REJECTS_MIN


def quality(answers: Iterable[LpAnswer]) -> list[LpQuality]:
    """By LP and instrument, in their order. ValueError for an order of nothing."""
    groups: dict[tuple[str, str], list[LpAnswer]] = {}
    for answer in answers:
        if answer.units <= 0:
            raise ValueError(f"{answer.lp} {answer.instrument}: an order of {answer.units}")
        groups.setdefault((answer.lp, answer.instrument), []).append(answer)
    return [_quality(lp, instrument, group) for (lp, instrument), group in sorted(groups.items())]


def _quality(lp: str, instrument: str, answers: Sequence[LpAnswer]) -> LpQuality:
    holds = sorted(answer.hold_us for answer in answers)
    rejected = [answer for answer in answers if answer.is_rejected]
    reasons: dict[str, int] = {}
    for answer in rejected:
        reasons[answer.reason] = reasons.get(answer.reason, 0) + 1
    return LpQuality(
        lp=lp,
        instrument=instrument,
        orders=len(answers),
        rejected=len(rejected),
        asked_units=sum((answer.units for answer in answers), ZERO),
        filled_units=sum((answer.filled_units for answer in answers), ZERO),
        hold_p50_us=_rank(holds, 50),
        hold_p95_us=_rank(holds, 95),
        hold_max_us=holds[-1],
        rejected_hold_p50_us=_rank(sorted(answer.hold_us for answer in rejected), 50),
        slippage=sum((answer.slippage for answer in answers), ZERO),
        reject_cost=sum((answer.reject_cost for answer in answers), ZERO),
        reasons=tuple(sorted(reasons.items(), key=_most_first)),
    )


def _rank(ordered: Sequence[int], percent: int) -> int:
    """The nearest-rank percentile of an ascending list; 0 of an empty one."""
    return ordered[math.ceil(len(ordered) * percent / 100) - 1] if ordered else 0


def _most_first(reason: tuple[str, int]) -> tuple[int, str]:
    return -reason[1], reason[0]
