"""Moments in UTC as the program passes them: aware datetimes and integer microseconds.

The process's own clock is read by `utc_now` where a process starts and handed on; a trading server's
clock offset is converted in its bridge and nowhere else.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US
DAY_US = 24 * HOUR_US
WEEK_MINUTES = 7 * 24 * 60

Clock = Callable[[], int]
"""Returns the present moment in microseconds since 1970 UTC."""


def now_us() -> int:
    """The machine's clock in microseconds since 1970 UTC."""
    return time.time_ns() // 1_000


def to_us(moment: datetime) -> int:
    """An aware moment as microseconds since 1970 UTC; raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError(f"time: expected an aware moment, got {moment.isoformat()}")
    return (moment - EPOCH) // timedelta(microseconds=1)


def from_us(us: int) -> datetime:
    """Microseconds since 1970 as an aware UTC moment."""
    return EPOCH + timedelta(microseconds=us)


def is_within_week(minute: int, begin: int, end: int) -> bool:
    """Whether a minute of the week lies from `begin` to `end` (exclusive); all since Monday 00:00 UTC. A stretch that
    ends before it begins runs over Sunday's end."""
    return begin <= minute < end if begin <= end else minute >= begin or minute < end
