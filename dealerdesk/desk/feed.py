"""Brings what the bridges' clients receive into the live state, a little at a time, and counts it.

The clients call `Feed` in the event loop. News is applied at once while there is time for it in the present beat;
the rest waits, in order, and `drain` takes it up beat by beat, so that no message holds up the window. Nothing is
dropped or reordered: a server's quotes wait behind its unfinished snapshot. Nothing is drawn here.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from dealerdesk.bridges.listener import ConnectionState, ConnectionStatus, Listener

if TYPE_CHECKING:
    from dealerdesk.bridges.protocol import (
        Ack,
        Delta,
        Error,
        ResumePoint,
        Row,
        SnapshotBegin,
        SnapshotChunk,
        SnapshotEnd,
        Welcome,
    )
    from dealerdesk.bridges.quotes import QuoteBatch
    from dealerdesk.live.state import LiveState

DELTAS_PER_SLICE = 100
AT_ONCE_S = 0.004
"""How long news may be applied as it arrives between two beats; what comes later waits for `drain`."""


@dataclass(slots=True)
class Counts:
    """What came over the wire and what reached the live state, since the start."""

    ticks_received: int = 0
    ticks_applied: int = 0
    deltas_received: int = 0
    deltas_applied: int = 0
    snapshots: int = 0
    rows_loaded: int = 0
    errors: list[str] = field(default_factory=list)


class Feed(Listener):
    """One feed for all bridges. `positions` tells where each server's client stands (its own resume point)."""

    def __init__(
        self,
        state: LiveState,
        resume: Mapping[str, Callable[[], ResumePoint | None]],
        on_live: Callable[[str], None],
        seconds: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.counts = Counts()
        self.statuses: dict[str, ConnectionStatus] = {}
        self.oldest_unpainted_us: int | None = None
        self._state = state
        self._resume = resume
        self._on_live = on_live
        self._seconds = seconds
        self._waiting: deque[Callable[[], None]] = deque()
        self._spent_s = 0.0

    @property
    def backlog(self) -> int:
        """Pieces of news that wait to be applied."""
        return len(self._waiting)

    def drain(self, budget_s: float) -> None:
        """Applies waiting news for about `budget_s`, at least one piece; called by the beat."""
        self._spent_s = 0.0
        end = self._seconds() + budget_s
        while self._waiting:
            self._waiting.popleft()()
            if self._seconds() >= end:
                return

    def take_oldest_unpainted_us(self) -> int | None:
        """When the oldest quote that no frame shows yet was received; the next frame shows it."""
        oldest, self.oldest_unpainted_us = self.oldest_unpainted_us, None
        return oldest

    # -- what the clients call ----------------------------------------------------------------------------------

    def resume_point(self, server: str) -> ResumePoint | None:
        """The client's own position: all it handed over is applied or waits here in order."""
        return self._resume[server]() if server in self._resume else None

    def welcome(self, server: str, welcome: Welcome) -> None:
        self._soon(partial(self._state.set_clock_offset, server, welcome.clock_offset_s))

    def snapshot_begin(self, server: str, message: SnapshotBegin) -> None:
        self.counts.snapshots += 1
        self._in_turn(partial(self._state.begin_snapshot, server, tuple(message.rows)))

    def snapshot_chunk(self, server: str, message: SnapshotChunk) -> None:
        self._in_turn(partial(self._load, server, message.rows, message.versions))

    def snapshot_end(self, server: str, message: SnapshotEnd) -> None:
        self._in_turn(partial(self._end_snapshot, server, message.as_of))

    def deltas(self, server: str, _epoch: str, items: list[Delta]) -> None:
        self.counts.deltas_received += len(items)
        for start in range(0, len(items), DELTAS_PER_SLICE):
            self._soon(partial(self._apply, server, items[start : start + DELTAS_PER_SLICE]))

    def quotes(self, server: str, batch: QuoteBatch, received_us: int) -> None:
        self.counts.ticks_received += len(batch)
        if self.oldest_unpainted_us is None:
            self.oldest_unpainted_us = received_us
        # a batch is a few array writes: it waits only where its symbols themselves may still be waiting
        if self._waiting and not self._state.ready(server):
            self._waiting.append(partial(self._apply_quotes, server, batch, received_us))
        else:
            self._apply_quotes(server, batch, received_us)

    def stale(self, server: str, since_us: int, _reason: str) -> None:
        self._soon(partial(self._state.set_stale, server, since_us))

    def fresh(self, server: str, _time_us: int) -> None:
        self._soon(partial(self._state.set_stale, server, None))

    def status(self, server: str, status: ConnectionStatus) -> None:
        before = self.statuses.get(server)
        self.statuses[server] = status
        if before is not None and before.state is status.state:
            return
        if status.state is ConnectionState.DEAD:
            self._soon(partial(self._state.set_stale, server, status.last_frame_us or status.since_us))
        elif status.state is ConnectionState.LIVE:
            self._soon(partial(self._state.set_stale, server, None))
            self._soon(partial(self._on_live, server))

    def ack(self, server: str, ack: Ack) -> None:
        """A desk sends no commands of its own; the hub's are read from the database."""

    def error(self, server: str, error: Error) -> None:
        self.counts.errors.append(f"{server}: {error.text}")

    # -- applying -----------------------------------------------------------------------------------------------

    def _soon(self, step: Callable[[], None]) -> None:
        if self._waiting or self._spent_s >= AT_ONCE_S:
            self._waiting.append(step)
            return
        start = self._seconds()
        step()
        self._spent_s += self._seconds() - start

    def _in_turn(self, step: Callable[[], None]) -> None:
        """A snapshot is taken in as it comes: chunks that waited would all be in memory at once, and a client that
        is kept busy reads no faster than they are taken."""
        if self._waiting:
            self._waiting.append(step)
        else:
            step()

    def _load(self, server: str, rows: Sequence[Row], versions: Sequence[int]) -> None:
        self._state.load(server, rows, versions)
        self.counts.rows_loaded += len(rows)

    def _end_snapshot(self, server: str, as_of: int) -> None:
        self._state.end_snapshot(server, as_of)

    def _apply(self, server: str, items: Sequence[Delta]) -> None:
        self._state.apply_many(server, items)
        self.counts.deltas_applied += len(items)

    def _apply_quotes(self, server: str, batch: QuoteBatch, received_us: int) -> None:
        self._state.apply_quotes(server, batch, received_us)
        self.counts.ticks_applied += len(batch)
