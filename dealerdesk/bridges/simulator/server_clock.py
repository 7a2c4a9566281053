"""The clock of a MetaTrader server: Eastern European time with the European Union's daylight saving, by explicit rule.

UTC+2 in winter, UTC+3 from the last Sunday of March 01:00 UTC to the last Sunday of October 01:00 UTC. All times are
integer microseconds; a "server time" is what the server's clock shows, counted as if it were UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from dealerdesk.clock import HOUR_US, SECOND_US, from_us, to_us

WINTER_OFFSET_US = 2 * HOUR_US
SUMMER_OFFSET_US = 3 * HOUR_US
SUNDAY = 6


def offset_us(utc_us: int) -> int:
    """How far the server's clock is ahead of UTC at a moment in UTC."""
    begins, ends = _summer(from_us(utc_us).year)
    return SUMMER_OFFSET_US if begins <= utc_us < ends else WINTER_OFFSET_US


def offset_s(utc_us: int) -> int:
    """The same in seconds."""
    return offset_us(utc_us) // SECOND_US


def to_server_us(utc_us: int) -> int:
    """What the server's clock shows at a moment in UTC."""
    return utc_us + offset_us(utc_us)


def to_utc_us(server_us: int, near_us: int) -> int:
    """The moment in UTC at which the server's clock shows `server_us`.

    In the hour that the clock repeats in October both answers are right: the one nearer to `near_us` (UTC) is given.
    In the hour that it skips in March no moment shows that time; the answer is counted in winter time.
    """
    candidates = [
        server_us - ahead for ahead in (SUMMER_OFFSET_US, WINTER_OFFSET_US) if offset_us(server_us - ahead) == ahead
    ]
    if not candidates:
        return server_us - WINTER_OFFSET_US
    return min(candidates, key=lambda moment: abs(moment - near_us))


@lru_cache(maxsize=64)
def _summer(year: int) -> tuple[int, int]:
    return _last_sunday_at_one(year, 3), _last_sunday_at_one(year, 10)


def _last_sunday_at_one(year: int, month: int) -> int:
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return to_us(last - timedelta(days=(last.weekday() - SUNDAY) % 7))
