"""A bridge's client: keeps one connection up, hands what arrives to a listener, sends commands.

Runs on asyncio and on a Qt loop alike, where a loop turn is dear: it awaits per frame, never per row, and gives the
loop back after a few milliseconds of work. What the frames mean is decided in `client_session.py`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from ssl import SSLContext

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from dealerdesk.bridges.addresses import refuse_plain_text
from dealerdesk.bridges.client_session import ClientSession, Event, new_hello
from dealerdesk.bridges.client_status import StatusBoard
from dealerdesk.bridges.handshake import new_nonce
from dealerdesk.bridges.holdings import Holdings
from dealerdesk.bridges.listener import ConnectionStatus, Listener
from dealerdesk.bridges.protocol import (
    FRAME_BYTES_MAX,
    Ack,
    Command,
    CommandQuery,
    Deltas,
    Error,
    Fresh,
    ResumePoint,
    Role,
    RowSet,
    SnapshotBegin,
    SnapshotChunk,
    SnapshotEnd,
    Stale,
    Welcome,
)
from dealerdesk.bridges.quotes import QuoteBatch
from dealerdesk.clock import Clock, now_us
from dealerdesk.config import Credentials, Endpoint

BACK_OFF_MIN_S = 0.2
BACK_OFF_MAX_S = 5.0
OPEN_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 1.0
PULSE_EVERY_S = 0.5
TURN_MAX_S = 0.008
REASON_CHARS_MAX = 100


class NotConnectedError(ConnectionError):
    """There is no joined connection to the bridge; nothing was sent."""


class BridgeClient:
    """One bridge, one listener. `run` works until it is cancelled."""

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: Credentials,
        sets: Sequence[RowSet],
        listener: Listener,
        *,
        quotes: bool = True,
        clock: Clock = now_us,
        ssl: SSLContext | None = None,
        chance: random.Random | None = None,
        term: int = 0,
    ) -> None:
        """`term` is that of a hub's lease; a bridge that has seen a newer hub lets it in no more."""
        refuse_plain_text(endpoint.url)
        self.server = endpoint.server
        self._url = endpoint.url
        self._client = credentials.client
        self._role = Role(credentials.role)
        self._key = bytes.fromhex(credentials.key)
        self._sets = tuple(sets)
        self._listener = listener
        self._wants_quotes = quotes
        self._clock = clock
        self._ssl = ssl
        self._chance = chance or random.Random()
        self._term = term
        self._holdings = Holdings()
        self._board = StatusBoard(endpoint.server, clock())
        self._session: ClientSession | None = None
        self._socket: ClientConnection | None = None

    @property
    def status(self) -> ConnectionStatus:
        """The connection as it stands now."""
        return self._board.status

    @property
    def position(self) -> ResumePoint | None:
        """How far the listener has been brought; None while it has no whole state. A listener that keeps its state in
        memory alone returns this as its resume point."""
        return self._holdings.point

    async def run(self) -> None:
        """Connects, and connects again, until it is cancelled."""
        failures = 0
        while True:
            joined = False
            try:
                joined = await self._connect_once()
            except (OSError, WebSocketException) as error:
                self._board.failed(_sentence(error))
            failures = 0 if joined else failures + 1
            self._lost()
            await asyncio.sleep(self._back_off_s(failures))

    async def send(self, command: Command) -> None:
        """Hands a command to the bridge. NotConnectedError means that it was not handed over; without it the bridge
        may or may not have it, and `query` asks."""
        await self._say(command)

    async def query(self, command_id: str) -> None:
        """Asks how far a command has come; the answer reaches the listener as an ack."""
        await self._say(CommandQuery(command_id))

    async def _say(self, message: Command | CommandQuery) -> None:
        session, socket = self._session, self._socket
        if session is None or socket is None or not session.is_joined:
            raise NotConnectedError(f"{self.server}: not connected")
        session.say(message)
        with suppress(ConnectionClosed):
            await _flush(socket, session)

    async def _connect_once(self) -> bool:
        """One connection from its opening to its end; whether it was joined."""
        connection = connect(
            self._url,
            ssl=self._ssl,
            compression=None,
            max_size=FRAME_BYTES_MAX,
            ping_interval=None,
            open_timeout=OPEN_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            proxy=None,
        )
        async with connection as socket:
            session = self._new_session()
            self._session, self._socket = session, socket
            self._board.connected(session)
            async with asyncio.TaskGroup() as group:
                pulse = group.create_task(self._beat(socket, session))
                try:
                    await self._read(socket, session)
                except ConnectionClosed as closed:
                    self._board.failed(_sentence(closed))
                finally:
                    pulse.cancel()
            if session.closing is not None:
                self._board.failed(session.closing[1])
        return session.stream is not None

    def _new_session(self) -> ClientSession:
        point = self._listener.resume_point(self.server)
        if point is None:
            self._holdings.clear()
        elif point != self._holdings.point:
            self._holdings.restore(point, self._listener.held(self.server) or ())
        hello = new_hello(self._client, self._role, new_nonce(), self._sets, self._wants_quotes, point, self._term)
        return ClientSession(self.server, hello, self._key, self._holdings, _now_s())

    async def _read(self, socket: ClientConnection, session: ClientSession) -> None:
        turn_ends_s = _now_s() + TURN_MAX_S
        while session.closing is None:
            frame = await socket.recv(decode=False)
            now_s = _now_s()
            for event in session.receive(frame, now_s):
                self._hand_over(event)
            self._board.received(session, self._clock())
            self._tell_change()
            if session.outbox:
                await _flush(socket, session)
            if _now_s() >= turn_ends_s:
                # frames that have arrived already are received without giving the loop a turn
                await asyncio.sleep(0)
                turn_ends_s = _now_s() + TURN_MAX_S
        await _close(socket, session)

    async def _beat(self, socket: ClientConnection, session: ClientSession) -> None:
        beats = 0
        while session.closing is None:
            await asyncio.sleep(PULSE_EVERY_S)
            session.tick(_now_s(), self._clock())
            with suppress(ConnectionClosed):
                await _flush(socket, session)
            beats += 1
            if beats % 2 == 0:
                self._board.measure(session, _now_s(), self._clock())
                self._listener.status(self.server, self._board.status)
        await _close(socket, session)

    def _hand_over(self, event: Event) -> None:
        listener, server = self._listener, self.server
        match event:
            case QuoteBatch():
                self._board.quotes += len(event)
                listener.quotes(server, event, self._clock())
            case Deltas():
                self._board.deltas += len(event.items)
                listener.deltas(server, event.epoch, event.items)
            case SnapshotChunk():
                listener.snapshot_chunk(server, event)
            case SnapshotBegin():
                listener.snapshot_begin(server, event)
            case SnapshotEnd():
                listener.snapshot_end(server, event)
            case Ack():
                listener.ack(server, event)
            case Stale():
                listener.stale(server, event.since_us, event.reason)
            case Fresh():
                listener.fresh(server, event.time_us)
            case Error():
                listener.error(server, event)
            case Welcome():
                listener.welcome(server, event)

    def _tell_change(self) -> None:
        if self._board.has_changed():
            self._listener.status(self.server, self._board.status)

    def _lost(self) -> None:
        self._session = self._socket = None
        self._board.lost(self._clock())
        self._listener.status(self.server, self._board.status)

    def _back_off_s(self, failures: int) -> float:
        ceiling_s = min(BACK_OFF_MAX_S, BACK_OFF_MIN_S * 2 ** min(failures + 1, 8))
        return self._chance.uniform(BACK_OFF_MIN_S, ceiling_s)


async def _flush(socket: ClientConnection, session: ClientSession) -> None:
    while session.outbox:
        await socket.send(session.outbox.popleft(), text=True)


async def _close(socket: ClientConnection, session: ClientSession) -> None:
    code, text = session.closing or (1000, "")
    with suppress(ConnectionClosed):
        await _flush(socket, session)
    await socket.close(code, text[:REASON_CHARS_MAX])


def _now_s() -> float:
    return asyncio.get_running_loop().time()


def _sentence(error: Exception) -> str:
    if isinstance(error, ConnectionClosed):
        close = error.rcvd or error.sent
        return f"closed by the bridge: {close.code} {close.reason}".strip() if close else "the connection broke"
    return str(error) or type(error).__name__
