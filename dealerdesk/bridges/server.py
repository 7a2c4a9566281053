"""A bridge's server: journals what its platform publishes, and serves it to many clients.

Deltas are on disk before any client sees them: `publish` appends, a thread syncs, then the clients are woken. Quotes
are kept as the newest of each symbol and sent in columns on a beat. Commands are logged before they are executed. The
platform is behind `BridgeSource`; the order of frames is in `server_session.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ssl import SSLContext
from types import TracebackType
from typing import Self

import structlog
from numpy.typing import ArrayLike
from websockets.asyncio.server import Server, ServerConnection, serve

from dealerdesk.bridges.addresses import is_loopback
from dealerdesk.bridges.command_desk import CommandDesk
from dealerdesk.bridges.command_log import CommandLog
from dealerdesk.bridges.conflation import QuoteBoard, QuoteView
from dealerdesk.bridges.connection import ClientFacts, Connection
from dealerdesk.bridges.handshake import new_nonce
from dealerdesk.bridges.hub_terms import FILE, HubTerms
from dealerdesk.bridges.journal import Journal
from dealerdesk.bridges.protocol import (
    CLOSE_CODES,
    DIGEST_EVERY_S,
    FRAME_BYTES_MAX,
    Ack,
    Command,
    CommandQuery,
    Delta,
    ErrorCode,
    Fresh,
    Role,
    Stale,
)
from dealerdesk.bridges.record_file import SyncFailedError
from dealerdesk.bridges.server_session import Bridge, ClientKey, Request, ServerSession
from dealerdesk.bridges.source import BridgeSource
from dealerdesk.clock import Clock, now_us
from dealerdesk.config import BridgeKey
from dealerdesk.trading import Platform

OPEN_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 1.0
TICK_EVERY_S = 1.0
GOING_AWAY = 1001

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """How one bridge is served. `port` 0 takes a free one; beyond `lag_deltas_max` a client gets a snapshot."""

    bridge: str
    platform: Platform
    host: str = "127.0.0.1"
    port: int = 0
    clock_offset_s: int = 0
    quote_every_s: float = 0.04
    digest_every_s: float = DIGEST_EVERY_S
    lag_deltas_max: int = 200_000
    clients_max: int = 64


class BridgeServer:
    """Serves while it is entered (`async with`). Journal and command log stay their opener's to close.

    When the disk fails, the body of the `async with` is cancelled and the OSError leaves it in an ExceptionGroup.
    """

    def __init__(
        self,
        config: ServerConfig,
        source: BridgeSource,
        journal: Journal,
        commands: CommandLog,
        keys: Mapping[str, BridgeKey],
        *,
        clock: Clock = now_us,
        ssl: SSLContext | None = None,
    ) -> None:
        if ssl is None and not is_loopback(config.host):
            raise ValueError(f"bridge {config.bridge}: {config.host} is not this machine; serving it takes TLS")
        self.port = 0
        self._config = config
        self._source = source
        self._journal = journal
        self._clock = clock
        self._ssl = ssl
        accepted = {client: ClientKey(Role(key.role), bytes.fromhex(key.key)) for client, key in keys.items()}
        self._bridge = Bridge(
            config.bridge,
            config.platform,
            config.clock_offset_s,
            source,
            journal,
            accepted,
            clock,
            config.lag_deltas_max,
            HubTerms(commands.folder / FILE),
        )
        self._desk = CommandDesk(source, commands, clock, self.report)
        self._board = QuoteBoard()
        self._stale: Stale | None = None
        self._connections: set[Connection] = set()
        self._unsynced = asyncio.Event()
        self._synced = asyncio.Condition()
        self._failure: SyncFailedError | None = None
        self._failed = asyncio.Event()

    # -- what the platform's process calls ----------------------------------------------------------------------

    def publish(self, deltas: Sequence[Delta]) -> None:
        """Journals deltas (their numbers must follow on) and sends them once they are on disk. Everything that one
        step changed belongs into one call, before the loop's next turn. OSError: nothing was taken."""
        self._journal.append(deltas)
        self._unsynced.set()

    def publish_quotes(self, index: ArrayLike, bid: ArrayLike, ask: ArrayLike, time_us: ArrayLike | int) -> None:
        """Parallel arrays of symbol index and prices in points, with times in µs UTC (one, or one each)."""
        self._board.publish(index, bid, ask, time_us)

    def stale(self, since_us: int, reason: str) -> None:
        """The platform is down; nothing after `since_us` is known."""
        self._stale = Stale(since_us, reason)
        self._broadcast(self._stale)

    def fresh(self) -> None:
        """The platform is back."""
        self._stale = None
        self._broadcast(Fresh(self._source.time_us()))

    def report(self, ack: Ack) -> None:
        """Says how far a command has come; on disk when this returns, then sent to who asked."""
        try:
            self._desk.answer(ack)
        except SyncFailedError as error:
            self._fail(error)
            raise
        self._wake_all()

    async def settle(self) -> None:
        """Returns when everything published before the call is on disk."""
        seq = self._journal.last_seq
        async with self._synced:
            await self._synced.wait_for(lambda: self._journal.synced_seq >= seq)

    @property
    def clients(self) -> tuple[ClientFacts, ...]:
        """Who is connected, and how far each has been sent the stream."""
        return tuple(connection.facts for connection in self._connections)

    # -- running ------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        self._disk = ThreadPoolExecutor(1, "journal")
        self._server: Server = await serve(
            self._serve,
            self._config.host,
            self._config.port,
            ssl=self._ssl,
            compression=None,
            max_size=FRAME_BYTES_MAX,
            ping_interval=None,
            open_timeout=OPEN_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            origins=[None],  # a page in a browser on this machine is no client
            server_header=None,
        )
        self.port = next(iter(self._server.sockets)).getsockname()[1]
        self._group = asyncio.TaskGroup()
        await self._group.__aenter__()
        self._tasks = [
            self._group.create_task(work())
            for work in (self._commit, self._send_quotes, self._watch, self._compare, self._fall)
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close(code=GOING_AWAY, reason="the bridge is stopping")
        for task in self._tasks:
            task.cancel()
        try:
            await self._group.__aexit__(kind, error, trace)
        finally:
            await self._server.wait_closed()
            self._disk.shutdown()
            if self._failure is None:
                self._journal.sync()

    async def _serve(self, socket: ServerConnection) -> None:
        if len(self._connections) >= self._config.clients_max:
            await socket.close(CLOSE_CODES[ErrorCode.SLOW], f"{self._config.clients_max} clients are connected")
            return
        session = ServerSession(self._bridge, new_nonce(), asyncio.get_running_loop().time())
        connection = Connection(socket, session, QuoteView(self._board), self._take)
        self._connections.add(connection)
        try:
            await connection.serve()
        finally:
            self._connections.discard(connection)
            self._desk.forget(session)
            log.info("client gone", client=session.client, closing=session.closing)

    def _take(self, connection: Connection, request: Request) -> None:
        session = connection.session
        try:
            match request:
                case Command():
                    self._desk.command(session, request)
                case CommandQuery():
                    self._desk.query(session, request)
                case _:
                    log.info("client joined", client=session.client, role=session.role, resume=request.resume)
                    if self._stale is not None:
                        session.say(self._stale)
        except SyncFailedError as error:
            self._fail(error)

    def _fail(self, error: SyncFailedError) -> None:
        self._failure = error
        self._failed.set()

    def _broadcast(self, message: Stale | Fresh) -> None:
        for connection in self._connections:
            connection.session.say(message)
            connection.wake()

    def _wake_all(self) -> None:
        for connection in self._connections:
            connection.wake()

    # -- the server's own tasks ---------------------------------------------------------------------------------

    async def _commit(self) -> None:
        """Syncs whatever was appended meanwhile in one go, then lets the clients have it."""
        loop = asyncio.get_running_loop()
        while True:
            await self._unsynced.wait()
            self._unsynced.clear()
            try:
                await loop.run_in_executor(self._disk, self._journal.sync)
            except SyncFailedError as error:
                self._failure = error
                raise
            self._wake_all()
            async with self._synced:
                self._synced.notify_all()

    async def _send_quotes(self) -> None:
        while True:
            await asyncio.sleep(self._config.quote_every_s)
            for connection in self._connections:
                connection.beat()

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(TICK_EVERY_S)
            for connection in self._connections:
                connection.tick(loop.time())

    async def _compare(self) -> None:
        while True:
            await asyncio.sleep(self._config.digest_every_s)
            if self._connections:
                digests = self._source.digests()
                for connection in self._connections:
                    connection.session.compare(self._journal.last_seq, digests)
                    connection.wake()

    async def _fall(self) -> None:
        """Ends the server when a disk failed inside a connection, whose own task could only end that connection."""
        await self._failed.wait()
        if self._failure is not None:
            raise self._failure
