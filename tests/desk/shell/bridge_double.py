"""A bridge over plain rows, served from a thread with a loop of its own: what a desk under test connects to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np

from dealerdesk.bridges.command_log import CommandLog
from dealerdesk.bridges.digest import Ledger
from dealerdesk.bridges.journal import Journal
from dealerdesk.bridges.protocol import Command, Delta, Digest, Row, RowSet
from dealerdesk.bridges.server import BridgeServer, ServerConfig
from dealerdesk.bridges.source import Report, Snapshot
from dealerdesk.clock import now_us
from dealerdesk.config import BridgeKey, Credentials, Endpoint
from dealerdesk.trading import Platform

KEY = "ab" * 32


class RowsSource:
    """The rows a test began with, for ever: deltas are only passed on, which a desk that stays cannot tell."""

    def __init__(self, rows: Sequence[tuple[RowSet, Sequence[Row]]]) -> None:
        self.rows = {row_set: list(mine) for row_set, mine in rows}
        self.ledgers = {row_set: Ledger(row_set) for row_set in RowSet}
        for row_set, mine in self.rows.items():
            self.ledgers[row_set].load_rows(mine, [0] * len(mine))

    def time_us(self) -> int:
        return now_us()

    def snapshot(self, sets: Collection[RowSet]) -> Snapshot:
        held = {row_set: self.rows.get(row_set, []) for row_set in sets}
        counts = {row_set: len(mine) for row_set, mine in held.items()}
        digests = {row_set: self.ledgers[row_set].digest() for row_set in held}
        return Snapshot(0, counts, _chunks(held), digests)

    def digests(self) -> dict[RowSet, Digest]:
        return {row_set: ledger.digest() for row_set, ledger in self.ledgers.items()}

    def mark(self) -> int:
        return 1

    def execute(self, command: Command, at: int, report: Report) -> None:
        raise AssertionError(f"a desk sends no commands: {command} at {at} to {report}")


def _chunks(held: dict[RowSet, list[Row]]) -> Iterator[tuple[RowSet, Sequence[Row], Sequence[int]]]:
    for row_set, rows in held.items():
        for start in range(0, len(rows), 500):
            chunk = rows[start : start + 500]
            yield row_set, chunk, [0] * len(chunk)


class BridgeThread:
    """Serves `rows` as `server` until `stop`; quotes and deltas may be sent from any thread."""

    def __init__(self, server: str, rows: Sequence[tuple[RowSet, Sequence[Row]]], folder: Path) -> None:
        self._name = server
        self._source = RowsSource(rows)
        self._folder = folder
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = asyncio.Event()
        self._server: BridgeServer | None = None
        self._thread = threading.Thread(target=self._run)
        self.port = 0

    def start(self) -> Endpoint:
        """Starts serving and says where."""
        self._thread.start()
        self._ready.wait(10)
        return Endpoint(server=self._name, platform=Platform.MT5, url=f"ws://127.0.0.1:{self.port}")

    def stop(self) -> None:
        """Ends serving; a second call does nothing."""
        if self._thread.is_alive() and self._loop is not None:
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join(10)

    def send_quotes(self, index: Sequence[int], bid: Sequence[int], ask: Sequence[int]) -> None:
        """Quotes in points, of now."""
        arrays = (np.array(index, np.uint32), np.array(bid, np.int64), np.array(ask, np.int64))
        self._call(lambda server: server.publish_quotes(*arrays, now_us()))

    def send(self, *deltas: Delta) -> None:
        """Deltas, in order from 1."""
        self._call(lambda server: server.publish(deltas))

    def _call(self, deed) -> None:  # type: ignore[no-untyped-def]
        assert self._server is not None
        assert self._loop is not None
        self._loop.call_soon_threadsafe(deed, self._server)

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        journal = Journal.open(self._folder / "journal")
        commands = CommandLog.open(self._folder / "commands")
        config = ServerConfig(bridge=self._name, platform=Platform.MT5, clock_offset_s=7_200)
        keys = {"desk": BridgeKey(role="desk", key=KEY)}
        async with BridgeServer(config, self._source, journal, commands, keys) as server:
            self._loop, self._server, self.port = asyncio.get_running_loop(), server, server.port
            self._ready.set()
            await self._ended.wait()
        journal.close()
        commands.close()


DESK = Credentials(client="desk", role="desk", key=KEY)
