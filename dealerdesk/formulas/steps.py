"""What a formula returns: its value and the steps that led to it, unrounded and rounded. Computes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a formula: its value before and after rounding, and the rate it used, if any."""

    name: str
    value: Decimal
    rounded: Decimal
    rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """`value` is what the platform would show; `unrounded` the same formula without any rounding."""

    value: Decimal
    unrounded: Decimal
    steps: tuple[Step, ...]
