"""One client of a bridge's server: its socket, and the one writer that decides what goes out next.

Answers first, then the lossless stream, quotes when both are still (or have kept quotes waiting for a second). A slow
client holds up its own writer and nobody else. What may be sent is decided in `server_session.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from dealerdesk.bridges.conflation import QuoteView
from dealerdesk.bridges.protocol import ErrorCode, ProtocolError
from dealerdesk.bridges.quotes import encode_quotes
from dealerdesk.bridges.record_file import JournalCorruptError
from dealerdesk.bridges.server_session import Request, ServerSession

QUOTES_WAIT_MAX_S = 1.0
LINGER_S = 5.0
REASON_CHARS_MAX = 100

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ClientFacts:
    """A client as the bridge sees it; `seq` is the last delta sent to it."""

    name: str
    role: str
    seq: int


class Connection:
    """Runs one session over one socket. `take` sees to what the client asks for."""

    def __init__(
        self,
        socket: ServerConnection,
        session: ServerSession,
        view: QuoteView,
        take: Callable[[Connection, Request], None],
    ) -> None:
        self.session = session
        self._socket = socket
        self._view = view
        self._take = take
        self._wake = asyncio.Event()
        self._quotes_due = False
        self._quotes_sent_s = 0.0
        self._snapshots_seen = 0
        self._closing_since_s: float | None = None

    @property
    def facts(self) -> ClientFacts:
        return ClientFacts(self.session.client, self.session.role, self.session.next_seq - 1)

    async def serve(self) -> None:
        """Until the connection ends."""
        async with asyncio.TaskGroup() as group:
            writer = group.create_task(self._write())
            try:
                with suppress(ConnectionClosed):
                    await self._read()
            finally:
                writer.cancel()

    def wake(self) -> None:
        """There may be something to send."""
        self._wake.set()

    def beat(self) -> None:
        """Quotes may go out now."""
        if self.session.wants_quotes and self._view.has_news:
            self._quotes_due = True
            self._wake.set()

    def tick(self, now_s: float) -> None:
        """Ends a client that is silent, and cuts one that does not even take its farewell."""
        self.session.tick(now_s)
        if self.session.closing is None:
            return
        self._wake.set()
        if self._closing_since_s is None:
            self._closing_since_s = now_s
        elif now_s - self._closing_since_s >= LINGER_S:
            self._socket.transport.abort()

    async def _read(self) -> None:
        while True:
            frame = await self._socket.recv(decode=False)
            for request in self.session.receive(frame, _now_s()):
                self._take(self, request)
            self._wake.set()

    async def _write(self) -> None:
        with suppress(ConnectionClosed):
            while True:
                self._wake.clear()
                while (frame := self._next_frame()) is not None:
                    await self._socket.send(frame, text=True)
                    if self._quotes_due and _now_s() - self._quotes_sent_s >= QUOTES_WAIT_MAX_S:
                        await self._send_quotes()
                    # a snapshot's many frames leave the other clients their turns
                    await asyncio.sleep(0)
                if self.session.closing is not None:
                    code, text = self.session.closing
                    await self._socket.close(code, text[:REASON_CHARS_MAX])
                    return
                if self._quotes_due:
                    await self._send_quotes()
                    continue
                await self._wake.wait()

    def _next_frame(self) -> bytes | None:
        try:
            return self.session.next_frame()
        except JournalCorruptError:
            log.exception("journal damaged", client=self.session.client)
            self.session.fall_behind("the journal is damaged")
        except ProtocolError as error:
            self.session.fail(error.code, error.text)
        return self.session.next_frame()

    async def _send_quotes(self) -> None:
        self._quotes_due = False
        if not self.session.may_have_quotes:
            return
        if self.session.snapshots_sent != self._snapshots_seen:
            self._snapshots_seen = self.session.snapshots_sent
            self._view.forget()
        self._quotes_sent_s = _now_s()
        for batch in self._view.take():
            await self._socket.send(encode_quotes(batch))

    def refuse(self, code: ErrorCode, text: str) -> None:
        """Ends the connection with an error."""
        self.session.fail(code, text)
        self._wake.set()


def _now_s() -> float:
    return asyncio.get_running_loop().time()
