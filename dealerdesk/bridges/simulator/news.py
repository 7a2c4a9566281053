"""News: the moments at which prices jump, known beforehand to the market alone. No paths, no quotes.

The calendar is a function of seed and hour, so that any stretch of time can be asked for in any order.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from dealerdesk.bridges.simulator.instrument_facts import Instrument
from dealerdesk.bridges.simulator.sessions import sessions, weekly_minute
from dealerdesk.clock import HOUR_US
from dealerdesk.instruments import AssetClass

NEWS_PER_HOUR = 0.06
"""For each unit of tick weight: the busiest instruments have the most news."""
JUMP_MIN, JUMP_MAX = 0.03, 0.10
"""Size of a jump in standard deviations of a day."""
COMMON_LOADING = 0.6
COMMON_CHANCE = 0.25
"""News of a driver with that loading on a common factor are news of the factor; of a currency, with that chance."""
TRADING_DAYS = 252
STREAM = 0x6E657773
HOURS_KEPT = 8


class News(msgspec.Struct, frozen=True):
    """At `time_us` something becomes known because of which `instrument` moves by the log return `move`."""

    time_us: int
    index: int
    instrument: str
    move: float


class Shock(msgspec.Struct, frozen=True):
    """A piece of news and what it does: the log return of every driver (the last is the constant, which stays)."""

    news: News
    jumps: NDArray[np.float64]


class NewsCalendar:
    """The news of a market whose calendar runs `shift_days` ahead; `loadings` and `daily` are the drivers'."""

    def __init__(
        self,
        instruments: Sequence[Instrument],
        legs: tuple[NDArray[np.intp], NDArray[np.intp]],
        loadings: NDArray[np.float64],
        annual_volatility: NDArray[np.float64],
        seed: int,
        shift_days: int,
    ) -> None:
        self._names = [instrument.name for instrument in instruments]
        self._hours = [instrument.market_hours for instrument in instruments]
        self._legs = legs
        self._loadings = loadings
        self._daily = annual_volatility / TRADING_DAYS**0.5
        # a cross has no news of its own
        single = [not (instrument.numerator and instrument.denominator) for instrument in instruments]
        self._reach = np.cumsum(np.array([i.tick_weight for i in instruments]) * np.array(single))
        self._classes = [instrument.asset_class for instrument in instruments]
        self._seed = seed
        self._shift_days = shift_days
        self._kept: dict[int, tuple[Shock, ...]] = {}

    def between(self, from_us: int, to_us: int) -> list[Shock]:
        """The shocks from `from_us` inclusive to `to_us` exclusive, in time order."""
        hours = range(from_us // HOUR_US, (to_us - 1) // HOUR_US + 1)
        return [s for hour in hours for s in self._of_hour(hour) if from_us <= s.news.time_us < to_us]

    def _of_hour(self, hour: int) -> tuple[Shock, ...]:
        if hour not in self._kept:
            while len(self._kept) >= HOURS_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[hour] = tuple(self._drawn(hour))
        return self._kept[hour]

    def _drawn(self, hour: int) -> list[Shock]:
        chance = np.random.default_rng([self._seed, hour, STREAM])
        moments = np.sort(chance.integers(0, HOUR_US, chance.poisson(NEWS_PER_HOUR * self._reach[-1]))) + hour * HOUR_US
        drawn = (self._shock(chance, int(moment)) for moment in moments)
        return [shock for shock in drawn if shock is not None]

    def _shock(self, chance: np.random.Generator, time_us: int) -> Shock | None:
        place, coin, size = chance.random(3)
        index = int(np.searchsorted(self._reach, place * self._reach[-1], side="right"))
        minute = weekly_minute(time_us, self._shift_days)
        if not any(session.open_minute <= minute < session.close_minute for session in sessions(self._hours[index])):
            return None
        jumps = self._jumps(index, bool(coin < COMMON_CHANCE))
        jumps *= (1 if size < 0.5 else -1) * (JUMP_MIN + (JUMP_MAX - JUMP_MIN) * abs(2 * size - 1))
        move = float(jumps[self._legs[0][index]] - jumps[self._legs[1][index]])
        return Shock(News(time_us, index, self._names[index], move), jumps)

    def _jumps(self, index: int, common: bool) -> NDArray[np.float64]:
        """Jumps of one daily standard deviation: of the factor behind the instrument, or of its driver alone."""
        above, below = (int(leg[index]) for leg in self._legs)
        nothing = len(self._daily) - 1
        driver = above if above != nothing else below
        factor = int(np.argmax(np.abs(self._loadings[driver])))
        strong = abs(self._loadings[driver, factor]) >= COMMON_LOADING and self._classes[index] is not AssetClass.SHARES
        if strong and (common or self._classes[index] is not AssetClass.FX):
            share = self._loadings[:, factor]
        else:
            share = np.arange(len(self._daily)) == driver
        jumps: NDArray[np.float64] = share * self._daily
        return jumps
