"""What a stretch of ticks looks like in figures, to compare simulated ticks with recorded ones. No market, no I/O.

Everything is computed from three columns (time, bid, ask) and one instrument at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Column = NDArray[np.int64]

SAMPLE_S = 10
LAGS = 10
TICKS_MIN = 100


@dataclass(frozen=True, slots=True)
class TickStatistics:
    """Spreads in points and in basis points of the mid; returns in basis points; gaps in seconds.

    `volatility_bp` is the standard deviation of the mid's log returns over 10 s, per √second; `tick_kurtosis` and
    `return_kurtosis` (over 10 s) are 3 for a normal law; `absolute_autocorrelation` is that of absolute tick returns,
    the mean of the first ten lags; `gap_variation` is the deviation of gaps over their mean, 1 for a Poisson process.
    """

    ticks: int
    spread_points_low: float
    spread_points_median: float
    spread_points_high: float
    spread_bp_median: float
    volatility_bp: float
    tick_kurtosis: float
    return_kurtosis: float
    absolute_autocorrelation: float
    gap_s_mean: float
    gap_s_median: float
    gap_s_high: float
    gap_variation: float


def statistics(time_us: Column, bid: Column, ask: Column) -> TickStatistics:
    """The figures of ticks in time order, prices in points; `low` and `high` are the 5th and the 95th percentile.

    Raises ValueError for fewer than 100 ticks: their figures would mean nothing.
    """
    if len(time_us) < TICKS_MIN:
        raise ValueError(f"ticks: expected at least {TICKS_MIN}, got {len(time_us)}")
    spread = (ask - bid).astype(np.float64)
    mid = (bid + ask) / 2
    tick_returns = np.diff(np.log(mid))
    sampled_returns = np.diff(np.log(sampled(time_us, mid, SAMPLE_S)))
    gaps_s = np.diff(time_us) / 1e6
    low, median, high = np.percentile(spread, (5, 50, 95))
    return TickStatistics(
        ticks=len(time_us),
        spread_points_low=float(low),
        spread_points_median=float(median),
        spread_points_high=float(high),
        spread_bp_median=float(np.median(spread / mid) * 1e4),
        volatility_bp=float(sampled_returns.std() * 1e4 / SAMPLE_S**0.5),
        tick_kurtosis=kurtosis(tick_returns),
        return_kurtosis=kurtosis(sampled_returns),
        absolute_autocorrelation=float(np.mean([autocorrelation(np.abs(tick_returns), k + 1) for k in range(LAGS)])),
        gap_s_mean=float(gaps_s.mean()),
        gap_s_median=float(np.median(gaps_s)),
        gap_s_high=float(np.percentile(gaps_s, 95)),
        gap_variation=float(gaps_s.std() / gaps_s.mean()),
    )


def sampled(time_us: Column, value: Floats, every_s: int) -> Floats:
    """The last value at each full `every_s` seconds from the first tick on."""
    moments = np.arange(time_us[0], time_us[-1] + 1, every_s * 1_000_000)
    return value[np.searchsorted(time_us, moments, side="right") - 1]


def kurtosis(values: Floats) -> float:
    """The fourth central moment over the squared variance; nan for values that are all the same."""
    centred = values - values.mean()
    variance = float((centred**2).mean())
    return float((centred**4).mean()) / variance**2 if variance > 0 else float("nan")


def autocorrelation(values: Floats, lag: int) -> float:
    """The correlation of values with those `lag` places on; nan for values that are all the same."""
    centred = values - values.mean()
    variance = float((centred**2).sum())
    return float((centred[lag:] * centred[:-lag]).sum()) / variance if variance > 0 else float("nan")
