"""What charts are handed: series of a time chart and bars of a bar chart, and how many points are worth drawing."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dealerdesk.desk import numbers
from dealerdesk.desk.theme import Tone

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a time chart. `axis` is "left" or "right"; `filled` fills the area between the line and nought."""

    key: str
    title: str
    tone: Tone = Tone.POSITIVE
    filled: bool = False
    axis: str = "left"
    decimals: int = 2


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its value with its sign, as text unless the caller has a better one, coloured by sign unless told."""

    key: Hashable
    label: str
    value: float
    text: str = ""
    tone: Tone | None = None
    stale: bool = False

    @property
    def words(self) -> str:
        """What stands beside the bar."""
        return self.text or numbers.signed(self.value)

    @property
    def shown_tone(self) -> Tone:
        """The tone it is drawn in."""
        if self.stale:
            return Tone.STALE
        if self.tone is not None:
            return self.tone
        return Tone.POSITIVE if self.value > 0 else Tone.NEGATIVE if self.value < 0 else Tone.SECONDARY


def reduced(x: Floats, y: Floats, start: float, end: float, pixels: int) -> tuple[Floats, Floats]:
    """The points between `start` and `end` (and one beyond either side), at most about two a pixel.

    Of each run of points the least and the greatest stay, in their order, so no spike is lost. Runs are counted from
    the first point on, so they stay the same while points are added at the end.
    """
    first = max(0, int(np.searchsorted(x, start, "left")) - 1)
    last = min(len(x), int(np.searchsorted(x, end, "right")) + 1)
    run = _run_length(last - first, pixels)
    if run <= 1:
        return x[first:last], y[first:last]
    first -= first % run
    # the newest point is always drawn itself, whatever its run
    whole = first + (last - 1 - first) // run * run
    rows = y[first:whole].reshape(-1, run)
    starts = np.arange(first, whole, run)
    low, high = starts + _place(np.nanargmin, rows), starts + _place(np.nanargmax, rows)
    kept = np.empty(2 * len(starts) + (last - whole), dtype=np.intp)
    kept[0 : 2 * len(starts) : 2] = np.minimum(low, high)
    kept[1 : 2 * len(starts) : 2] = np.maximum(low, high)
    kept[2 * len(starts) :] = np.arange(whole, last)
    return x[kept], y[kept]


def _run_length(points: int, pixels: int) -> int:
    """The least power of two that leaves no more than two points a pixel, two of each run being kept."""
    run = 1
    while points / run > max(1, pixels) and points > 2 * pixels:
        run *= 2
    return run


def _place(pick: Any, rows: Floats) -> npt.NDArray[np.intp]:
    """The place of the extreme of each row; 0 where a row has no number at all."""
    empty = np.atleast_1d(np.isnan(rows).all(axis=1))
    safe = np.where(empty[:, None], 0.0, rows) if empty.any() else rows
    return np.asarray(pick(safe, axis=1), dtype=np.intp)


LEAST_SPAN = 0.02
"""Values that hardly move are not blown up: a range spans at least this share of its greatest value."""
NEAR_ZERO = 0.75
"""Nought is kept in sight when that costs no more than this share of the values' own span."""
AIR = 0.08


def value_ranges(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """What the value axes show for the least and greatest value of each (nan: none).

    Where nought is near on every axis it stands at one height on all of them; elsewhere an axis shows where its
    values move.
    """
    if all(_is_near_zero(low, high) for low, high in spans):
        return common_zero([(min(low, 0.0), max(high, 0.0)) if low == low else (0.0, 0.0) for low, high in spans])
    return [_fitted(low, high) for low, high in spans]


def _is_near_zero(low: float, high: float) -> bool:
    return not (low > 0 or high < 0) or min(abs(low), abs(high)) <= NEAR_ZERO * (high - low)


def _fitted(low: float, high: float) -> tuple[float, float]:
    if low != low:
        return -1.0, 1.0
    if _is_near_zero(low, high):
        low, high = min(low, 0.0), max(high, 0.0)
    span = max(high - low, LEAST_SPAN * max(abs(low), abs(high)), 1e-9)
    middle, half = (low + high) / 2, span * (0.5 + AIR)
    return middle - half, middle + half


def common_zero(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The ranges of several axes widened so that nought stands at one height on all of them, with a little air."""
    sizes = [max(abs(low), abs(high)) or 1.0 for low, high in spans]
    below = max((max(0.0, -low) / size for (low, _), size in zip(spans, sizes, strict=True)), default=0.0)
    above = max((max(0.0, high) / size for (_, high), size in zip(spans, sizes, strict=True)), default=0.0)
    air = 0.06 * (below + above) or 0.1
    return [(-(below + air) * size, (above + air) * size) for size in sizes]
