"""Moments are aware and exact to the microsecond."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealerdesk.clock import from_us, is_within_week, now_us, to_us


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="expected an aware moment"):
        to_us(datetime(2026, 3, 12, 16, 42, 7))  # noqa: DTZ001  the naive moment is the case


def test_a_second_after_the_epoch_is_a_million_microseconds() -> None:
    assert to_us(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)) == 1_000_000


@given(st.integers(0, 4_000_000_000_000_000))
def test_microseconds_survive_the_way_to_a_moment_and_back(us: int) -> None:
    assert to_us(from_us(us)) == us


def test_the_clock_runs_forward() -> None:
    assert now_us() <= now_us()


@pytest.mark.parametrize(
    ("minute", "begin", "end", "answer"),
    [(10, 10, 20, True), (20, 10, 20, False), (10_000, 9_000, 60, True), (59, 9_000, 60, True), (60, 9_000, 60, False)],
)
def test_a_stretch_of_the_week_may_run_over_sundays_end(minute: int, begin: int, end: int, answer: bool) -> None:
    assert is_within_week(minute, begin, end) is answer
