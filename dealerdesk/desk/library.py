"""The desk's one way to the database: queries for panels, requests for commands, and news of what others did.

All of it runs in one thread that owns the engine; what comes back are frozen records. SQLAlchemy is imported in that
thread, after the window stands. A database that does not answer is a light that turns, and is tried again. The desk
writes requests and decisions and nothing else; the hub carries them out.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from dealerdesk.bridges.protocol import CommandBody, ResumePoint
    from dealerdesk.clock import Clock
    from dealerdesk.commands.records import CommandRecord, Need
    from dealerdesk.desk.archive import Archive, News
    from dealerdesk.store.queries import HubStatus, StaffMember
    from dealerdesk.trading import BalanceOperation, Deal

P = ParamSpec("P")
T = TypeVar("T")

POLL_S = 0.5
POLL_JITTER_S = 0.05
POLL_IN_FLIGHT_S = 0.1
HUB_SILENT_US = 5_000_000
NOT_OPEN = "the database is not open yet"


class DatabaseState(StrEnum):
    OPENING = "opening"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class DatabaseLight:
    """What the status bar shows: the state in a word, how long the last look took, and what is wrong."""

    state: DatabaseState
    latency_ms: float = 0.0
    trouble: str = ""


class Library(QObject):
    """Async queries and requests of one person; `watch` keeps `open_commands` and the lights fresh.

    `opened` is set for good once the database has answered for the first time.
    """

    commands_changed = Signal(object)
    routing_changed = Signal(object)
    light_changed = Signal()

    def __init__(self, url: str, who: str, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.light = DatabaseLight(DatabaseState.OPENING)
        self.hub: tuple[HubStatus, ...] = ()
        self.who = who
        self.opened = asyncio.Event()
        self._url = url
        self._clock = clock
        self._open: dict[tuple[str, int], CommandRecord] = {}
        self._archive: Archive | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")

    @property
    def open_commands(self) -> Mapping[tuple[str, int], CommandRecord]:
        """(server, login) → its newest command that is not settled yet."""
        return MappingProxyType(self._open)

    @property
    def hub_alive(self) -> bool:
        """Whether the hub has been heard of within five seconds."""
        return any(self._clock() - status.beat_us < HUB_SILENT_US for status in self.hub)

    async def watch(self) -> None:
        """Opens the database, then looks for news until cancelled; trouble is shown and tried again."""
        while True:
            started_us = self._clock()
            try:
                news = await self._in_thread(self._look)
            except OSError as error:
                self._set_light(DatabaseLight(DatabaseState.DOWN, trouble=str(error)))
            else:
                self._take(news)
                self.opened.set()
                self._set_light(DatabaseLight(DatabaseState.UP, (self._clock() - started_us) / 1000))
            await asyncio.sleep(self._pause_s())

    async def close(self) -> None:
        """Lets the thread finish what it does, and closes the engine."""
        await self._in_thread(self._dispose)
        self._thread.shutdown()

    async def read(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`query(connection, …)` in one consistent read; raises DatabaseUnavailable."""
        return await self._in_thread(lambda: self.read_now(query, *args, **kwargs))

    def read_now(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same, blocking, in the caller's thread: for reports at the end of a run."""
        return self._opened().read(query, *args, **kwargs)

    # -- what panels ask ----------------------------------------------------------------------------------------

    async def deals_of(self, server: str, login: int, limit: int = 500) -> list[Deal]:
        """The account's newest deals, newest first."""
        return await self._asked(lambda archive: archive.deals_of(server, login, limit))

    async def balance_operations_of(self, server: str, login: int, limit: int = 500) -> list[BalanceOperation]:
        """The account's newest deposits, withdrawals and corrections, newest first."""
        return await self._asked(lambda archive: archive.balance_operations_of(server, login, limit))

    async def commands_of(self, server: str, login: int, limit: int = 200) -> list[CommandRecord]:
        """The account's commands, newest first."""
        return await self._asked(lambda archive: archive.commands_of(server, login, limit))

    async def recent_commands(self, limit: int = 500) -> list[CommandRecord]:
        """Everybody's newest commands, newest first."""
        return await self._asked(lambda archive: archive.recent_commands(limit))

    async def command(self, command_id: str) -> CommandRecord | None:
        """A command by its id, or None."""
        return await self._asked(lambda archive: archive.command(command_id))

    async def hub_status(self) -> list[HubStatus]:
        """What the hub says of its recorders and itself."""
        return await self._asked(lambda archive: archive.hub_status())

    async def recorded(self) -> dict[str, ResumePoint]:
        """How far each server's stream is in the tables."""
        return await self._asked(lambda archive: archive.recorded())

    async def staff_members(self) -> list[StaffMember]:
        """Everybody who may sign in."""
        return await self._asked(lambda archive: archive.staff_members())

    async def needs(self, server: str, body: CommandBody) -> tuple[Need, ...]:
        """Which approvals this command would need if it were asked now; raises Refused when it may not be asked."""
        return await self._asked(lambda archive: archive.needs(server, body))

    async def request(
        self, server: str, body: CommandBody, reason: str, command_id: str, expected_version: int | None = None
    ) -> CommandRecord:
        """Asks for a command. The same id and body again is answered with the command that stands; raises Refused."""
        return await self._decided(lambda archive: archive.request(server, body, reason, command_id, expected_version))

    async def approve(self, record: CommandRecord, comment: str = "") -> CommandRecord:
        """Approves what `record` shows, and only that; raises Refused."""
        return await self._decided(lambda archive: archive.approve(record, comment))

    async def refuse(self, record: CommandRecord, reason: str) -> CommandRecord:
        """Refuses a waiting command; raises Refused."""
        return await self._decided(lambda archive: archive.refuse(record, reason))

    async def withdraw(self, record: CommandRecord, reason: str = "") -> CommandRecord:
        """Takes back one's own waiting command; raises Refused."""
        return await self._decided(lambda archive: archive.withdraw(record, reason))

    # -- the thread ---------------------------------------------------------------------------------------------

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._thread.submit(work))

    async def _asked(self, ask: Callable[[Archive], T]) -> T:
        return await self._in_thread(lambda: ask(self._opened()))

    async def _decided(self, decide: Callable[[Archive], CommandRecord]) -> CommandRecord:
        record = await self._asked(decide)
        self._note(record)
        self.commands_changed.emit((record.id,))
        return record

    def _opened(self) -> Archive:
        if self._archive is None:
            raise ConnectionError(NOT_OPEN)
        return self._archive

    def _look(self) -> News:
        if self._archive is None:
            # SQLAlchemy and Alembic take their time to import; the window does not wait for them
            from dealerdesk.desk.archive import Archive

            self._archive = Archive.open(self._url, self.who, self._clock)
        return self._archive.news()

    def _dispose(self) -> None:
        if self._archive is not None:
            self._archive.close()

    # -- news ---------------------------------------------------------------------------------------------------

    def _take(self, news: News) -> None:
        self.hub = news.hub
        if news.open_commands is not None:
            self._open = {(r.server, r.login): r for r in news.open_commands if r.login is not None}
        if news.commands:
            self.commands_changed.emit(news.commands)
        if news.routing:
            self.routing_changed.emit(news.routing)

    def _note(self, record: CommandRecord) -> None:
        if record.login is None:
            return
        key = (record.server, record.login)
        if not record.state.is_final:
            self._open[key] = record
        elif key in self._open and self._open[key].id == record.id:
            del self._open[key]

    def _set_light(self, light: DatabaseLight) -> None:
        self.light = light
        self.light_changed.emit()

    def _pause_s(self) -> float:
        if any(record.state.value in {"approved", "dispatched"} for record in self._open.values()):
            return POLL_IN_FLIGHT_S
        return POLL_S + random.uniform(-POLL_JITTER_S, POLL_JITTER_S)
