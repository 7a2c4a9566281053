"""Puts on record what a person changed of the settings that say what they are shown and warned of.

Looks alone are nobody's business. A setting may also be changed by hand in its file while no desk is open, so what
stood there last is kept and compared with. What is on record and what is not is told in `docs/audit.md`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from typing import TYPE_CHECKING

import structlog

from dealerdesk.desk.settings import Preferences, WindowMemory

if TYPE_CHECKING:
    from dealerdesk.desk.library import Library

log = structlog.get_logger(__name__)
RECORDED = {
    "lock_after_minutes": "idle lock, minutes",
    "sound": "sound",
    "currency": "reporting currency",
    "frame_every_ms": "live figures every, ms",
}
"""Preferences that are settings in this sense, with the words for the audit log."""
LOOKS = frozenset(("theme", "workspace"))
"""The others: how a desk looks and where it begins."""
CHANGED = "setting changed"
MEMORY = "settings-on-record"
Run = Callable[[Coroutine[object, object, None]], None]


class SettingsRecord:
    """Compares what a person prefers with what was last put on record; a difference goes there once."""

    def __init__(
        self, library: Library, memory: WindowMemory, preferences: Callable[[], Preferences], run: Run
    ) -> None:
        self._library = library
        self._memory = memory
        self._preferences = preferences
        self._run = run
        self._one_at_a_time = asyncio.Lock()

    def look(self) -> None:
        """Puts what has changed on record, once the database is open."""
        self._run(self._note_changes())

    async def _note_changes(self) -> None:
        await self._library.opened.wait()
        async with self._one_at_a_time:
            known = _settings(Preferences()) | dict(self._memory.load(MEMORY) or {})
            now = _settings(self._preferences())
            for name, words in RECORDED.items():
                if now[name] == known[name]:
                    continue
                try:
                    await self._library.note(CHANGED, words, before=_said(known[name]), after=_said(now[name]))
                except OSError as error:
                    # it is compared again at the next start
                    log.warning("a changed setting is not on record yet", setting=words, error=str(error))
                    return
                known[name] = now[name]
                self._memory.save(MEMORY, known)


def _settings(preferences: Preferences) -> dict[str, object]:
    return {name: value for name, value in asdict(preferences).items() if name in RECORDED}


def _said(value: object) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)
