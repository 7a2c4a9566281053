"""Reads a set from the database anew when it has changed: one reading at a time, again if news came meanwhile.

What is read and shown is the owner's. A hidden one waits until it is looked at; a database that does not answer is told
of, and asked again after two seconds.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Coroutine
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from dealerdesk.clock import SECOND_US
from dealerdesk.store.connection_trouble import unanswered

if TYPE_CHECKING:
    from dealerdesk.clock import Clock
    from dealerdesk.desk.library import Library
    from dealerdesk.desk.table import TableView

RETRY_US = 2 * SECOND_US
AGAIN = "It is tried again by itself."


class Rereading(QObject):
    """Calls `read`, which fetches and shows; `told` then hears "", or the sentence why nothing could be read."""

    def __init__(
        self,
        read: Callable[[], Awaitable[None]],
        told: Callable[[str], None],
        clock: Clock,
        run: Callable[[Coroutine[object, object, None]], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._read = read
        self._told = told
        self._clock = clock
        self._run = run
        self._is_looked_at: Callable[[], bool] | None = None
        self._tables: Collection[str] = ()
        self._is_fresh = self._is_reading = False
        self._failed_us = 0

    @classmethod
    def into(
        cls,
        table: TableView,
        read: Callable[[], Awaitable[None]],
        clock: Clock,
        run: Callable[[Coroutine[object, object, None]], None],
    ) -> Rereading:
        """One that is shown in a table: while that is hidden, news wait."""
        made = cls(read, partial(_tell, table), clock, run, table)
        made._is_looked_at = table.isVisible
        return made

    def follow(self, library: Library, tables: Collection[str] = ()) -> None:
        """Hears of every change of a command and of these tables."""
        self._tables = tables
        library.commands_changed.connect(self.news)
        library.tables_changed.connect(self._on_tables)

    def news(self) -> None:
        """Something changed: it is read now if somebody looks at it, else when somebody does."""
        self._is_fresh = False
        if self._is_looked_at is None or self._is_looked_at():
            self._begin()

    def anew(self) -> None:
        """Reads whether anybody looks at it or not."""
        self._is_fresh = False
        self._begin()

    def look(self) -> None:
        """Called on the beat: reads what is not fresh; what failed just now rests a while first."""
        # a clock that was set back must not put it off for hours
        if not self._is_fresh and abs(self._clock() - self._failed_us) >= RETRY_US:
            self._begin()

    def _on_tables(self, tables: dict[str, list[str]]) -> None:
        if not tables.keys().isdisjoint(self._tables):
            self.news()

    def _begin(self) -> None:
        if not self._is_reading:
            self._is_reading = self._is_fresh = True
            self._run(self._go())

    async def _go(self) -> None:
        try:
            await self._read()
        except OSError as trouble:
            self._is_fresh, self._failed_us = False, self._clock()
            self._told(unanswered(trouble))
            return
        finally:
            self._is_reading = False
        self._told("")
        if not self._is_fresh:
            self.news()


def _tell(table: TableView, trouble: str) -> None:
    if trouble:
        table.set_failed(trouble, AGAIN)
    else:
        table.set_loading(None)
        table.set_failed(None)
