"""Carries one FIX session over a socket: connects, again and again, writes what the session wants written.

What is said is the session's. Beyond this machine it takes TLS: an LP's own tunnel ends on this machine.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any

import structlog

from dealerdesk.bridges.addresses import is_loopback
from dealerdesk.bridges.fix.session import FixSession, SessionState
from dealerdesk.clock import Clock

CONNECT_TIMEOUT_S = 10.0
TICK_EVERY_S = 0.25
WAIT_S_FIRST, WAIT_S_MAX = 1.0, 30.0
READ_BYTES = 65_536
UNSENT_BYTES_MAX = 1 << 20

log = structlog.get_logger(__name__)

Listener = Callable[[list[Any]], None]
"""Takes a session's news, in order, after they are kept."""


@dataclass(frozen=True, slots=True)
class LpAddress:
    """Where an LP's session is served. ValueError for another machine without TLS."""

    host: str
    port: int
    ssl: SSLContext | None = None

    def __post_init__(self) -> None:
        if self.ssl is None and not is_loopback(self.host):
            raise ValueError(f"{self.host} is not this machine; an LP there takes TLS")


class Connection:
    """One session's connection; `flush` after every call of the session from outside."""

    def __init__(
        self, session: FixSession, address: LpAddress, listener: Listener, clock: Clock, wait_s: float = WAIT_S_FIRST
    ) -> None:
        self._session = session
        self._address = address
        self._listener = listener
        self._clock = clock
        self._wait_s = wait_s
        self._writer: asyncio.StreamWriter | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Keeps the session up until `stop` is set, then logs out."""
        wait_s = self._wait_s
        while not stop.is_set():
            try:
                reader, writer = await self._open()
            except (OSError, TimeoutError) as error:
                log.warning("no connection to the LP", host=self._address.host, error=str(error))
            else:
                if await self._carry(reader, writer, stop):
                    wait_s = self._wait_s
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), wait_s)
            wait_s = min(2 * wait_s, WAIT_S_MAX)

    def flush(self) -> None:
        """Writes what the session has to say, and hands its news on."""
        for raw in self._session.outgoing():
            if self._writer is not None:
                self._writer.write(raw)
        news = self._session.news()
        if news:
            self._listener(news)

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            return await asyncio.open_connection(self._address.host, self._address.port, ssl=self._address.ssl)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, stop: asyncio.Event) -> bool:
        """One connection from logon to its end; whether the LP had accepted the logon."""
        self._writer = writer
        self._session.connected(self._clock())
        self.flush()
        was_up = False
        async with asyncio.TaskGroup() as tasks:
            ticking = tasks.create_task(self._tick(writer, stop))
            while self._session.state is not SessionState.DOWN:
                data = await _read(reader)
                if not data:
                    break
                self._session.received(data, self._clock())
                was_up = was_up or self._session.state is SessionState.UP
                self.flush()
            ticking.cancel()
        self._session.disconnected("the connection ended")
        self.flush()
        self._writer = None
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        return was_up

    async def _tick(self, writer: asyncio.StreamWriter, stop: asyncio.Event) -> None:
        """Lets the session know that time passes; closes the socket when that ended it."""
        while self._session.state is not SessionState.DOWN:
            await asyncio.sleep(TICK_EVERY_S)
            if stop.is_set():
                self._session.log_out("the bridge is stopping", self._clock())
            self._session.tick(self._clock())
            self.flush()
            if writer.transport.get_write_buffer_size() > UNSENT_BYTES_MAX:
                self._session.disconnected("the LP does not read what is sent")
        writer.close()


async def _read(reader: asyncio.StreamReader) -> bytes:
    """What has come; nothing when the connection is gone."""
    try:
        return await reader.read(READ_BYTES)
    except OSError as error:
        log.info("connection to the LP broke", error=str(error))
        return b""
