from datetime import UTC, datetime

import numpy as np
import pytest

from dealerdesk.bridges.simulator.sessions import (
    HOURS,
    WEEK_MINUTES,
    Timetables,
    calendar_shift_days,
    open_minutes,
    rotated_sessions,
    sessions,
    weekly_minute,
)
from dealerdesk.clock import to_us
from dealerdesk.instruments import Session


def at(text: str) -> int:
    return to_us(datetime.fromisoformat(text).replace(tzinfo=UTC))


MONDAY, FRIDAY, SUNDAY = 0, 4 * 1_440, 6 * 1_440


def test_minutes_of_the_week_count_from_monday():
    assert weekly_minute(at("2026-03-09T00:00")) == 0
    assert weekly_minute(at("2026-03-11T14:31")) == 2 * 1_440 + 14 * 60 + 31
    assert weekly_minute(at("2026-03-15T23:59")) == WEEK_MINUTES - 1


def test_fx_trades_from_sunday_to_friday_ten_in_the_evening():
    assert sessions("fx") == (Session(0, FRIDAY + 22 * 60), Session(SUNDAY + 22 * 60, WEEK_MINUTES))


def test_indices_rest_an_hour_a_day():
    assert sessions("us_index")[:2] == (Session(0, 22 * 60), Session(23 * 60, 1_440 + 22 * 60))
    assert open_minutes("us_index") == 5 * 23 * 60


def test_us_shares_trade_their_exchange_hours_on_five_days():
    assert sessions("us_shares") == tuple(Session(day * 1_440 + 870, day * 1_440 + 1_260) for day in range(5))


def test_crypto_never_closes():
    assert sessions("always") == (Session(0, WEEK_MINUTES),)


@pytest.mark.parametrize("name", list(HOURS))
def test_sessions_are_in_order_apart_and_within_the_week(name):
    edges = [edge for session in sessions(name) for edge in (session.open_minute, session.close_minute)]

    assert edges == sorted(set(edges))
    assert edges[0] >= 0
    assert edges[-1] <= WEEK_MINUTES


@pytest.mark.parametrize("name", list(HOURS))
@pytest.mark.parametrize("days", range(7))
def test_a_rotated_timetable_is_open_when_the_market_calendar_says_so(name, days):
    for minute in range(0, WEEK_MINUTES, 17):
        by_date = any(s.open_minute <= minute < s.close_minute for s in rotated_sessions(name, days))
        in_market = (minute + days * 1_440) % WEEK_MINUTES
        assert by_date == any(s.open_minute <= in_market < s.close_minute for s in sessions(name))


@pytest.mark.parametrize(
    ("start", "days"),
    [
        ("2026-03-11T12:00", 0),  # Wednesday
        ("2026-03-13T21:59", 0),  # Friday, a minute before the close
        ("2026-03-13T22:00", 4),
        ("2026-03-14T12:00", 3),  # Saturday
        ("2026-03-15T21:59", 2),  # Sunday, a minute before the open
        ("2026-03-15T22:00", 0),
    ],
)
def test_a_start_in_the_weekend_becomes_a_tuesday(start, days):
    assert calendar_shift_days(at(start)) == days
    if days:
        assert weekly_minute(at(start), days) // 1_440 == 1


def test_timetables_tell_open_and_the_distance_to_both_edges():
    timetables = Timetables(("us_shares", "fx", "always"))

    timetables.read(weekly_minute(at("2026-03-11T14:40")))

    assert timetables.open.tolist() == [True, True, True]
    assert timetables.since_open[0] == 10
    assert timetables.to_close[0] == 380
    assert timetables.since_open[2] == timetables.to_close[2] == WEEK_MINUTES


def test_the_turn_of_the_week_is_no_edge_for_fx():
    timetables = Timetables(("fx",))

    timetables.read(10)
    assert timetables.since_open.tolist() == [130]
    assert timetables.to_close.tolist() == [5 * 1_440 - 130]

    timetables.read(WEEK_MINUTES - 10)
    assert timetables.since_open.tolist() == [110]
    assert timetables.to_close.tolist() == [5 * 1_440 - 110]


def test_a_closed_timetable_has_no_edges_near():
    timetables = Timetables(("us_shares",))

    timetables.read(weekly_minute(at("2026-03-11T03:00")))

    assert not np.any(timetables.open)
    assert timetables.since_open.tolist() == timetables.to_close.tolist() == [WEEK_MINUTES]


def test_an_unknown_timetable_is_an_error():
    with pytest.raises(KeyError):
        sessions("moon")
