import numpy as np

from dealerdesk.bridges.simulator.catalogue import instruments
from dealerdesk.bridges.simulator.past import PAST_US, Past, last_rollover_us, rollovers_between
from dealerdesk.clock import DAY_US, HOUR_US

NOON_US = 1_763_467_200_000_000
OFFERED = instruments(12)
MIDDLE = np.linspace(90_000, 200_000, 12)


def test_the_path_ends_at_the_first_quotes():
    past = Past(OFFERED, 1, MIDDLE)
    everything = np.arange(12)
    assert past.mid_points(everything, np.zeros(12, np.int64)).tolist() == MIDDLE.tolist()


def test_prices_were_elsewhere_but_not_far_away_and_the_same_on_every_server():
    everything, month = np.arange(12), np.full(12, 30 * DAY_US)
    ago = Past(OFFERED, 1, MIDDLE).mid_points(everything, month)
    assert (ago == Past(OFFERED, 1, MIDDLE).mid_points(everything, month)).all()
    assert (ago != MIDDLE).all()
    assert (np.abs(np.log(ago / MIDDLE)) < 1).all()


def test_before_the_path_begins_prices_are_those_of_its_beginning():
    past = Past(OFFERED, 1, MIDDLE)
    first = past.mid_points(np.array([3]), np.array([PAST_US - 1]))
    assert abs(past.mid_points(np.array([3]), np.array([9 * PAST_US])) / first - 1) < 1e-6


def test_a_rollover_is_at_22_utc():
    assert last_rollover_us(NOON_US) == NOON_US - 14 * HOUR_US
    assert last_rollover_us(NOON_US + 10 * HOUR_US) == NOON_US + 10 * HOUR_US
    opened = np.array([NOON_US - 15 * HOUR_US, NOON_US - 13 * HOUR_US, NOON_US - 39 * HOUR_US])
    assert rollovers_between(opened, NOON_US).tolist() == [1, 0, 2]
