"""The desk's one way to the database: queries for panels, requests for commands, and news of what others did.

All of it runs in one thread that owns the engine; what comes back are frozen records. A database that does not answer
is a light that turns, and is tried again. The desk writes requests and decisions and nothing else; the hub carries them
out.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from PySide6.QtCore import QObject, Signal

from dealerdesk.config import Secret
from dealerdesk.desk.checking import Checking
from dealerdesk.desk.database_light import DatabaseLight, DatabaseState, why_gone
from dealerdesk.desk.held_archive import HeldArchive
from dealerdesk.desk.hub_pulse import HubPulse
from dealerdesk.desk.line import Line, retry_pause_s
from dealerdesk.desk.open_commands import OpenCommands

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from dealerdesk.bridges.protocol import ResumePoint
    from dealerdesk.clock import Clock
    from dealerdesk.clock_gap import ClockGap
    from dealerdesk.commands.bodies import Body, ContactField, SetContact
    from dealerdesk.commands.fields import PersonalField
    from dealerdesk.commands.inbox import Item
    from dealerdesk.commands.inbox_queries import Evidence, Inbox
    from dealerdesk.commands.records import CommandRecord, Member, Need
    from dealerdesk.commands.signed_in import Session, Turned
    from dealerdesk.desk.access import Access
    from dealerdesk.desk.archive import Archive
    from dealerdesk.desk.news import News
    from dealerdesk.store.queries import HubStatus, StaffMember
    from dealerdesk.trading import BalanceOperation, Deal

P = ParamSpec("P")
T = TypeVar("T")

POLL_S = 0.5
POLL_JITTER_S = 0.05
POLL_IN_FLIGHT_S = 0.1
SILENT = "the database does not answer"
IS_LOCKED = "the desk is locked: nobody is signed in"
APPROVE, REFUSE = "approve", "refuse"
"""The verdicts, as the database keeps them."""


class Library(QObject):
    """Async queries and requests of one person; `watch` keeps `open_commands` and the lights fresh.

    `opened` is set for good once the database has answered for the first time.
    """

    commands_changed = Signal(object)
    routing_changed = Signal(object)
    tables_changed = Signal(object)
    """Which tables changed since the last look: table → the keys of its rows, as text (`feed.EVERY_ROW` for all)."""
    light_changed = Signal()
    checking_changed = Signal()
    """`checking` is not what it was."""
    ended = Signal(str)
    """The session may not go on, and why, as a sentence."""

    def __init__(self, access: Access, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.light = DatabaseLight(DatabaseState.OPENING)
        self.opened = asyncio.Event()
        self._attended = asyncio.Event()
        self._attended.set()
        self._clock = clock
        self._open = OpenCommands()
        self._hub = HubPulse()
        self._held = HeldArchive(access, clock)
        self._failures = 0
        self._chance = random.Random()
        self._checking = Checking(self.checking_changed.emit, self._chance)
        self._line = Line()

    @property
    def session(self) -> Session:
        """Who is signed in, as the database last said it."""
        return self._held.session

    @property
    def who(self) -> str:
        """The id of the member of staff who is signed in."""
        return self._held.session.staff

    @property
    def is_locked(self) -> bool:
        """Whether nothing is asked of the database now, because nobody is at the desk."""
        return not self._attended.is_set()

    @property
    def open_commands(self) -> Mapping[tuple[str, int], CommandRecord]:
        """(server, login) → its newest command that is not settled yet."""
        return self._open.of

    @property
    def hub(self) -> tuple[HubStatus, ...]:
        """What the hub last said of its recorders."""
        return self._hub.statuses

    @property
    def hub_alive(self) -> bool:
        """Whether the hub has been heard of within five seconds."""
        return self._hub.is_alive(self._clock(), time.monotonic())

    @property
    def clock_gap(self) -> ClockGap | None:
        """Between this machine's clock and the database's; None where that is the same machine's, or not known yet."""
        return self._hub.gap

    def database_us(self) -> int:
        """The moment by the database's clock: what was stamped there is so old, and may wait until then."""
        return self._hub.there_us(self._clock())

    @property
    def checking(self) -> frozenset[str]:
        """Ids of commands and batches that may or may not have been written: the lost answer is being asked for."""
        return self._checking.ids

    async def watch(self) -> None:
        """Opens the database, then looks for news until cancelled; trouble is shown and tried again."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._line.watch(self._on_silence))
            while True:
                await self._attended.wait()
                await self._look_once()
                await asyncio.sleep(self._pause_s())

    async def _look_once(self) -> None:
        started_us = self._clock()
        try:
            news, why_ended = await self._in_thread(self._held.look)
        except OSError as error:
            if self.is_locked:
                return
            self._failures += 1
            self._set_light(DatabaseLight.down(error))
            why_ended = why_gone(error)
        else:
            self._failures = 0
            self._set_light(DatabaseLight(DatabaseState.UP, (self._clock() - started_us) / 1000, news.looking_only))
            self._take(news)
            self.opened.set()
        if why_ended:
            self._attended.clear()
            self.ended.emit(why_ended)

    async def close(self) -> None:
        """Lets the thread finish what it does, and closes the engine."""
        await self._in_thread(self._held.close)
        self._line.close()

    # -- the session --------------------------------------------------------------------------------------------

    async def lock(self, why: str) -> None:
        """Nothing more is asked under this person's name until `unlock`; the connections and the password go."""
        self._attended.clear()
        await self._in_thread(lambda: self._held.suspend(why))

    async def unlock(self, password: str) -> Turned | None:
        """Goes on with the locked session, or says why not; raises OSError when the database does not answer."""
        turned = await self._in_thread(lambda: self._held.resume(Secret(password)))
        if turned is None:
            self._attended.set()
        return turned

    async def sign_out(self) -> None:
        """Puts the end of the session on record, if there was one and it is not locked; raises OSError."""
        if self._held.is_open and not self.is_locked:
            await self.answer(lambda archive: archive.sign_out())

    async def note(self, action: str, subject: str, **detail: str | int) -> None:
        """Puts a doing of the desk's own on record: one of `commands.sessions.NOTED`."""
        await self.answer(lambda archive: archive.note(action, subject, **detail))

    async def read(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`query(connection, …)` in one consistent read; raises DatabaseUnavailable."""
        return await self._in_thread(lambda: self.read_now(query, *args, **kwargs))

    def read_now(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same, blocking, in the caller's thread: for reports at the end of a run."""
        return self._opened().read(query, *args, **kwargs)

    # -- what panels ask ----------------------------------------------------------------------------------------

    async def deals_of(self, server: str, login: int, limit: int = 500) -> list[Deal]:
        """The account's newest deals, newest first."""
        return await self.answer(lambda archive: archive.deals_of(server, login, limit))

    async def balance_operations_of(self, server: str, login: int, limit: int = 500) -> list[BalanceOperation]:
        """The account's newest deposits, withdrawals and corrections, newest first."""
        return await self.answer(lambda archive: archive.balance_operations_of(server, login, limit))

    async def commands_of(self, server: str, login: int, limit: int = 200) -> list[CommandRecord]:
        """The account's commands, newest first."""
        return await self.answer(lambda archive: archive.commands_of(server, login, limit))

    async def recent_commands(self, limit: int = 500) -> list[CommandRecord]:
        """Everybody's newest commands, newest first."""
        return await self.answer(lambda archive: archive.recent_commands(limit))

    async def command(self, command_id: str) -> CommandRecord | None:
        """A command by its id, or None."""
        return await self.answer(lambda archive: archive.command(command_id))

    async def inbox(self) -> Inbox:
        """What waits, what is unknown, and the newest others, with what was said of each and who covers for whom."""
        return await self.answer(lambda archive: archive.inbox())

    async def evidence(self, record: CommandRecord, client_id: int | None = None) -> Evidence:
        """What the database knows beside a command: how the like was decided, the policies' notes, the rating."""
        return await self.answer(lambda archive: archive.evidence(record, client_id))

    async def unmask(self, client_id: int, field: PersonalField, reason: str) -> str:
        """One field of one client; that it was asked for is on record either way. Raises Refused."""
        return await self.answer(lambda archive: archive.unmask(client_id, field, reason))

    async def hub_status(self) -> list[HubStatus]:
        """What the hub says of its recorders and itself."""
        return await self.answer(lambda archive: archive.hub_status())

    async def recorded(self) -> dict[str, ResumePoint]:
        """How far each server's stream is in the tables."""
        return await self.answer(lambda archive: archive.recorded())

    async def staff_members(self) -> list[StaffMember]:
        """Everybody who may sign in."""
        return await self.answer(lambda archive: archive.staff_members())

    async def needs(self, server: str, body: Body) -> tuple[Need, ...]:
        """Which approvals this command would need if it were asked now; raises Refused when it may not be asked."""
        return await self.answer(lambda archive: archive.needs(server, body))

    async def seal_contact(self, client_id: int, field: ContactField, value: str) -> SetContact:
        """The body that sets a contact, its value sealed under the client's key; raises Refused."""
        return await self.answer(lambda archive: archive.seal_contact(client_id, field, value))

    async def request(
        self, server: str, body: Body, reason: str, command_id: str, expected_version: int | None = None
    ) -> CommandRecord:
        """Asks for a command. The same id and body again is answered with the command that stands; raises Refused.

        Like every deed here it raises OSError only when nothing was done: while that is not known it is `checking`.
        """
        [record] = await self._deed(
            command_id,
            lambda archive: [archive.request(server, body, reason, command_id, expected_version)],
            lambda archive: archive.found(command_id),
        )
        return record

    async def request_batch(
        self, server: str, members: Sequence[Member], reason: str, batch_id: str
    ) -> list[CommandRecord]:
        """Asks for commands of one kind that are decided as one; all of them or, raising Refused, none."""
        return await self._deed(
            batch_id,
            lambda archive: archive.request_batch(server, members, reason, batch_id),
            lambda archive: archive.batch(batch_id) or None,
        )

    async def batch(self, batch_id: str) -> list[CommandRecord]:
        """The commands of a batch as they stand now; none where there is no such batch."""
        return await self.answer(lambda archive: archive.batch(batch_id))

    async def approve(self, record: CommandRecord, comment: str = "") -> CommandRecord:
        """Approves what `record` shows, and only that; raises Refused."""
        return await self._decided(record, APPROVE, lambda archive: archive.approve(record, comment))

    async def refuse(self, record: CommandRecord, reason: str) -> CommandRecord:
        """Refuses a waiting command; raises Refused."""
        return await self._decided(record, REFUSE, lambda archive: archive.refuse(record, reason))

    async def withdraw(self, record: CommandRecord, reason: str = "") -> CommandRecord:
        """Takes back one's own waiting command; raises Refused."""
        [taken] = await self._deed(
            record.id,
            lambda archive: [archive.withdraw(record, reason)],
            lambda archive: archive.withdrawn([record.id]),
        )
        return taken

    async def approve_batch(self, item: Item, comment: str = "") -> None:
        """Approves every command of a batch as one, as `item` shows them and only so; raises Refused."""
        await self._decided_batch(item, APPROVE, comment)

    async def refuse_batch(self, item: Item, reason: str) -> None:
        """Refuses a batch as one; raises Refused."""
        await self._decided_batch(item, REFUSE, reason)

    async def withdraw_batch(self, item: Item, reason: str = "") -> None:
        """Takes back whatever still waits of one's own batch; raises Refused."""
        await self._deed(
            item.key,
            lambda archive: archive.withdraw_batch(item, reason),
            lambda archive: archive.withdrawn(item.waiting),
        )

    # -- the thread ---------------------------------------------------------------------------------------------

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await self._line.do(work)

    async def answer(self, ask: Callable[[Archive], T]) -> T:
        """What the archive answers, in its thread; raises OSError while it is not open or does not answer."""
        return await self._in_thread(lambda: ask(self._opened()))

    async def _decided(
        self, record: CommandRecord, verdict: str, decide: Callable[[Archive], CommandRecord]
    ) -> CommandRecord:
        key = record.id
        [decided] = await self._deed(key, lambda a: [decide(a)], lambda a: a.decided([key], verdict))
        return decided

    async def _decided_batch(self, item: Item, verdict: str, words: str) -> None:
        await self._deed(
            item.key,
            lambda archive: archive.decide_batch(item, verdict, words),
            lambda archive: archive.decided(item.waiting, verdict),
        )

    async def _deed(
        self,
        key: str,
        do: Callable[[Archive], list[CommandRecord]],
        look: Callable[[Archive], list[CommandRecord] | None],
    ) -> list[CommandRecord]:
        """What `do` left; when its answer is lost, the same again, and at last what `look` finds was done."""
        records = await self._checking.answer(key, lambda: self.answer(do), lambda: self.answer(look))
        self._open.note(records)
        self.commands_changed.emit(tuple(record.id for record in records))
        return records

    def _on_silence(self) -> None:
        self._set_light(DatabaseLight(DatabaseState.DOWN, trouble=SILENT))
        self._held.cut_lines()

    def _opened(self) -> Archive:
        if self.is_locked:
            raise PermissionError(IS_LOCKED)
        return self._held.archive()

    # -- news ---------------------------------------------------------------------------------------------------

    def _take(self, news: News) -> None:
        self._hub.take(news.hub, news.clock_gap, time.monotonic())
        commands = self._open.take(news)
        if commands:
            self.commands_changed.emit(commands)
        if news.routing:
            self.routing_changed.emit(news.routing)
        if news.changes:
            self.tables_changed.emit(news.tables)

    def _set_light(self, light: DatabaseLight) -> None:
        self.light = light
        self.light_changed.emit()

    def _pause_s(self) -> float:
        if self._failures:
            return retry_pause_s(self._failures, self._chance)
        if self._open.are_in_flight:
            return POLL_IN_FLIGHT_S
        return POLL_S + random.uniform(-POLL_JITTER_S, POLL_JITTER_S)
