"""Brings approved commands to their bridges, each exactly once, and follows them until they are settled. No SQL here.

A command is marked dispatched, and that is committed, before it is sent: so whatever is killed, the database names all
that may have reached a platform. What became of such a command is asked of the bridge after every reconnection, and
every few seconds while no answer comes. Only a command that its bridge surely has not got, and that may be done twice,
is sent again, under the same id. What nobody knows is left to a person. What is to be done in the database itself is
done here at once, and no bridge ever sees it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy import Connection

from dealerdesk.bridges.protocol import FINAL_STAGES, Ack, Command, Error, ErrorCode, Stage
from dealerdesk.clock import Clock
from dealerdesk.commands import dispatch, effects, openings
from dealerdesk.commands.kinds import is_of_database, is_repeatable
from dealerdesk.commands.queries import command
from dealerdesk.commands.records import CommandRecord, CommandState, Refused
from dealerdesk.hub.database import DatabaseThread

LOOK_EVERY_S = 0.05
ASK_AGAIN_AFTER_US = 5_000_000
JOURNAL_LOST = "The server's bridge has lost its journal: look at the platform whether it was done"
NEVER_SENT_MONEY = "The server's bridge has no record of it: look at the platform, then ask anew"
NEVER_SENT_IN_TIME = "It never reached the server, and its time to be sent has passed"


class Sender(Protocol):
    """What the dispatcher needs of a bridge's client; both raise ConnectionError when there is no connection."""

    async def send(self, command: Command) -> None:
        """Hands the command over to the bridge."""
        ...

    async def query(self, command_id: str) -> None:
        """Asks what became of a command."""
        ...


