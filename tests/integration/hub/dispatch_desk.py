"""A dispatcher over a database, with a bridge that has no socket, moved turn by turn."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from office import EPOCH, NOW_US, SERVER, Office
from scripted_broker import book_ack

from dealerdesk.bridges.protocol import Ack, Command, Delta, Error
from dealerdesk.commands import queries
from dealerdesk.commands.records import CommandRecord
from dealerdesk.hub.database import DatabaseThread
from dealerdesk.hub.dispatcher import Dispatcher
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.recording import record_deltas, stream_point


class Bridge:
    """A bridge without a socket: what was sent and asked; the test says what it answers."""

    def __init__(self) -> None:
        self.sent: list[Command] = []
        self.asked: list[str] = []
        self.is_broken = False
        self.has_sent = asyncio.Event()

    async def send(self, command: Command) -> None:
        if self.is_broken:
            raise ConnectionError("the connection broke")
        self.sent.append(command)
        self.has_sent.set()

    async def query(self, command_id: str) -> None:
        if self.is_broken:
            raise ConnectionError("the connection broke")
        self.asked.append(command_id)


class Desk:
    """A dispatcher over a database, with one bridge, moved turn by turn."""

    def __init__(self, office: Office, database: DatabaseThread) -> None:
        self.office = office
        self.bridge = Bridge()
        self.published: list[Delta] = []
        self.dispatcher = Dispatcher(database, lambda: office.now_us)

    def connect(self, epoch: str = EPOCH) -> None:
        self.dispatcher.connected(SERVER, self.bridge, epoch)

    async def answer(self, answer: Ack | Error) -> None:
        self.dispatcher.answer(SERVER, answer)
        await self.dispatcher.turn()

    def state(self, record: CommandRecord) -> CommandRecord:
        with reading(self.office.engine) as connection:
            found = queries.command(connection, record.id)
        assert found is not None
        return found

    def record_stream(self) -> None:
        """The hub records what the broker has published."""
        broker = self.office.broker
        with writing(self.office.engine) as connection:
            point = stream_point(connection, SERVER)
            assert point is not None
            deltas = [delta for delta in self.published if delta.seq > point.seq]
            if deltas:
                record_deltas(connection, SERVER, point, deltas, NOW_US)
        assert broker.seq >= point.seq

    def execute(self, command: Command) -> Ack:
        """The broker does it; the delta waits to be recorded."""
        deltas, ack = book_ack(self.office.broker, command)
        self.published = [*self.published, *deltas]
        return ack


def play(office: Office, scene: Callable[[Desk], Awaitable[None]]) -> None:
    async def run() -> None:
        with DatabaseThread(office.engine, "commands") as database:
            await scene(Desk(office, database))

    asyncio.run(run())
