"""Told to end, the program leaves; what it was told to ignore it goes on ignoring."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from dealerdesk.desk.ending import ENDED, LeaveLater, leave_at_once, told_to_end


@pytest.fixture(params=[signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def number(request: pytest.FixtureRequest) -> Iterator[signal.Signals]:
    """A signal that is not ignored, as some are in whatever runs in the background."""
    found = signal.signal(request.param, signal.SIG_DFL)
    yield request.param
    signal.signal(request.param, found)


def test_each_way_of_being_told_is_heard_and_afterwards_all_is_as_before(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    told: list[str] = []

    with told_to_end(lambda: told.append("leave")):
        signal.raise_signal(number)
        signal.raise_signal(number)

    assert told == ["leave", "leave"]
    assert signal.getsignal(number) is before


def test_what_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        told: list[str] = []
        with told_to_end(lambda: told.append("leave")):
            signal.raise_signal(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)

    assert told == []


def test_what_was_entered_is_left_in_order() -> None:
    left: list[str] = []

    with told_to_end(leave_at_once), pytest.raises(SystemExit) as ended:
        _work_until_told(left)

    assert (left, ended.value.code) == (["children"], ENDED)


def test_told_before_anything_can_be_left_it_leaves_as_soon_as_something_can() -> None:
    left: list[str] = []
    leaving = LeaveLater()

    with told_to_end(leaving):
        signal.raise_signal(signal.SIGTERM)
        assert left == []
        leaving.by(lambda: left.append("window"))
        assert left == ["window"]
        signal.raise_signal(signal.SIGTERM)

    assert left == ["window", "window"]


def _work_until_told(left: list[str]) -> None:
    try:
        signal.raise_signal(signal.SIGTERM)
    finally:
        left.append("children")
