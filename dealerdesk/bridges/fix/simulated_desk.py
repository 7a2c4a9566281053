"""What a simulated LP decides: its depth around a mid, its last look, its fills and rejects. Pure; no FIX, no clock.

It behaves as LPs do, not better: after the hold time it looks at its price once more, rejects what moved against it,
fills what it takes level by level, and slips. It is no model of a real LP.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from random import Random

from dealerdesk.trading import Side

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class LadderStep:
    """`size` to be had at `half_spread` points from the mid, on both sides."""

    size: Decimal
    half_spread: Decimal


@dataclass(frozen=True, slots=True)
class SimulatedTerms:
    """How an LP treats orders. `last_look_points`: a move against it within the hold time beyond which it rejects;
    `reject_percent` are rejected besides, `slip_percent` of the fills are `slip_points` worse than quoted."""

    point: Decimal
    ladder: tuple[LadderStep, ...]
    hold_s: float = 0.05
    last_look_points: Decimal = Decimal(3)
    reject_percent: float = 0.0
    slip_percent: float = 0.0
    slip_points: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Fill:
    quantity: Decimal
    price: Decimal


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an order: its fills, what is left of it, or the reason why it is rejected."""

    fills: tuple[Fill, ...] = ()
    left: Decimal = ZERO
    rejected: str = ""


def levels(terms: SimulatedTerms, mid: Decimal, side: Side) -> list[Fill]:
    """What a `side` order meets, best price first: a buyer the offers above the mid, a seller the bids below it."""
    return [Fill(step.size, mid + side.sign * step.half_spread * terms.point) for step in terms.ladder]


def judge(
    terms: SimulatedTerms,
    chance: Random,
    side: Side,
    quantity: Decimal,
    limit: Decimal | None,
    mids: tuple[Decimal, Decimal],
    *,
    whole: bool,
) -> Verdict:
    """The last look at an order: `mids` when it came and now, `limit` None for a market order, `whole` fill or kill."""
    came, now = mids
    against_points = side.sign * (now - came) / terms.point
    if against_points > terms.last_look_points:
        return Verdict(rejected=f"last look: price moved {against_points:f} points")
    if chance.uniform(0, 100) < terms.reject_percent:
        return Verdict(rejected="no liquidity")
    slip = terms.slip_points * terms.point if chance.uniform(0, 100) < terms.slip_percent else ZERO
    fills, left = _sweep(levels(terms, came, side), quantity, limit, side, side.sign * slip)
    if whole and left:
        return Verdict(left=quantity)
    return Verdict(tuple(fills), left)


def _sweep(
    depth: list[Fill], quantity: Decimal, limit: Decimal | None, side: Side, slip: Decimal
) -> tuple[list[Fill], Decimal]:
    fills = []
    for level in depth:
        price = level.price + slip
        if not quantity or (limit is not None and side.sign * (price - limit) > 0):
            break
        taken = min(quantity, level.quantity)
        fills.append(Fill(taken, price))
        quantity -= taken
    return fills, quantity
