"""Prices before the start: an hourly path backwards from the first quotes, for trades that are older than the server.

The path is rough (one number an hour, straight lines between) and the same on every server of the same seed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dealerdesk.bridges.simulator.instrument_facts import Instrument
from dealerdesk.clock import DAY_US, HOUR_US

Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]

HOURS = 40 * 24
PAST_US = HOURS * HOUR_US
ROLLOVER_US = 22 * HOUR_US
YEAR_HOURS = 260 * 24
SHARED = 0.5
_SALT = 7_001


class Past:
    """Where each instrument's middle price was, in points, up to `PAST_US` before the start."""

    def __init__(self, instruments: Sequence[Instrument], seed: int, mid_points: Floats) -> None:
        generator = np.random.default_rng((seed, _SALT))
        common = generator.standard_normal((HOURS, 1), np.float32)
        own = generator.standard_normal((HOURS, len(instruments)), np.float32)
        hourly = np.array([each.annual_volatility for each in instruments], np.float32) / np.float32(YEAR_HOURS**0.5)
        moves = (common * np.float32(SHARED) + own * np.float32((1 - SHARED**2) ** 0.5)) * hourly
        path = np.cumsum(moves, axis=0)
        self._factor = np.exp(np.concatenate((np.zeros((1, len(instruments)), np.float32), path)))
        self._mid = mid_points

    def mid_points(self, symbols: Int64s, ago_us: Int64s) -> Floats:
        """Middle prices of `symbols` so long ago, parallel arrays."""
        hours = np.clip(ago_us / HOUR_US, 0, HOURS - 1e-6)
        whole = hours.astype(np.int64)
        share = hours - whole
        before, after = self._factor[whole, symbols], self._factor[whole + 1, symbols]
        mids: Floats = self._mid[symbols] * (before + (after - before) * share)
        return mids


def last_rollover_us(time_us: int) -> int:
    """The last 22:00 UTC at or before a moment."""
    return (time_us - ROLLOVER_US) // DAY_US * DAY_US + ROLLOVER_US


def rollovers_between(from_us: Int64s, to_us: int) -> Int64s:
    """How many 22:00 UTC lie after each `from_us` and at or before `to_us`."""
    return (to_us - ROLLOVER_US) // DAY_US - (from_us - ROLLOVER_US) // DAY_US
