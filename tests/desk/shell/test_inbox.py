"""The inbox as the whole desk watches it: what is mine, what has arrived, and what a silent database does to it."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from dealerdesk.clock import HOUR_US, MINUTE_US, SECOND_US, Clock
from dealerdesk.commands.inbox import Person, items
from dealerdesk.commands.inbox_queries import Inbox
from dealerdesk.commands.records import CommandRecord, CommandState, Need
from dealerdesk.commands.roles import Role
from dealerdesk.desk.inbox import InboxWatch, Waiting

from .conftest import NOW_US, command

SUPERVISOR = Need("large", "50 lots or more", 1, (Role.SUPERVISOR,), 60, (Role.HEAD_DEALER,))


class Shelf(QObject):
    """A library that holds these commands for a supervisor, or is silent."""

    commands_changed = Signal(object)
    tables_changed = Signal(object)

    def __init__(self, desk_clock: Clock) -> None:
        super().__init__()
        self.desk_clock = desk_clock
        self.desk_ahead_us = 0
        self.role = Role.SUPERVISOR
        self.records: list[CommandRecord] = []
        self.people: dict[str, tuple[str, Role]] = {}
        self.silent = False
        self.reads = 0

    def database_us(self) -> int:
        return self.desk_clock() - self.desk_ahead_us

    async def inbox(self) -> Inbox:
        self.reads += 1
        if self.silent:
            raise ConnectionError("locked")
        return Inbox(Person("carol", "Carol", self.role), tuple(items(self.records)), (), self.people)


class Setting:
    """A watch on a shelf, with a clock that stands still."""

    def __init__(self) -> None:
        self.now_us = NOW_US
        self.shelf = Shelf(self.clock)
        anything: Any = self.shelf
        self.watch = InboxWatch(anything, self.clock, run)
        self.arrived: list[list[str]] = []
        self.watch.arrived.connect(self._note)

    def clock(self) -> int:
        return self.now_us

    def _note(self, found: tuple[Any, ...]) -> None:
        self.arrived.append([item.key for item in found])


def run(work: Coroutine[object, object, None]) -> None:
    with pytest.raises(StopIteration):
        work.send(None)


def asked(number: int, **changes: Any) -> CommandRecord:
    """A request that waits for a supervisor, asked now."""
    terms = {"id": f"dd{number}", "needs": (SUPERVISOR,), "requested_us": NOW_US, "expires_us": NOW_US + 8 * HOUR_US}
    return command(CommandState.REQUESTED, **{**terms, **changes})


@pytest.fixture
def setting(qtbot: QtBot) -> Setting:
    return Setting()


def test_what_stood_there_at_the_start_does_not_ring_and_what_comes_does(setting: Setting) -> None:
    setting.shelf.records = [asked(1)]
    setting.watch.tick()
    assert setting.arrived == []

    setting.shelf.records = [asked(1), asked(2)]
    setting.shelf.commands_changed.emit(("dd2",))
    assert setting.arrived == [["dd2"]]
    assert setting.watch.waiting() == Waiting(mine=2, anybody=2, oldest_waits_us=0, ageing=False)


def test_what_waits_for_others_does_not_ring(setting: Setting) -> None:
    setting.shelf.role = Role.DEALER
    setting.watch.tick()
    setting.shelf.records = [asked(1)]
    setting.shelf.commands_changed.emit(("dd1",))

    assert setting.arrived == []
    assert setting.watch.waiting() == Waiting(mine=0, anybody=1)


def test_it_rings_for_a_head_dealer_when_the_request_escalates(setting: Setting) -> None:
    setting.shelf.role = Role.HEAD_DEALER
    setting.shelf.records = [asked(1)]
    setting.watch.tick()
    setting.now_us += 59 * SECOND_US
    setting.watch.tick()
    assert setting.arrived == []

    setting.now_us += SECOND_US
    setting.watch.tick()
    assert setting.arrived == [["dd1"]]
    assert setting.watch.waiting().ageing


def test_a_cover_that_begins_is_looked_at_again(setting: Setting) -> None:
    setting.watch.tick()
    setting.shelf.tables_changed.emit({"covers": ["x"]})
    setting.shelf.tables_changed.emit({"quotes": ["x"]})

    assert setting.shelf.reads == 2


def test_a_silent_database_is_said_and_asked_again_after_two_seconds(setting: Setting) -> None:
    setting.shelf.silent = True
    setting.watch.tick()
    assert setting.watch.trouble == "The database does not answer: locked"

    setting.shelf.silent = False
    setting.now_us += SECOND_US
    setting.watch.tick()
    assert setting.shelf.reads == 1
    setting.now_us += SECOND_US
    setting.watch.tick()
    assert (setting.shelf.reads, setting.watch.trouble) == (2, "")


@pytest.mark.parametrize("ahead_us", [10 * MINUTE_US, -10 * MINUTE_US], ids=["ten minutes fast", "ten minutes slow"])
def test_a_desk_on_a_wrong_clock_ages_and_escalates_by_the_databases(setting: Setting, ahead_us: int) -> None:
    setting.shelf.role = Role.HEAD_DEALER
    setting.shelf.desk_ahead_us = ahead_us
    setting.now_us += ahead_us
    setting.watch.tick()
    setting.shelf.records = [asked(1)]
    setting.shelf.commands_changed.emit(("dd1",))
    setting.now_us += 59 * SECOND_US
    setting.watch.tick()
    assert (setting.arrived, setting.watch.waiting()) == ([], Waiting(mine=0, anybody=1))

    setting.now_us += SECOND_US
    setting.watch.tick()
    assert setting.arrived == [["dd1"]]
    assert setting.watch.waiting() == Waiting(mine=1, anybody=1, oldest_waits_us=MINUTE_US, ageing=True)


def test_people_are_known_by_name_once_the_inbox_was_read(setting: Setting) -> None:
    named: list[str] = []
    setting.watch.named.connect(lambda: named.append(setting.watch.name("dana")))
    assert setting.watch.name("dana") == "dana"

    setting.shelf.people = {"dana": ("Dana Novak", Role.HEAD_DEALER)}
    setting.watch.tick()
    setting.watch.reload()
    assert named == ["Dana Novak"]
