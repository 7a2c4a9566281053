from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from dealerdesk.bridges.fix.numbers import MemoryNumbers, day_of
from dealerdesk.clock import to_us

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 24, 21, 59, 59, tzinfo=UTC), "2026-11-23"),
        (datetime(2026, 11, 24, 22, 0, tzinfo=UTC), "2026-11-24"),
        (datetime(2026, 7, 1, 20, 59, 59, tzinfo=UTC), "2026-06-30"),  # summer time: an hour earlier in UTC
        (datetime(2026, 7, 1, 21, 0, tzinfo=UTC), "2026-07-01"),
    ],
)
def test_the_day_ends_at_five_in_new_york_whatever_the_season(moment: datetime, day: str) -> None:
    assert day_of(to_us(moment), NEW_YORK, time(17)) == day


def test_a_failed_transaction_leaves_the_numbers_as_they_were() -> None:
    numbers = MemoryNumbers()

    with pytest.raises(ZeroDivisionError):
        _use_and_fail(numbers)

    assert (numbers.next_out, numbers.next_in, numbers.day) == (1, 1, "")


def _use_and_fail(numbers: MemoryNumbers) -> None:
    with numbers.transaction():
        numbers.reset("2026-11-24")
        numbers.next_out = 9
        raise ZeroDivisionError


def test_a_reset_begins_both_at_one() -> None:
    numbers = MemoryNumbers()
    numbers.next_out, numbers.next_in = 40, 50

    numbers.reset("2026-11-24")

    assert (numbers.next_out, numbers.next_in, numbers.day) == (1, 1, "2026-11-24")
