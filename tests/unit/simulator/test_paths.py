import numpy as np
import pytest

from dealerdesk.bridges.simulator.instrument_facts import FACTORS, Driver
from dealerdesk.bridges.simulator.paths import JUMP_SHAPE, DriverPaths, hour_shape, session_shape
from dealerdesk.bridges.simulator.sessions import Timetables

STEPS, STEP_S = 20, 0.05


def driver(name: str, dollar: float, annual_volatility: float = 0.08, market_hours: str = "fx") -> Driver:
    loadings = tuple(dollar if factor == "dollar" else 0.0 for factor in FACTORS)
    return Driver(
        name=name, price=1.25, annual_volatility=annual_volatility, market_hours=market_hours, loadings=loadings
    )


def paths(*drivers: Driver, seed: int = 5) -> DriverPaths:
    return DriverPaths(drivers, 50_000, np.random.default_rng(seed))


PAIR = (driver("EUR", 0.8), driver("GBP", 0.8))


def blocks(moving: DriverPaths, count: int, shape: np.ndarray) -> np.ndarray:
    return np.concatenate([moving.block(STEPS, STEP_S, shape, ()) for _ in range(count)])


def test_a_block_goes_on_where_the_last_one_ended():
    moving = paths(*PAIR)

    first = moving.block(STEPS, STEP_S, np.ones(2), ())
    second = moving.block(STEPS, STEP_S, np.ones(2), ())

    assert first.shape == (20, 3)
    assert np.array_equal(moving.log_price, second[-1])
    assert np.all(np.abs(second[0] - first[-1]) < 1e-3)


def test_the_constant_stays_one():
    assert np.all(blocks(paths(*PAIR), 50, np.ones(2))[:, -1] == 0.0)


def test_volatility_over_hours_is_the_annual_figure():
    """8 % a year over 52 weeks of 432,000 open seconds is 0.169 bp per √second; clustering spreads it around that."""
    found = [np.diff(blocks(paths(*PAIR, seed=s), 3_600, np.ones(2))[::20, 0]).var() for s in range(24)]

    assert np.sqrt(np.mean(found)) * 1e4 == pytest.approx(0.169, rel=0.2)


def test_two_drivers_of_one_factor_correlate_as_their_loadings_say():
    moves = np.diff(blocks(paths(*PAIR), 2_000, np.ones(2)), axis=0)[:, :2]

    ranks = moves.argsort(axis=0).argsort(axis=0)
    # 0.64 by moves; by ranks less, as each driver has a volatility of its own
    assert 0.50 < np.corrcoef(ranks.T)[0, 1] < 0.64


def test_a_closed_market_moves_a_quarter_as_much():
    trading, closed = (np.diff(blocks(paths(*PAIR), 20, np.full(2, shape)), axis=0) for shape in (1.0, 0.25))

    assert closed == pytest.approx(0.25 * trading, abs=1e-12)


def test_a_jump_arrives_in_six_steps_and_heats_what_it_moves():
    jump = np.array([0.002, 0.0, 0.0])
    moving, still = paths(*PAIR), paths(*PAIR)

    shaken = moving.block(STEPS, STEP_S, np.ones(2), [(4, jump)])
    calm = still.block(STEPS, STEP_S, np.ones(2), ())

    difference = shaken[:, 0] - calm[:, 0]
    assert np.all(difference[:4] == 0)
    assert difference[4] == pytest.approx(0.30 * 0.002)
    assert difference[4 + len(JUMP_SHAPE) - 1 :] == pytest.approx(0.002)
    assert moving.heat[0] == pytest.approx(still.heat[0] + 1.8)
    assert moving.heat[1] == still.heat[1]


def test_a_jump_late_in_a_block_is_finished_in_the_next():
    jump = np.array([0.002, 0.0, 0.0])
    moving, still = paths(*PAIR), paths(*PAIR)
    moving.block(STEPS, STEP_S, np.ones(2), [(18, jump)])
    still.block(STEPS, STEP_S, np.ones(2), ())
    assert moving.log_price[0] - still.log_price[0] == pytest.approx(0.52 * 0.002)
    moving.heat[:] = still.heat

    rest = moving.block(STEPS, STEP_S, np.ones(2), ())[:, 0] - still.block(STEPS, STEP_S, np.ones(2), ())[:, 0]

    assert rest[3:] == pytest.approx(0.002)


def test_the_day_is_livelier_than_the_night():
    assert hour_shape(14 * 60 + 30) > 2 * hour_shape(4 * 60)
    squares = [hour_shape(minute) ** 2 for minute in range(1_440)]
    assert np.mean(squares) == pytest.approx(1.0, rel=0.03)


def test_hours_meet_at_midnight():
    assert hour_shape(1_439) == pytest.approx(hour_shape(0), rel=0.01)


def test_an_exchange_is_lively_after_its_open_and_before_its_close():
    timetables = Timetables(("us_shares",))
    shape = []
    for minute in (870, 1_065, 1_259):
        timetables.read(minute)
        shape.append(float(session_shape(timetables, minute)[0]))

    assert shape[0] > 2 * shape[1]
    assert shape[2] > 1.3 * shape[1]
