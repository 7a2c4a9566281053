"""Records one bridge's lossless stream: takes it in from the socket, and writes it batch by batch. No SQL here.

What has arrived waits in memory, bounded, until the database has taken it; one transaction a batch. When the database
is slow or away and the bound is reached, `hang_up` asks the hub to leave the bridge: the bridge's journal keeps the
rest, and the connection is resumed from here when there is room again. A stream that cannot be continued is dropped
back to the recorded point and joined anew. Dealers' answers to requests are put on record in the same transaction.
"""

# ruff: noqa: ARG002 - a listener's methods say which bridge spoke; a recorder hears one only

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from functools import partial

import structlog
from sqlalchemy import Connection

from dealerdesk.bridges.holdings import Held
from dealerdesk.bridges.listener import Listener
from dealerdesk.bridges.protocol import Delta, ResumePoint, SnapshotBegin, SnapshotChunk, SnapshotEnd
from dealerdesk.clock import Clock
from dealerdesk.commands.dealing_answers import note_in_deltas, note_in_snapshot
from dealerdesk.hub.database import DatabaseThread, Work
from dealerdesk.store.holding import held_sets
from dealerdesk.store.recording import SnapshotRows, StreamBroken, record_deltas, record_snapshot, stream_point

BATCH_DELTAS_MAX = 5_000
WAITING_DELTAS_MAX = 100_000
GATHER_S = 0.05


@dataclass(slots=True)
class DeltaRun:
    """Deltas that follow on what was received before them."""

    after: ResumePoint
    items: list[Delta]


class Recorder(Listener):
    """Listens to one bridge. `recorded` is how far the database holds the stream; `received` includes what waits.

    `hang_up` is set when the bridge should be left alone: too much waits, or the stream must be joined anew; then
    `make_ready` is to be awaited before the bridge is joined again.
    """

    def __init__(self, server: str, database: DatabaseThread, clock: Clock) -> None:
        self.server = server
        self.recorded: ResumePoint | None = None
        self.received: ResumePoint | None = None
        self.waiting = 0
        self.hang_up = asyncio.Event()
        self._database = database
        self._clock = clock
        self._queue: deque[SnapshotRows | DeltaRun] = deque()
        self._incoming: SnapshotRows | None = None
        self._held: list[Held] = []
        self._is_lost = True  # where the record stands is read before the bridge is joined
        self._has_news = asyncio.Event()
        self._has_nothing = asyncio.Event()
        self._has_nothing.set()
        self._is_stopping = False
        self._log = structlog.get_logger().bind(part="recorder", server=server)

    @property
    def trouble(self) -> str:
        """What keeps the database from taking what waits, in words, or empty."""
        return self._database.error

    async def make_ready(self) -> None:
        """Waits until nothing waits to be written; after a broken stream goes back to the recorded point."""
        if self._is_lost:
            self.recorded = self.received = await self._database.read(self._point)
        else:
            await self._has_nothing.wait()
        if self.recorded is not None:
            self._held = await self._database.read(partial(held_sets, server=self.server))
        self._is_lost = False
        self.hang_up.clear()

    async def run(self) -> None:
        """Writes what arrives until `stop`, and then what still waits."""
        while not self._is_stopping:
            await self._has_news.wait()
            await asyncio.sleep(GATHER_S)
            self._has_news.clear()
            for _ in range(len(self._queue)):
                await self._write_first()
        while self._queue:
            await self._write_first()

    def stop(self) -> None:
        """Lets `run` finish what waits and return; the bridge must have been left before."""
        self._is_stopping = True
        self._has_news.set()

    # -- what the bridge sends ----------------------------------------------------------------------------------

    def resume_point(self, server: str) -> ResumePoint | None:
        """Where the bridge is to go on: after what was received, recorded or not."""
        self._incoming = None
        return self.received

    def held(self, server: str) -> list[Held]:
        """What the tables hold at the resume point; said once, since it is of use to a new client alone."""
        held, self._held = self._held, []
        return held

    def snapshot_begin(self, server: str, message: SnapshotBegin) -> None:
        """A snapshot starts; one that had not ended is forgotten."""
        self._incoming = SnapshotRows(message.epoch, message.as_of, frozenset(message.rows))

    def snapshot_chunk(self, server: str, message: SnapshotChunk) -> None:
        """Some rows of one set."""
        if self._incoming is not None:
            self._incoming.add(message.set, message.rows, message.versions)

    def snapshot_end(self, server: str, message: SnapshotEnd) -> None:
        """The snapshot is whole and waits to be written in one transaction."""
        snapshot, self._incoming = self._incoming, None
        if snapshot is None or self._is_lost:
            return
        if snapshot.is_whole:
            self.received = ResumePoint(snapshot.epoch, snapshot.as_of)
        self._enqueue(snapshot)

    def deltas(self, server: str, epoch: str, items: list[Delta]) -> None:
        """Contiguous changes wait to be written."""
        if self._is_lost:
            return
        before = self.received
        if before is None or before.epoch != epoch:
            raise ValueError(f"{server}: deltas of epoch {epoch} without its snapshot, at {before}")
        self.received = ResumePoint(epoch, items[-1].seq)
        self.waiting += len(items)
        if self.waiting >= WAITING_DELTAS_MAX:
            self.hang_up.set()
        last = self._queue[-1] if self._queue else None
        if isinstance(last, DeltaRun) and last.after.epoch == epoch and len(last.items) < BATCH_DELTAS_MAX:
            last.items.extend(items)
        else:
            self._enqueue(DeltaRun(before, list(items)))

    def _enqueue(self, work: SnapshotRows | DeltaRun) -> None:
        self._queue.append(work)
        self._has_nothing.clear()
        self._has_news.set()

    # -- what the database takes --------------------------------------------------------------------------------

    async def _write_first(self) -> None:
        # taken off first: what arrives meanwhile must begin a new run, the one in hand must not grow
        first = self._queue.popleft()
        try:
            self.recorded = await self._database.write(self._recording(first))
        except StreamBroken as error:
            self._log.warning("stream broken, joining it anew", why=str(error))
            self._queue.clear()
            self.waiting = 0
            self._is_lost = True
            self.hang_up.set()
        else:
            self.waiting -= len(first.items) if isinstance(first, DeltaRun) else 0
        if not self._queue:
            self._has_nothing.set()

    def _recording(self, work: SnapshotRows | DeltaRun) -> Work[ResumePoint | None]:
        now_us = self._clock()
        if isinstance(work, SnapshotRows):
            return partial(self._record_snapshot, work, now_us)
        return partial(self._record_deltas, work, now_us)

    def _record_snapshot(self, snapshot: SnapshotRows, now_us: int, connection: Connection) -> ResumePoint | None:
        note_in_snapshot(connection, self.server, snapshot, now_us)
        return record_snapshot(connection, self.server, snapshot, now_us)

    def _record_deltas(self, run: DeltaRun, now_us: int, connection: Connection) -> ResumePoint | None:
        note_in_deltas(connection, self.server, run.after.epoch, run.items, now_us)
        return record_deltas(connection, self.server, run.after, run.items, now_us)

    def _point(self, connection: Connection) -> ResumePoint | None:
        return stream_point(connection, self.server)
