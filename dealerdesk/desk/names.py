"""Clients' names on a desk whose person may read them: from the database into the live state, in slices.

Bridges tell desks no names. Whose role does not see names plainly gets none here, and the state shows a mask with the
client's number instead. A slice is small enough for the frames in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from dealerdesk.commands.fields import sees_names
from dealerdesk.commands.roles import Role
from dealerdesk.live.directory import name_clients, names_given

if TYPE_CHECKING:
    from dealerdesk.desk.library import Library
    from dealerdesk.live.state import LiveState

SLICE_NAMES = 1_000
"""So many at a time; a slice takes a millisecond or two."""
EVERY_ROW = ""
TABLE = "clients"


class Names(QObject):
    """Keeps the names of the live state as the database has them. `given` comes after each round that changed some."""

    given = Signal()

    def __init__(
        self,
        state: LiveState,
        library: Library,
        role: str,
        run: Callable[[Coroutine[object, object, None]], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._state = state
        self._library = library
        self._run = run
        self._wanted: set[str] = set()
        self._reading = False
        if role in frozenset(Role) and sees_names(Role(role)):
            self._want((EVERY_ROW,))
            library.tables_changed.connect(self._changed)
            library.light_changed.connect(self._go_on)

    def _changed(self, tables: Mapping[str, list[str]]) -> None:
        if TABLE in tables:
            self._want(tables[TABLE])

    def _want(self, keys: list[str] | tuple[str, ...]) -> None:
        self._wanted.update(keys)
        self._go_on()

    def _go_on(self) -> None:
        if self._wanted and not self._reading:
            self._reading = True
            self._run(self._read())

    async def _read(self) -> None:
        """Reads what is wanted until nothing is; what could not be read stays wanted for the next look at the light."""
        from dealerdesk.commands.client_names import client_names

        try:
            await self._library.opened.wait()
            while self._wanted:
                wanted = frozenset(self._wanted)
                ids = None if EVERY_ROW in wanted else sorted(map(int, wanted))
                found = await self._library.read(client_names, ids)
                self._wanted -= wanted
                await self._give(found)
        finally:
            self._reading = False

    async def _give(self, names: Mapping[int, str]) -> None:
        changed = False
        for part in _slices(names):
            changed = name_clients(self._state, part) or changed
            await asyncio.sleep(0)
        if changed:
            names_given(self._state)
            self.given.emit()


def _slices(names: Mapping[int, str]) -> Iterator[dict[int, str]]:
    remaining = iter(names.items())
    while part := dict(islice(remaining, SLICE_NAMES)):
        yield part
