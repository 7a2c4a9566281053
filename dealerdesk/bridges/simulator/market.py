"""The simulated market: correlated quotes of all instruments, step by step, from a seed. No clients, no mark-ups.

Everything is made in blocks of about a second (paths, arrivals, quotes of all instruments at once) and handed out in
steps, so that a step costs microseconds. Nothing here reads a clock: the same arguments give the same ticks, and a
market that was pickled and restored goes on as if nothing had happened. The path does not depend on the tick rate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dealerdesk.bridges.simulator.catalogue import drivers
from dealerdesk.bridges.simulator.instrument_facts import Driver, Instrument
from dealerdesk.bridges.simulator.news import News, NewsCalendar
from dealerdesk.bridges.simulator.paths import CLOSED_VOLATILITY, DriverPaths, session_shape
from dealerdesk.bridges.simulator.quoting import LATE_LAG_US, Quoting, widening
from dealerdesk.bridges.simulator.recorded import Recording
from dealerdesk.bridges.simulator.sessions import Timetables, calendar_shift_days, weekly_minute
from dealerdesk.clock import MINUTE_US, SECOND_US

Floats = NDArray[np.float64]
Points = NDArray[np.int64]
Places = NDArray[np.intp]
STEP_US = 50_000


@dataclass(frozen=True, slots=True)
class Ticks:
    """The quotes of one step in time order, as parallel columns; the last of an instrument is its present one.

    `bid` and `ask` are points (price × 10^digits), ask above bid; a tick's time is `start_us` + `offset_us`.
    """

    start_us: int
    index: NDArray[np.uint32]
    bid: Points
    ask: Points
    offset_us: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.index)


class Market:
    """Quotes of `instruments` from `start_us` on, about `ticks_per_second` over all that are open.

    `bid_points` and `ask_points` are the present quotes of all, from the start on; `open` says which trade. A start in
    the weekend finds a calendar that runs `calendar_shift_days` ahead of the date. A `recording` takes the place of
    its instrument's own path.
    """

    def __init__(
        self,
        instruments: Sequence[Instrument],
        seed: int,
        start_us: int,
        ticks_per_second: float,
        step_us: int = STEP_US,
        recording: Recording | None = None,
    ) -> None:
        if not instruments:
            raise ValueError("instruments: expected at least one")
        if not 0 < step_us <= SECOND_US:
            raise ValueError(f"step_us: expected 1 to {SECOND_US}, got {step_us}")
        if ticks_per_second < 0:
            raise ValueError(f"ticks_per_second: expected 0 or more, got {ticks_per_second}")
        self.time_us = self._start_us = start_us
        self.step_us = step_us
        self.calendar_shift_days = calendar_shift_days(start_us)
        self._ticks_per_second = ticks_per_second
        self._steps = SECOND_US // step_us
        self._late_rows = LATE_LAG_US[1] // step_us
        self._scale: Floats = 10.0 ** np.array([i.digits for i in instruments])
        driving = _drivers_of(instruments)
        self._legs = _legs(instruments, driving)
        chance_of_paths, chance_of_quotes = np.random.default_rng(seed).spawn(2)
        self._paths = DriverPaths(driving, step_us, chance_of_paths)
        self._quoting = Quoting(instruments, chance_of_quotes)
        self._news = NewsCalendar(
            instruments, self._legs, self._paths.loadings, self._paths.annual_volatility, seed, self.calendar_shift_days
        )
        self._hours = _Hours(instruments, driving)
        self._recording = recording
        self._recorded_place = next(
            (p for p, i in enumerate(instruments) if recording and i.name == recording.instrument), -1
        )
        self._pin(np.array([start_us]), self._paths.log_price[np.newaxis])
        self._path = np.repeat(self._paths.log_price[np.newaxis], self._late_rows + 1, axis=0)
        self._make_block()
        self.bid_points, self.ask_points = self._opening_quotes(len(instruments))

    @property
    def open(self) -> NDArray[np.bool_]:
        """Which instruments trade now."""
        return self._trading

    @property
    def hot(self) -> NDArray[np.bool_]:
        """Which instruments are in a burst now: quotes wide and late."""
        return self._quoting.hot

    @property
    def lead_points(self) -> Points:
        """What the fast outside market shows: mids in points of all instruments; quotes follow up to 400 ms later."""
        mids: Points = np.rint(np.exp(self._logs[self._late_rows + self._served]) * self._scale).astype(np.int64)
        return mids

    def mid(self, index: int) -> float:
        """The middle of the present quote in units of price."""
        return float((self.bid_points[index] + self.ask_points[index]) / 2 / self._scale[index])

    def news_between(self, from_us: int, to_us: int) -> tuple[News, ...]:
        """The news from `from_us` inclusive to `to_us` exclusive, past or to come, in time order."""
        shocks = self._news.between(from_us, to_us)
        # a recording knows nothing of our news
        return tuple(shock.news for shock in shocks if shock.news.index != self._recorded_place)

    def step(self) -> Ticks:
        """Moves the market on by one step and returns what was quoted in it."""
        if self._served == self._steps:
            self._make_block()
        low, high = self._bounds[self._served], self._bounds[self._served + 1]
        part = slice(low, high)
        ticks = Ticks(self.time_us, self._index[part], self._bid[part], self._ask[part], self._offset_us[part])
        self.bid_points[ticks.index] = ticks.bid
        self.ask_points[ticks.index] = ticks.ask
        self.time_us += self.step_us
        self._served += 1
        return ticks

    def _make_block(self) -> None:
        block_us = self._steps * self.step_us
        self._hours.read(weekly_minute(self.time_us, self.calendar_shift_days))
        self._trading = self._hours.trading.copy()
        self._extend_paths(block_us)
        heat = np.maximum(self._paths.heat[self._legs[0]], self._paths.heat[self._legs[1]])
        self._quoting.advance(block_us / SECOND_US, heat, self._hours.wider, self.step_us)
        simulated = self._trading.copy()
        if self._recorded_place >= 0:
            simulated[self._recorded_place] = False
            self._trading[self._recorded_place] = True
        ticks = self._ticks_per_second * block_us / SECOND_US
        index, at_us = self._quoting.arrivals(ticks, simulated, self._hours.activity, heat, block_us)
        index, at_us = self._before_close(index, at_us, block_us)
        self._serve(index, at_us, *self._quoting.around(index, self._mids(index, at_us)))

    def _before_close(self, index: Places, at_us: Points, block_us: int) -> tuple[Places, Points]:
        """Leaves out what would tick after its session's end, where a minute ends within the block."""
        left_us = MINUTE_US - self.time_us % MINUTE_US
        if left_us >= block_us:
            return index, at_us
        trading = self._trading
        self._hours.read(weekly_minute(self.time_us + left_us, self.calendar_shift_days))
        keep = (at_us < left_us) | (self._hours.trading == trading)[index]
        return index[keep], at_us[keep]

    def _extend_paths(self, block_us: int) -> None:
        shocks = [
            ((shock.news.time_us - self.time_us) // self.step_us, shock.jumps)
            for shock in self._news.between(self.time_us, self.time_us + block_us)
        ]
        ahead = self._paths.block(self._steps, self.step_us / SECOND_US, self._hours.shape, shocks)
        self._pin(self.time_us + self.step_us * np.arange(1, self._steps + 1), ahead)
        self._path = np.concatenate((self._path[-self._late_rows - 1 :], ahead))
        self._logs = self._path[:, self._legs[0]] - self._path[:, self._legs[1]]

    def _pin(self, times_us: NDArray[np.int64], path: Floats) -> None:
        """Lets the recorded instrument's driver follow the recording, so that crosses follow it too."""
        if self._recording is None or self._recorded_place < 0:
            return
        place = self._recorded_place
        above, below = int(self._legs[0][place]), int(self._legs[1][place])
        log_mid = np.log(self._recording.mid_points(times_us - self._start_us) / self._scale[place])
        if above != path.shape[1] - 1:
            path[:, above] = path[:, below] + log_mid
        else:
            path[:, below] = -log_mid
        self._paths.log_price = path[-1].copy()

    def _mids(self, index: Places, at_us: Points) -> Floats:
        """Mids in points as the makers of these quotes see them: the path, late by their lag."""
        step, within_us = np.divmod(at_us, self.step_us)
        flat = (self._late_rows + step - self._quoting.lag_steps[index]) * len(self._scale) + index
        logs = self._logs.ravel()
        before, after = logs[flat], logs[flat + len(self._scale)]
        mids: Floats = np.exp(before + (after - before) * (within_us / self.step_us)) * self._scale[index]
        return mids

    def _serve(self, index: Places, at_us: Points, bid: Points, ask: Points) -> None:
        """Puts a block's quotes in time order, the recorded ones among them, ready to be handed out."""
        if self._recording is not None and self._recorded_place >= 0:
            from_us = self.time_us - self._start_us
            times_us, bids, asks = self._recording.between(from_us, from_us + self._steps * self.step_us)
            index = np.concatenate((index, np.full(len(times_us), self._recorded_place)))
            at_us = np.concatenate((at_us, times_us - from_us))
            bid, ask = np.concatenate((bid, bids)), np.concatenate((ask, asks))
        order = np.argsort(at_us, kind="stable")
        sorted_us = at_us[order]
        self._index = index[order].astype(np.uint32)
        self._bid, self._ask = bid[order], ask[order]
        self._offset_us = (sorted_us % self.step_us).astype(np.uint32)
        self._bounds = np.searchsorted(sorted_us, self.step_us * np.arange(self._steps + 1)).tolist()
        self._served = 0

    def _opening_quotes(self, count: int) -> tuple[Points, Points]:
        everything = np.arange(count)
        mids = np.exp(self._logs[self._late_rows]) * self._scale
        bid, ask = self._quoting.around(everything, mids)
        return bid, ask


class _Hours:
    """What the hour means to each instrument and driver; read once a minute."""

    def __init__(self, instruments: Sequence[Instrument], driving: Sequence[Driver]) -> None:
        self._timetables = Timetables(sorted({i.market_hours for i in instruments} | {d.market_hours for d in driving}))
        places = {name: place for place, name in enumerate(self._timetables.names)}
        self._of_instrument = np.array([places[i.market_hours] for i in instruments], np.intp)
        self._of_driver = np.array([places[d.market_hours] for d in driving], np.intp)
        self._minute = -1

    def read(self, minute: int) -> None:
        """Sets `trading`, `activity` and `wider` per instrument and `shape` per driver for a minute of the week."""
        if minute == self._minute:
            return
        self._minute = minute
        self._timetables.read(minute)
        lively = session_shape(self._timetables, minute)
        self.trading = self._timetables.open[self._of_instrument]
        self.activity = lively[self._of_instrument]
        self.wider = widening(self._timetables, minute)[self._of_instrument]
        self.shape = np.where(self._timetables.open, lively, CLOSED_VOLATILITY)[self._of_driver]


def _drivers_of(instruments: Sequence[Instrument]) -> tuple[Driver, ...]:
    known = drivers()
    names = dict.fromkeys(leg for i in instruments for leg in (i.numerator, i.denominator) if leg)
    return tuple(known[name] for name in names)


def _legs(instruments: Sequence[Instrument], driving: Sequence[Driver]) -> tuple[Places, Places]:
    """The columns of each instrument's numerator and denominator; the constant's is the last."""
    columns = {driver.name: column for column, driver in enumerate(driving)} | {"": len(driving)}
    return (
        np.array([columns[i.numerator] for i in instruments], np.intp),
        np.array([columns[i.denominator] for i in instruments], np.intp),
    )
