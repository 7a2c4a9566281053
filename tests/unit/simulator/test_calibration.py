from collections.abc import Iterable
from functools import cache

import numpy as np
import pytest

from dealerdesk.bridges.simulator.calibration import TickStatistics, autocorrelation, kurtosis, sampled, statistics
from dealerdesk.bridges.simulator.catalogue import instruments
from dealerdesk.bridges.simulator.market import Market
from dealerdesk.bridges.simulator.recorded import load
from dealerdesk.clock import SECOND_US

# -- the figures themselves -------------------------------------------------------------------------------------


def test_figures_of_ticks_made_by_hand():
    """A tick a second, spreads of 4 points but each tenth 14, the mid still."""
    time_us = np.arange(200) * SECOND_US
    wide = np.arange(200) % 10 == 0
    bid = np.where(wide, 99_993, 99_998)
    ask = np.where(wide, 100_007, 100_002)

    found = statistics(time_us, bid, ask)

    assert found.ticks == 200
    assert (found.spread_points_low, found.spread_points_median, found.spread_points_high) == (4, 4, 14)
    assert found.spread_bp_median == pytest.approx(0.4)
    assert found.volatility_bp == 0
    assert (found.gap_s_mean, found.gap_s_median, found.gap_variation) == (1, 1, 0)


def test_volatility_is_per_root_second():
    """A mid that moves 1 bp up and down at random each second has 1 bp per √second."""
    chance = np.random.default_rng(1)
    mid = np.rint(1_000_000 * np.exp(np.cumsum(chance.choice((-1e-4, 1e-4), 20_000)))).astype(np.int64)

    found = statistics(np.arange(20_000) * SECOND_US, mid - 2, mid + 2)

    assert found.volatility_bp == pytest.approx(1.0, rel=0.05)
    assert found.tick_kurtosis == pytest.approx(1.0, abs=0.01)


def test_kurtosis_is_three_for_a_normal_law_and_one_for_a_coin():
    assert kurtosis(np.random.default_rng(1).standard_normal(100_000)) == pytest.approx(3.0, abs=0.1)
    assert kurtosis(np.array([-1.0, 1.0, -1.0, 1.0])) == 1.0
    assert np.isnan(kurtosis(np.ones(5)))


def test_autocorrelation_of_what_alternates_is_minus_one_then_one():
    values = np.tile([1.0, -1.0], 500)

    assert autocorrelation(values, 1) == pytest.approx(-1.0, abs=0.01)
    assert autocorrelation(values, 2) == pytest.approx(1.0, abs=0.01)
    assert np.isnan(autocorrelation(np.ones(5), 1))


def test_samples_hold_the_last_value():
    assert sampled(np.array([0, 3, 12, 29]) * SECOND_US, np.array([1.0, 2.0, 3.0, 4.0]), 10).tolist() == [1, 2, 3]


def test_too_few_ticks_are_refused():
    with pytest.raises(ValueError, match="expected at least 100, got 99"):
        statistics(np.arange(99), np.ones(99, np.int64), np.ones(99, np.int64) * 2)


# -- the simulated market beside the recorded one ---------------------------------------------------------------

MAJORS = tuple(i for i in instruments(30) if i.name in ("EURUSD", "USDJPY"))
FILES = {"EURUSD": "EURUSD_ticks_2019-01-01.csv.gz", "USDJPY": "USDJPY_ticks_2019-01-01.csv.gz"}
START_US = 1_546_383_600_078_000  # the first tick of both files, within 7 ms
SECONDS = 9_300
TICKS_PER_SECOND = 2.0  # both pairs together; each file has about one a second
SEEDS = (1, 2, 3)


def stretch(seed: int) -> list[TickStatistics]:
    """Figures of both pairs over the hours of the files."""
    market = Market(MAJORS, seed, START_US, TICKS_PER_SECOND)
    ticks = [market.step() for _ in range(SECONDS * SECOND_US // market.step_us)]
    times = np.concatenate([t.start_us + t.offset_us.astype(np.int64) for t in ticks])
    index, bid, ask = (np.concatenate([getattr(t, name) for t in ticks]) for name in ("index", "bid", "ask"))
    return [statistics(times[mine], bid[mine], ask[mine]) for mine in (index == 0, index == 1)]


@cache
def simulated() -> dict[str, TickStatistics]:
    """The median figures of three seeds, by pair."""
    by_pair = zip(*map(stretch, SEEDS), strict=True)
    return {instrument.name: _median(found) for instrument, found in zip(MAJORS, by_pair, strict=True)}


def _median(found: Iterable[TickStatistics]) -> TickStatistics:
    rows = np.array([[getattr(figures, name) for name in TickStatistics.__slots__] for figures in found])
    return TickStatistics(*np.median(rows, axis=0).tolist())


@pytest.fixture(params=FILES)
def both(request, real_data):
    """(recorded, simulated) figures of one pair over the same hours."""
    recording, _ = load(real_data / "market" / FILES[request.param], MAJORS)
    return statistics(recording.time_us, recording.bid, recording.ask), simulated()[request.param]


def within(simulated: float, recorded: float, factor: float) -> bool:
    return recorded / factor <= simulated <= recorded * factor


@pytest.mark.real_data
def test_spreads_are_those_of_the_recorded_pair(both):
    recorded, made = both

    assert within(made.spread_points_low, recorded.spread_points_low, 2)
    assert within(made.spread_points_median, recorded.spread_points_median, 1.6)
    assert within(made.spread_bp_median, recorded.spread_bp_median, 1.6)


@pytest.mark.real_data
def test_spreads_have_a_tail_above_their_median(both):
    """The recorded EURUSD starts with ten minutes of a market just opened, 46 points wide; its tail is theirs."""
    recorded, made = both

    assert made.spread_points_high > 1.3 * made.spread_points_median
    assert made.spread_points_high < 1.5 * recorded.spread_points_high


@pytest.mark.real_data
def test_volatility_is_within_a_factor_of_two(both):
    recorded, made = both

    assert within(made.volatility_bp, recorded.volatility_bp, 2)


@pytest.mark.real_data
def test_tails_are_fat_both_from_tick_to_tick_and_over_ten_seconds(both):
    recorded, made = both

    assert min(recorded.tick_kurtosis, made.tick_kurtosis) > 10
    assert min(recorded.return_kurtosis, made.return_kurtosis) > 10
    assert within(made.return_kurtosis, recorded.return_kurtosis, 4)


@pytest.mark.real_data
def test_large_moves_follow_large_moves(both):
    recorded, made = both

    assert recorded.absolute_autocorrelation > 0.05
    assert made.absolute_autocorrelation > 0.03


@pytest.mark.real_data
def test_ticks_arrive_in_the_same_clusters(both):
    recorded, made = both

    assert within(made.gap_s_mean, recorded.gap_s_mean, 1.3)
    assert within(made.gap_s_median, recorded.gap_s_median, 2)
    assert within(made.gap_s_high, recorded.gap_s_high, 1.5)
    assert within(made.gap_variation, recorded.gap_variation, 1.3)
