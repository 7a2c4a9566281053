from datetime import UTC, datetime

import pytest

from dealerdesk.bridges.simulator import server_clock
from dealerdesk.clock import HOUR_US, SECOND_US, to_us


def utc(*parts: int) -> int:
    return to_us(datetime(*parts, tzinfo=UTC))


@pytest.mark.parametrize(
    ("moment", "hours"),
    [
        (utc(2025, 1, 15), 2),
        (utc(2025, 7, 15), 3),
        (utc(2025, 3, 30, 0, 59, 59), 2),
        (utc(2025, 3, 30, 1), 3),
        (utc(2025, 10, 26, 0, 59, 59), 3),
        (utc(2025, 10, 26, 1), 2),
        (utc(2026, 3, 29, 1), 3),
        (utc(2026, 10, 25, 1), 2),
    ],
)
def test_the_server_is_two_hours_ahead_in_winter_and_three_in_summer(moment, hours):
    assert server_clock.offset_us(moment) == hours * HOUR_US
    assert server_clock.offset_s(moment) == hours * 3_600
    assert server_clock.to_server_us(moment) == moment + hours * HOUR_US


def test_both_passes_of_the_repeated_hour_in_october_come_back_as_what_they_were():
    first, second = utc(2025, 10, 26, 0, 30), utc(2025, 10, 26, 1, 30)
    shown = server_clock.to_server_us(first)
    assert shown == server_clock.to_server_us(second)
    assert server_clock.to_utc_us(shown, near_us=first + 5 * SECOND_US) == first
    assert server_clock.to_utc_us(shown, near_us=second + 5 * SECOND_US) == second


def test_the_hour_that_march_skips_is_read_in_winter_time():
    assert server_clock.to_utc_us(utc(2025, 3, 30, 3, 30), near_us=0) == utc(2025, 3, 30, 1, 30)


def test_every_hour_of_a_year_comes_back():
    for hour in range(0, 365 * 24, 5):
        moment = utc(2025, 1, 1) + hour * HOUR_US
        assert server_clock.to_utc_us(server_clock.to_server_us(moment), near_us=moment) == moment
