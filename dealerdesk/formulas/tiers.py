"""Dynamic leverage: margin by tiers of volume or value, sliced (field/formulas 4.5). Knows no symbols and no schedules.

Each slice of the whole takes its own tier's rate; the result multiplies the mean margin per lot of everything that the
rule covers, one symbol or several together. Below the first tier the rate is 1, above the last one its rate goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from dealerdesk.formulas.rounding import round_money
from dealerdesk.formulas.steps import Result, Step

NOTHING = Decimal(0)


class TiersBy(StrEnum):
    """VOLUME: lots; VALUE: margin × leverage, in the range's currency."""

    VOLUME = "volume"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Tier:
    """What lies above `begin` up to `end` (None: without end) costs `rate` times the margin."""

    begin: Decimal
    end: Decimal | None
    rate: Decimal

    def slice_of(self, whole: Decimal) -> Decimal:
        """How much of the whole lies in this tier."""
        top = whole if self.end is None else min(whole, self.end)
        return max(NOTHING, top - self.begin)


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the whole and the rate it takes."""

    name: str
    size: Decimal
    rate: Decimal


def slices(tiers: Sequence[Tier], whole: Decimal) -> list[Slice]:
    """The slices of `whole` from the bottom up; raises ValueError when tiers are out of order or overlap."""
    check(tiers)
    found = [Slice(_name(tier), tier.slice_of(whole), tier.rate) for tier in tiers]
    top = tiers[-1].end
    if top is not None and whole > top:
        found.append(Slice(f"above {top}", whole - top, tiers[-1].rate))
    rest = whole - sum((each.size for each in found), NOTHING)
    if rest > 0:
        found.insert(0, Slice("outside the tiers", rest, Decimal(1)))
    return [each for each in found if each.size]


def check(tiers: Sequence[Tier]) -> None:
    """Raises ValueError, naming the tier, for no tier, one that ends before it begins, or two that overlap."""
    if not tiers:
        raise ValueError("bands: expected at least one")
    reached = NOTHING
    for number, tier in enumerate(tiers):
        if tier.begin < reached:
            raise ValueError(f"bands[{number}].from: expected {reached} or more, got {tier.begin}")
        if tier.end is None and number < len(tiers) - 1:
            raise ValueError(f"bands[{number}].to: expected a number, since another band follows")
        if tier.end is not None and tier.end <= tier.begin:
            raise ValueError(f"bands[{number}].to: expected more than {tier.begin}, got {tier.end}")
        reached = tier.begin if tier.end is None else tier.end


def tiered_margin(margin: Decimal, whole: Decimal, tiers: Sequence[Tier], digits: int = 2) -> Result:
    """`margin` of `whole` lots (or of that value) after the tiers: mean margin × Σ slice × rate, rounded once."""
    if not whole:
        value = round_money(margin, digits)
        return Result(value, margin, (Step("margin", margin, value),))
    found = slices(tiers, whole)
    steps = []
    total = NOTHING
    for each in found:
        amount = margin * each.size * each.rate / whole
        total += amount
        steps.append(Step(each.name, amount, round_money(amount, digits), each.rate))
    value = round_money(total, digits)
    return Result(value, total, (*steps, Step("margin", total, value, total / margin if margin else None)))


def _name(tier: Tier) -> str:
    return f"{tier.begin} to {tier.end}" if tier.end is not None else f"above {tier.begin}"
