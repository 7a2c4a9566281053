"""The one owner of the desk's tasks."""

from __future__ import annotations

import asyncio

from dealerdesk.commands.records import Refused
from dealerdesk.desk.jobs import Jobs
from dealerdesk.desk.theme import Tone


async def raise_it(error: Exception) -> None:
    raise error


def told_after(*errors: Exception) -> tuple[list[tuple[str, Tone]], int]:
    notes: list[tuple[str, Tone]] = []

    async def whole() -> int:
        async with Jobs(lambda text, tone: notes.append((text, tone))) as jobs:
            jobs.refusals = (Refused,)
            for error in errors:
                jobs.run(raise_it(error))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        return jobs.bugs

    return notes, asyncio.run(whole())


def test_a_refusal_is_told_in_its_own_words() -> None:
    assert told_after(Refused("101 is locked by compliance")) == ([("101 is locked by compliance", Tone.ATTENTION)], 0)


def test_trouble_outside_is_told_and_is_no_bug() -> None:
    notes, bugs = told_after(ConnectionError("the database does not answer"))

    assert notes == [("the database does not answer", Tone.ATTENTION)]
    assert bugs == 0


def test_a_bug_is_counted_told_and_ends_nobody_else() -> None:
    notes, bugs = told_after(KeyError("oops"), OSError("disk full"))

    assert bugs == 1
    assert notes[0][0].startswith("Something went wrong (KeyError")
    assert notes[0][1] is Tone.ALARM
    assert notes[1] == ("disk full", Tone.ATTENTION)


def test_leaving_ends_what_still_runs() -> None:
    ended: list[str] = []

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    async def whole() -> None:
        async with Jobs(lambda _text, _tone: None) as jobs:
            jobs.run(stubborn())
            await asyncio.sleep(0)

    asyncio.run(whole())

    assert ended == ["ended"]
