"""When instruments trade: weekly timetables in UTC (winter time), and the calendar's shift. No prices, no holidays.

A timetable is written as people do: "Mon-Fri 14:30-21:00"; a close at or before the open is on the next day, and
sessions that touch become one. FX so runs from Sunday 22:00 to Friday 22:00.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dealerdesk.clock import DAY_US, MINUTE_US
from dealerdesk.instruments import Session

DAY_MINUTES = 1_440
WEEK_MINUTES = 7 * DAY_MINUTES
THURSDAY = 3
"""1 January 1970."""
WEEKEND_OPENS = 4 * DAY_MINUTES + 22 * 60
WEEKEND_CLOSES = 6 * DAY_MINUTES + 22 * 60
TUESDAY = 1

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS = {
    "fx": ("Sun-Thu 22:00-22:00",),
    "metals": ("Sun-Thu 23:00-22:00",),
    "us_index": ("Sun-Thu 23:00-22:00",),
    "eu_index": ("Mon-Fri 00:15-21:00",),
    "eu_cash_index": ("Mon-Fri 07:00-19:00",),
    "au_index": ("Sun-Thu 22:50-05:30", "Mon-Fri 06:10-21:00"),
    "hk_index": ("Mon-Fri 01:15-04:00", "Mon-Fri 05:00-08:30", "Mon-Fri 09:15-19:00"),
    "cn_index": ("Mon-Fri 01:00-08:30", "Mon-Fri 09:00-20:45"),
    "sg_index": ("Mon-Fri 00:30-09:10", "Mon-Fri 09:40-20:45"),
    "brent": ("Mon-Fri 01:00-22:00",),
    "us_shares": ("Mon-Fri 14:30-21:00",),
    "xetra": ("Mon-Fri 08:00-16:30",),
    "lse": ("Mon-Fri 08:00-16:30",),
    "euronext": ("Mon-Fri 08:00-16:30",),
    "hkex": ("Mon-Fri 01:30-04:00", "Mon-Fri 05:00-08:00"),
    "tse": ("Mon-Fri 00:00-02:30", "Mon-Fri 03:30-06:00"),
    "asx": ("Sun-Thu 23:00-05:00",),
    "always": ("Mon-Sun 00:00-00:00",),
}


def weekly_minute(time_us: int, shift_days: int = 0) -> int:
    """UTC minutes since Monday 00:00 at `time_us`, in a calendar moved on by `shift_days`."""
    return (time_us // MINUTE_US + (THURSDAY + shift_days) * DAY_MINUTES) % WEEK_MINUTES


def calendar_shift_days(start_us: int) -> int:
    """Days that the market's calendar runs ahead of the date so that a start in the weekend finds it trading.

    0 for a start while FX trades; between Friday 22:00 and Sunday 22:00 the days to the next Tuesday.
    """
    minute = weekly_minute(start_us)
    if not WEEKEND_OPENS <= minute < WEEKEND_CLOSES:
        return 0
    weekday = (start_us // DAY_US + THURSDAY) % 7
    return (TUESDAY - weekday) % 7


@cache
def sessions(market_hours: str) -> tuple[Session, ...]:
    """The weekly sessions of a timetable, in order, within one week from Monday 00:00; KeyError if it has none."""
    spans = sorted(span for line in HOURS[market_hours] for span in _spans(line))
    return _joined(spans)


@cache
def rotated_sessions(market_hours: str, shift_days: int) -> tuple[Session, ...]:
    """The sessions as dates show them when the market's calendar runs `shift_days` ahead."""
    spans: list[tuple[int, int]] = []
    for session in sessions(market_hours):
        spans += _within_week(
            session.open_minute - shift_days * DAY_MINUTES, session.close_minute - session.open_minute
        )
    return _joined(sorted(spans))


def open_minutes(market_hours: str) -> int:
    """Minutes a week in which a timetable trades."""
    return sum(session.close_minute - session.open_minute for session in sessions(market_hours))


class Timetables:
    """Several timetables at one moment, as arrays in the order of `names`: `open`, minutes since the open and to the
    close (both WEEK_MINUTES where there is no such edge, as for what never closes)."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.open: NDArray[np.bool_] = np.zeros(len(self.names), np.bool_)
        self.since_open: NDArray[np.int64] = np.full(len(self.names), WEEK_MINUTES, np.int64)
        self.to_close: NDArray[np.int64] = np.full(len(self.names), WEEK_MINUTES, np.int64)

    def read(self, minute: int) -> None:
        """Sets the arrays for a minute of the week."""
        for place, name in enumerate(self.names):
            edges = _edges(name, minute)
            self.open[place] = edges is not None
            self.since_open[place], self.to_close[place] = edges or (WEEK_MINUTES, WEEK_MINUTES)


def _edges(name: str, minute: int) -> tuple[int, int] | None:
    """Minutes since the open and to the close of the session that covers `minute`, across the turn of the week."""
    spans = sessions(name)
    current = next((span for span in spans if span.open_minute <= minute < span.close_minute), None)
    if current is None:
        return None
    opened, closes = current.open_minute, current.close_minute
    turns = spans[0].open_minute == 0 and spans[-1].close_minute == WEEK_MINUTES
    if turns and len(spans) == 1:
        return WEEK_MINUTES, WEEK_MINUTES
    if turns and current is spans[0]:
        opened = spans[-1].open_minute - WEEK_MINUTES
    elif turns and current is spans[-1]:
        closes = spans[0].close_minute + WEEK_MINUTES
    return minute - opened, closes - minute


def _spans(line: str) -> list[tuple[int, int]]:
    days, hours = line.split()
    first, last = (WEEKDAYS.index(day) for day in days.split("-"))
    opens, closes = (_minutes(clock) for clock in hours.split("-"))
    length = (closes - opens - 1) % DAY_MINUTES + 1
    count = (last - first) % 7 + 1
    return [span for day in range(first, first + count) for span in _within_week(day * DAY_MINUTES + opens, length)]


def _minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _within_week(opens: int, length: int) -> list[tuple[int, int]]:
    opens %= WEEK_MINUTES
    closes = opens + length
    if closes <= WEEK_MINUTES:
        return [(opens, closes)]
    return [(opens, WEEK_MINUTES), (0, closes - WEEK_MINUTES)]


def _joined(spans: list[tuple[int, int]]) -> tuple[Session, ...]:
    joined: list[tuple[int, int]] = []
    for opens, closes in spans:
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(closes, joined[-1][1]))
        else:
            joined.append((opens, closes))
    return tuple(Session(opens, closes) for opens, closes in joined)
