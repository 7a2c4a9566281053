"""Which changed settings go on record, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import fields, replace
from pathlib import Path

from dealerdesk.desk.settings import Preferences, UserFiles, WindowMemory
from dealerdesk.desk.settings_record import LOOKS, RECORDED, SettingsRecord


class NotingLibrary:
    """An open database that takes notes, or raises `trouble`."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.opened.set()
        self.notes: list[tuple[str, str, str, str]] = []
        self.trouble: OSError | None = None
        self.trouble_with = "sound"

    async def note(self, action: str, subject: str, before: str, after: str) -> None:
        if self.trouble is not None and subject == self.trouble_with:
            raise self.trouble
        await asyncio.sleep(0)
        self.notes.append((action, subject, before, after))


class Scene:
    def __init__(self, folder: Path) -> None:
        self.library = NotingLibrary()
        self.preferences = Preferences()
        self.memory = WindowMemory(UserFiles(folder).window_settings())
        self.record = self.opened_again()

    def opened_again(self) -> SettingsRecord:
        return SettingsRecord(self.library, self.memory, self.now, self.run)  # type: ignore[arg-type]

    def now(self) -> Preferences:
        return self.preferences

    def run(self, work: Coroutine[object, object, None]) -> None:
        asyncio.run(work)


def test_the_defaults_are_nothing_to_tell(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.record.look()

    assert scene.library.notes == []


def test_every_preference_is_either_on_record_or_a_matter_of_looks() -> None:
    assert {field.name for field in fields(Preferences)} == RECORDED.keys() | LOOKS
    assert RECORDED.keys().isdisjoint(LOOKS)


def test_what_is_shown_and_warned_of_goes_on_record_once_and_looks_do_not(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.preferences = replace(
        scene.preferences,
        lock_after_minutes=30,
        sound=False,
        currency="EUR",
        frame_every_ms=1_000,
        theme="light",
        workspace="Quiet",
    )
    scene.record.look()
    scene.opened_again().look()

    assert scene.library.notes == [
        ("setting changed", "idle lock, minutes", "10", "30"),
        ("setting changed", "sound", "on", "off"),
        ("setting changed", "reporting currency", "USD", "EUR"),
        ("setting changed", "live figures every, ms", "30", "1000"),
    ]


def test_what_could_not_be_noted_is_noted_at_the_next_start(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.preferences = replace(scene.preferences, sound=False)
    scene.library.trouble = ConnectionError("cut")
    scene.record.look()
    scene.library.trouble = None
    scene.opened_again().look()

    assert scene.library.notes == [("setting changed", "sound", "on", "off")]


def test_what_was_noted_before_the_line_was_cut_is_not_noted_again(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.preferences = replace(scene.preferences, lock_after_minutes=5, sound=False)
    scene.library.trouble = ConnectionError("cut")
    scene.record.look()
    scene.library.trouble = None
    scene.opened_again().look()

    assert scene.library.notes == [
        ("setting changed", "idle lock, minutes", "10", "5"),
        ("setting changed", "sound", "on", "off"),
    ]


def test_a_setting_changed_twice_in_a_moment_is_told_step_by_step(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    works: list[Coroutine[object, object, None]] = []
    record = SettingsRecord(scene.library, scene.memory, scene.now, works.append)  # type: ignore[arg-type]

    async def play() -> None:
        scene.preferences = replace(scene.preferences, sound=False)
        record.look()
        first = asyncio.ensure_future(works.pop())
        await asyncio.sleep(0)
        scene.preferences = replace(scene.preferences, sound=True)
        record.look()
        await asyncio.gather(first, works.pop())

    asyncio.run(play())
    assert scene.library.notes == [
        ("setting changed", "sound", "on", "off"),
        ("setting changed", "sound", "off", "on"),
    ]