@dataclass(slots=True)
class Link:
    """The connection to one bridge. `generation` counts connections: an answer asked for in an older one is lost."""

    sender: Sender | None = None
    epoch: str = ""
    is_live: bool = False
    generation: int = 0
    asked: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Command id → (generation, time in µs) in which it was last sent or asked about."""


class Dispatcher:
    """Looks for work every 50 ms. The stations tell it of connections (`connected`, `disconnected`) and answers."""

    def __init__(self, database: DatabaseThread, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._links: dict[str, Link] = {}
        self._answers: deque[tuple[str, Ack | Error]] = deque()
        self._wake = asyncio.Event()
        self._is_stopping = False
        self._log = structlog.get_logger().bind(part="dispatcher")

    # -- what the stations tell ---------------------------------------------------------------------------------

    def connected(self, server: str, sender: Sender, epoch: str) -> None:
        """The bridge is joined and current: commands can be sent, and what became of earlier ones must be asked."""
        link = self._links.setdefault(server, Link())
        link.sender, link.epoch, link.is_live = sender, epoch, True
        link.generation += 1
        self._wake.set()

    def disconnected(self, server: str) -> None:
        """Nothing can be sent to this bridge; what is dispatched stays so."""
        self._links.setdefault(server, Link()).is_live = False

    def answer(self, server: str, answer: Ack | Error) -> None:
        """The bridge said how far a command has come, or refused it."""
        self._answers.append((server, answer))
        self._wake.set()

    def stop(self) -> None:
        """Lets `run` return after the turn in hand."""
        self._is_stopping = True
        self._wake.set()

    # -- the dispatcher's own pace ------------------------------------------------------------------------------

    async def run(self) -> None:
        """One turn after the other until `stop`."""
        while not self._is_stopping:
            await self.turn()
            try:
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._wake.wait()
            except TimeoutError:
                continue
            self._wake.clear()

    async def turn(self) -> None:
        """Takes the answers that have come, then does what waits."""
        while self._answers:
            server, answer = self._answers.popleft()
            await self._take(server, answer)
        work = await self._database.read(partial(dispatch.waiting_work, now_us=self._clock()))
        if work.has_overdue:
            await self._database.write(partial(dispatch.expire_overdue, now_us=self._clock()))
        for record in work.approved:
            if is_of_database(record.kind):
                await self._execute(record)
            else:
                await self._dispatch(record)
        for record in work.dispatched:
            await self._follow(record)

    async def _execute(self, record: CommandRecord) -> None:
        """What changes the database itself never leaves it; done again after a lost answer, it finds itself done."""
        work = partial(effects.execute, command_id=record.id, now_us=self._clock())
        self._log_settled(await self._database.write(work))

    async def _dispatch(self, record: CommandRecord) -> None:
        link = self._links.get(record.server)
        if link is None or not link.is_live:
            return
        marked = await self._database.write(
            partial(dispatch.mark_dispatched, command_id=record.id, epoch=link.epoch, now_us=self._clock())
        )
        if marked is None:
            return
        self._log.info("dispatching", command=record.id, server=record.server, title=record.title)
        await self._send(link, marked)

    async def _follow(self, record: CommandRecord) -> None:
        """Settles what the bridge calls done; asks about what it has not answered, in this connection or for long."""
        if record.stage == Stage.DONE:
            settled = await self._database.write(
                partial(dispatch.settle_done, command_id=record.id, now_us=self._clock())
            )
            self._log_settled(settled)
            return
        link = self._links.get(record.server)
        if link is None or not link.is_live:
            return
        generation, asked_us = link.asked.get(record.id, (0, 0))
        if generation == link.generation and self._clock() - asked_us < ASK_AGAIN_AFTER_US:
            return
        await self._ask(link, record.id)

    async def _take(self, server: str, answer: Ack | Error) -> None:
        match answer:
            case Error():
                await self._take_error(answer)
            case Ack(stage=Stage.ABSENT):
                await self._take_absent(server, answer.id)
            case Ack():
                record = await self._database.write(partial(self._note, answer))
                self._log_settled(record)
        if isinstance(answer, Error) or answer.stage in FINAL_STAGES:
            self._links.setdefault(server, Link()).asked.pop(answer.id, None)

    async def _take_error(self, error: Error) -> None:
        # a conflict means that this id has done something else there: nobody may call that failed
        to = CommandState.UNKNOWN if error.code is ErrorCode.CONFLICT else CommandState.FAILED
        await self._settle(error.id, to, error.text)

    async def _take_absent(self, server: str, command_id: str) -> None:
        """The bridge's journal does not hold the command."""
        record = await self._database.read(partial(command, command_id=command_id))
        link = self._links.get(server)
        if record is None or record.state is not CommandState.DISPATCHED or link is None or not link.is_live:
            return
        if record.dispatch_epoch != link.epoch:
            await self._settle(command_id, CommandState.UNKNOWN, JOURNAL_LOST)
        elif not is_repeatable(record.body):
            await self._settle(command_id, CommandState.UNKNOWN, NEVER_SENT_MONEY)
        elif record.deadline_us is not None and self._clock() >= record.deadline_us:
            await self._settle(command_id, CommandState.FAILED, NEVER_SENT_IN_TIME)
        else:
            await self._database.write(partial(dispatch.mark_sent_again, command_id=command_id, now_us=self._clock()))
            await self._send(link, record)

    async def _send(self, link: Link, record: CommandRecord) -> None:
        assert link.sender is not None
        approvals = await self._database.read(partial(dispatch.approvers, command_id=record.id))
        try:
            body = await self._database.read(partial(openings.body_to_send, record=record))
        except Refused as refusal:
            await self._settle(record.id, CommandState.FAILED, str(refusal))
            return
        order = Command(
            id=record.id,
            body=body,
            actor=record.requested_by,
            deadline_us=record.deadline_us or 0,
            expected_version=record.expected_version,
            approvals=approvals,
        )
        link.asked[record.id] = (link.generation, self._clock())
        try:
            await link.sender.send(order)
        except ConnectionError as error:
            self._log.warning("not sent, the bridge will be asked", command=record.id, why=str(error))

    async def _ask(self, link: Link, command_id: str) -> None:
        assert link.sender is not None
        link.asked[command_id] = (link.generation, self._clock())
        try:
            await link.sender.query(command_id)
        except ConnectionError as error:
            self._log.warning("not asked, will be after the next connection", command=command_id, why=str(error))

    async def _settle(self, command_id: str, to: CommandState, words: str) -> None:
        work = partial(dispatch.settle_by_id, command_id=command_id, to=to, words=words, now_us=self._clock())
        self._log_settled(await self._database.write(work))

    def _note(self, ack: Ack, connection: Connection) -> CommandRecord | None:
        now_us = self._clock()
        record = dispatch.note_ack(connection, ack, now_us)
        return dispatch.settle_done(connection, ack.id, now_us) or record

    def _log_settled(self, record: CommandRecord | None) -> None:
        if record is not None and record.state.is_final:
            self._log.info("settled", command=record.id, state=record.state.value, result=record.result)
