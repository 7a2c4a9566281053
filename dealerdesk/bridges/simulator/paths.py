"""How drivers move: correlated log prices with volatility that clusters, bursts and sleeps while markets are closed.

A path is made in blocks of about a second. The parameters were set by comparison with recorded EURUSD and USDJPY ticks
(`tests/unit/simulator/test_calibration.py` keeps them there). No quotes, no spreads, no arrival of ticks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from dealerdesk.bridges.simulator.instrument_facts import FACTORS, Driver
from dealerdesk.bridges.simulator.sessions import WEEK_MINUTES, Timetables, open_minutes

Floats = NDArray[np.float64]

CLOSED_VOLATILITY = 0.25
"""Volatility while closed, relative to trading hours: it is what gaps at the next open are made of."""
LONG_DAY_MINUTES = 5 * 12 * 60
"""Timetables that trade longer a week follow the clock of the currency markets, others the shape of their session."""
MORNING = (0.65, 0.70, 0.65, 0.60, 0.55, 0.60, 0.75, 1.05, 1.25, 1.20, 1.05, 0.95)
AFTERNOON = (1.05, 1.45, 1.50, 1.40, 1.25, 1.00, 0.85, 0.75, 0.65, 0.55, 0.45, 0.55)
HOURLY = np.array((*MORNING, *AFTERNOON))
"""Volatility of the currency markets at the middle of each UTC hour, relative to each other."""
WEEKS_A_YEAR = 52

SLOW_DEVIATION, SLOW_MEMORY_S = 0.50, 1_800.0
FAST_DEVIATION, FAST_MEMORY_S = 0.50, 25.0
COMMON_DEVIATION, COMMON_MEMORY_S = 0.25, 600.0
BURST_EVERY_S, BURST_KICK = 1_200.0, 1.6
BURST_SHARE = 0.10
"""Half the logarithm of how much bursts add to the variance: Σ (2 · kick)^k / (k · k!) · memory / every / 2."""
NEWS_KICK, NEWS_FULL = 1.8, 0.05
"""Heat that news bring, in full from a jump of this part of a daily standard deviation on."""
HEAT_MAX = 3.0
JUMP_SHAPE = (0.30, 0.22, 0.16, 0.13, 0.11, 0.08)
"""How a jump is spread over the steps after the news."""


def hour_shape(minute: int) -> float:
    """Volatility at a minute of the week relative to the day's (root mean square 1), for round-the-clock markets."""
    hour = minute % 1_440 / 60 - 0.5
    at = float(np.interp(hour, np.arange(-1, 25), np.concatenate((HOURLY[-1:], HOURLY, HOURLY[:1]))))
    return at / float(np.sqrt(np.mean(HOURLY**2)))


def session_shape(timetables: Timetables, minute: int) -> Floats:
    """The same for each timetable at once: the hour for long days, lively after the open and before the close else."""
    u_shape = 0.85 + 1.2 * np.exp(-timetables.since_open / 20) + 0.4 * np.exp(-timetables.to_close / 15)
    long_day = np.array([open_minutes(name) > LONG_DAY_MINUTES for name in timetables.names])
    always = np.array([open_minutes(name) == WEEK_MINUTES for name in timetables.names])
    clock = hour_shape(minute)
    return np.where(always, clock**0.5, np.where(long_day, clock, u_shape))


