"""A set that is read anew when it changed: once at a time, and again when the database was silent."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal

from dealerdesk.clock import HOUR_US, SECOND_US
from dealerdesk.desk.rereading import Rereading

TROUBLE = "The database does not answer: gone"


class News(QObject):
    """A library that only has news."""

    commands_changed = Signal(object)
    tables_changed = Signal(object)


class Owner(QObject):
    """Reads a number that somebody else counts up; waits for `gate` where a test gives one."""

    def __init__(self) -> None:
        super().__init__()
        self.there = 1
        self.shown: list[int] = []
        self.told: list[str] = []
        self.trouble: Exception | None = None
        self.gate: asyncio.Event | None = None
        self.tasks: list[asyncio.Task[None]] = []
        self.now_us = HOUR_US
        self.reading = Rereading(self.read, self.told.append, self.clock, self.run, self)

    def clock(self) -> int:
        return self.now_us

    def run(self, work: Coroutine[object, object, None]) -> None:
        self.tasks.append(asyncio.get_running_loop().create_task(work))  # type: ignore[arg-type]

    async def read(self) -> None:
        found = self.there
        if self.gate is not None:
            await self.gate.wait()
        if self.trouble is not None:
            raise self.trouble
        self.shown.append(found)

    async def rest(self) -> None:
        """Until nothing runs any more."""
        for _ in range(10):
            await asyncio.sleep(0)


def play(story: Any) -> Owner:
    """Lets a story happen to an owner."""

    async def told() -> Owner:
        owner = Owner()
        await story(owner)
        return owner

    return asyncio.run(told())


def test_it_is_read_with_the_first_look_and_then_left_alone() -> None:
    async def story(owner: Owner) -> None:
        for _ in range(3):
            owner.reading.look()
            await owner.rest()

    owner = play(story)
    assert (owner.shown, owner.told) == ([1], [""])


def test_news_that_come_while_it_is_read_are_read_right_after_and_once() -> None:
    async def story(owner: Owner) -> None:
        owner.gate = asyncio.Event()
        owner.reading.look()
        await owner.rest()
        for there in (2, 3):
            owner.there = there
            owner.reading.news()
            owner.reading.look()
        owner.gate.set()
        await owner.rest()

    assert play(story).shown == [1, 3]


def test_what_could_not_be_read_is_told_and_rests_for_two_seconds() -> None:
    async def story(owner: Owner) -> None:
        owner.trouble = OSError("gone")
        for _ in range(5):
            owner.reading.look()
            await owner.rest()
        assert len(owner.tasks) == 1
        owner.now_us += 2 * SECOND_US
        owner.trouble = None
        owner.reading.look()
        await owner.rest()

    owner = play(story)
    assert (owner.shown, owner.told) == ([1], [TROUBLE, ""])


def test_a_clock_that_is_set_back_does_not_put_it_off() -> None:
    async def story(owner: Owner) -> None:
        owner.trouble = OSError("gone")
        owner.reading.look()
        await owner.rest()
        owner.trouble, owner.now_us = None, 0
        owner.reading.look()
        await owner.rest()

    assert play(story).shown == [1]


def test_a_bug_is_its_runners_to_report_and_is_not_repeated_with_every_look() -> None:
    async def story(owner: Owner) -> None:
        owner.trouble = ZeroDivisionError("bug")
        for _ in range(3):
            owner.reading.look()
            await owner.rest()
        with pytest.raises(ZeroDivisionError):
            await owner.tasks[0]
        owner.trouble = None
        owner.reading.news()
        await owner.rest()

    owner = play(story)
    assert (owner.shown, len(owner.tasks)) == ([1], 2)


@pytest.mark.parametrize(("table", "reads"), [("staff", 2), ("covers", 2), ("quotes", 1)])
def test_it_follows_commands_and_its_own_tables(table: str, reads: int) -> None:
    async def story(owner: Owner) -> None:
        news = News(owner)
        owner.reading.follow(news, ("staff", "covers"))  # type: ignore[arg-type]
        news.commands_changed.emit(("dd1",))
        await owner.rest()
        news.tables_changed.emit({table: ["x"]})
        await owner.rest()

    assert len(play(story).shown) == reads
