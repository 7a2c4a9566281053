"""When instruments tick and what spread they show: arrivals in clusters, spreads that widen. No paths, no sessions.

The parameters were set by comparison with recorded EURUSD and USDJPY ticks, see `paths.py`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dealerdesk.bridges.simulator.instrument_facts import Instrument
from dealerdesk.bridges.simulator.sessions import Timetables

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

HOT = 1.3
"""From this heat on an instrument is in a burst: its quotes come late."""
CLUSTER_MEAN = 2.4
CLUSTER_DELAY_US, CLUSTER_DELAY_MIN_US = 250_000.0, 50_000.0
ACTIVITY_DEVIATION, ACTIVITY_MEMORY_S = 0.95, 8.0
ACTIVITY_HEAT = 0.6
SPREAD_DEVIATION, SPREAD_MEMORY_S = 0.18, 60.0
SPREAD_HEAT = 0.28
TICK_SPREAD_DEVIATION = 0.22
ROLLOVER_MINUTE = 22 * 60
ROLLOVER_WIDENING = 4.0
WEEK_OPEN_WIDENING = 9.0
OPEN_WIDENING, CLOSE_WIDENING = 2.5, 1.0
LAG_US = (0, 50_000, 100_000)
LATE_LAG_US = (150_000, 400_000)
"""How late a quote is: at most times one of the first, in a burst evenly between the second two."""


def widening(timetables: Timetables, minute: int) -> Floats:
    """How much wider than usual spreads are at a minute of the week, for each timetable: 1 is usual."""
    since, until = (minute - ROLLOVER_MINUTE) % 1_440, (ROLLOVER_MINUTE - minute) % 1_440
    rollover = 1 + ROLLOVER_WIDENING * (np.exp(-since / 12) + np.exp(-until / 4) * (until > 0))
    edges = 1 + OPEN_WIDENING * np.exp(-timetables.since_open / 4) + CLOSE_WIDENING * np.exp(-timetables.to_close / 3)
    week_open = 1 + WEEK_OPEN_WIDENING * np.exp(-timetables.since_open / 6)
    is_fx = np.array([name == "fx" for name in timetables.names])
    return np.where(is_fx, np.maximum(rollover, week_open), edges)


class Quoting:
    """The makers' states of all instruments: how busy, how wide and how late they quote just now."""

    def __init__(self, instruments: Sequence[Instrument], chance: np.random.Generator) -> None:
        count = len(instruments)
        self.typical_spread: Floats = np.array([float(i.typical_spread_points) for i in instruments])
        self.weight: Floats = np.array([i.tick_weight for i in instruments])
        self.spread: Floats = self.typical_spread.copy()
        self.hot: NDArray[np.bool_] = np.zeros(count, np.bool_)
        self.lag_steps: Places = np.zeros(count, np.intp)
        self._busy = ACTIVITY_DEVIATION * chance.standard_normal(count)
        self._wide = SPREAD_DEVIATION * chance.standard_normal(count)
        self._chance = chance

    def advance(self, elapsed_s: float, heat: Floats, wider: Floats, step_us: int) -> None:
        """The states for the next block; `heat` and `wider` (see `widening`) are per instrument."""
        count = len(self.weight)
        fresh = self._chance.standard_normal((2, count))
        kept = np.exp(-elapsed_s / np.array([ACTIVITY_MEMORY_S, SPREAD_MEMORY_S]))
        news = np.sqrt(1 - kept**2)
        self._busy = kept[0] * self._busy + ACTIVITY_DEVIATION * news[0] * fresh[0]
        self._wide = kept[1] * self._wide + SPREAD_DEVIATION * news[1] * fresh[1]
        self.spread = self.typical_spread * wider * np.exp(self._wide + SPREAD_HEAT * np.clip(heat, -1.0, 4.0))
        self.hot = heat > HOT
        usual = np.array(LAG_US)[self._chance.integers(0, len(LAG_US), count)]
        late = self._chance.integers(*LATE_LAG_US, count)
        self.lag_steps = (np.where(self.hot, late, usual) // step_us).astype(np.intp)

    def arrivals(
        self, ticks: float, trading: NDArray[np.bool_], shape: Floats, heat: Floats, block_us: int
    ) -> Arrivals:
        """About `ticks` arrivals within a block: instruments and times in µs from its start, in no order."""
        rate = self.weight * shape * np.exp(self._busy + ACTIVITY_HEAT * np.minimum(heat, 3.0)) * trading
        total = float(rate.sum())
        if total <= 0.0:
            return np.zeros(0, np.intp), np.zeros(0, np.int64)
        parents = np.repeat(np.arange(len(rate)), self._chance.poisson(rate * (ticks / CLUSTER_MEAN / total)))
        sizes = self._chance.geometric(1 / CLUSTER_MEAN, len(parents))
        begin = np.repeat(self._chance.random(len(parents)) * block_us, sizes)
        first = np.zeros(len(begin), np.bool_)
        first[np.cumsum(sizes) - sizes] = True
        delay = (CLUSTER_DELAY_MIN_US + self._chance.exponential(CLUSTER_DELAY_US, len(begin))) * ~first
        # what would leave the block is wound to its start: the number of ticks stays, no state is carried over
        return np.repeat(parents, sizes), ((begin + delay) % block_us).astype(np.int64)

    def around(self, index: Places, mid_points: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Bid and ask in points around the mids of `index`: whole, positive, at least a point apart."""
        jitter = np.exp(TICK_SPREAD_DEVIATION * self._chance.standard_normal(len(index)))
        spread = np.maximum(np.rint(self.spread[index] * jitter), 1.0)
        bid = np.floor(mid_points - spread / 2 + self._chance.random(len(index)))
        bid_points = np.maximum(bid, 1.0).astype(np.int64)
        return bid_points, bid_points + spread.astype(np.int64)


Arrivals = tuple[Places, NDArray[np.int64]]