class DriverPaths:
    """The log prices of `drivers`, and behind them one column that is always 0, the constant price 1.

    `heat` is each driver's fast volatility state: 0 is usual, above 1 a burst; the constant's is far below.
    """

    def __init__(self, drivers: Sequence[Driver], step_us: int, chance: np.random.Generator) -> None:
        count = len(drivers)
        self.log_price: Floats = np.log(np.array([*(driver.price for driver in drivers), 1.0]))
        self.heat: Floats = np.append(FAST_DEVIATION * chance.standard_normal(count), -9.0)
        self.annual_volatility: Floats = np.array([*(driver.annual_volatility for driver in drivers), 0.0])
        self.loadings: Floats = np.array([*(driver.loadings for driver in drivers), (0.0,) * len(FACTORS)])
        self._owed: Floats = np.zeros((len(JUMP_SHAPE) - 1, count + 1))
        self._own = np.sqrt(1 - (self.loadings[:-1] ** 2).sum(axis=1))
        self._per_step = self._deviation_per_second(drivers) * (step_us / 1e6) ** 0.5
        self._slow = SLOW_DEVIATION * chance.standard_normal(count)
        self._common = COMMON_DEVIATION * chance.standard_normal(1)
        self._chance = chance

    def block(self, steps: int, step_s: float, shape: Floats, shocks: Iterable[tuple[int, Floats]]) -> Floats:
        """Moves `steps` on; returns log prices at their ends, one row a step, one column a driver and the constant.

        `shape` is each driver's volatility now (relative, while closed already low); `shocks` are jumps of all
        drivers at a step of the block.
        """
        count = len(self._slow)
        self._age(steps * step_s)
        noise = self._chance.standard_normal((steps, len(FACTORS) + count))
        moves = np.zeros((steps + len(self._owed), count + 1))
        moves[:steps, :-1] = noise[:, : len(FACTORS)] @ self.loadings[:-1].T + noise[:, len(FACTORS) :] * self._own
        moves[:steps, :-1] *= self._per_step * shape * self._clustering()
        moves[: len(self._owed)] += self._owed
        for step, jumps in shocks:
            self._shake(moves, step, jumps)
        self._owed = moves[steps:]
        path = moves[:steps].cumsum(axis=0) + self.log_price
        self.log_price = path[-1].copy()
        return path

    def _clustering(self) -> Floats:
        # the square of a log-normal factor has mean 1 when twice its variance is taken off
        variance = SLOW_DEVIATION**2 + FAST_DEVIATION**2 + COMMON_DEVIATION**2 + BURST_SHARE
        state = self._slow + np.minimum(self.heat[:-1], HEAT_MAX) + self._common - variance
        return np.exp(state)

    def _age(self, elapsed_s: float) -> None:
        count = len(self._slow)
        fresh = self._chance.standard_normal(2 * count + 1)
        self._slow = _aged(self._slow, fresh[:count], SLOW_DEVIATION, elapsed_s / SLOW_MEMORY_S)
        self.heat[:-1] = _aged(self.heat[:-1], fresh[count:-1], FAST_DEVIATION, elapsed_s / FAST_MEMORY_S)
        self._common = _aged(self._common, fresh[-1:], COMMON_DEVIATION, elapsed_s / COMMON_MEMORY_S)
        bursting = self._chance.random(count) < elapsed_s / BURST_EVERY_S
        self.heat[:-1] += BURST_KICK * bursting

    def _shake(self, moves: Floats, step: int, jumps: Floats) -> None:
        for place, share in enumerate(JUMP_SHAPE):
            moves[step + place] += share * jumps
        daily = np.maximum(self.annual_volatility, 1e-9) / 16
        self.heat += NEWS_KICK * np.minimum(np.abs(jumps) / daily / NEWS_FULL, 1.0)

    @staticmethod
    def _deviation_per_second(drivers: Sequence[Driver]) -> Floats:
        open_s = np.array([open_minutes(driver.market_hours) for driver in drivers]) * 60.0 * WEEKS_A_YEAR
        year_s = WEEK_MINUTES * 60.0 * WEEKS_A_YEAR
        effective_s = open_s + (year_s - open_s) * CLOSED_VOLATILITY**2
        return np.array([driver.annual_volatility for driver in drivers]) / np.sqrt(effective_s)


def _aged(state: Floats, fresh: Floats, deviation: float, ages: float) -> Floats:
    """A mean-reverting state after `ages` of its memory; its spread stays `deviation`."""
    kept = float(np.exp(-ages))
    aged: Floats = kept * state + deviation * (1 - kept * kept) ** 0.5 * fresh
    return aged
