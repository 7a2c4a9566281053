"""Which changed settings go on record, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from pathlib import Path

from dealerdesk.desk.settings import Preferences, UserFiles, WindowMemory
from dealerdesk.desk.settings_record import SettingsRecord


class NotingLibrary:
    """An open database that takes notes, or raises `trouble`."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.opened.set()
        self.notes: list[tuple[str, str, str, str]] = []
        self.trouble: OSError | None = None

    async def note(self, action: str, subject: str, before: str, after: str) -> None:
        if self.trouble is not None:
            raise self.trouble
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


def test_locking_ringing_and_the_currency_go_on_record_once_and_looks_do_not(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.preferences = replace(
        scene.preferences, lock_after_minutes=30, sound=False, currency="EUR", theme="light", frame_every_ms=50
    )
    scene.record.look()
    scene.opened_again().look()

    assert scene.library.notes == [
        ("setting changed", "idle lock, minutes", "10", "30"),
        ("setting changed", "sound", "on", "off"),
        ("setting changed", "reporting currency", "USD", "EUR"),
    ]


def test_what_could_not_be_noted_is_noted_at_the_next_start(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.preferences = replace(scene.preferences, sound=False)
    scene.library.trouble = ConnectionError("cut")
    scene.record.look()
    scene.library.trouble = None
    scene.opened_again().look()

    assert scene.library.notes == [("setting changed", "sound", "on", "off")]
