"""The client's half of the lossless stream: what arrives in any order leaves in the right one, once. No I/O.

Deltas leave contiguous, each once. A gap stops them and asks for a replay; a snapshot is joined with the deltas that
came meanwhile; a digest that differs has its sets sent anew. Whatever cannot be mended is answered by asking for a
whole snapshot, and a bridge that does not send one in time by giving up the connection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dealerdesk.bridges.holdings import Holdings
from dealerdesk.bridges.protocol import (
    CHUNK_ROWS_MAX,
    HELD_DELTAS_MAX,
    REPLAY_TIMEOUT_S,
    Delta,
    Deltas,
    Digests,
    ErrorCode,
    ProtocolError,
    Replay,
    ResumePoint,
    Resync,
    RowSet,
    SnapshotBegin,
    SnapshotChunk,
    SnapshotEnd,
    row_set,
)

PROGRESS_TIMEOUT_S = 15.0
SNAPSHOTS_IN_VAIN_MAX = 3

StreamEvent = SnapshotBegin | SnapshotChunk | SnapshotEnd | Deltas


class LosslessStream:
    """One connection's stream of one epoch. `ask` sends a Replay or Resync; `now_s` is handed in with each call."""

    def __init__(
        self, epoch: str, sets: Sequence[RowSet], holdings: Holdings, ask: Callable[[Replay | Resync], None]
    ) -> None:
        self.epoch = epoch
        self.seq = 0
        self.gaps = 0
        self.resyncs = 0
        self.foreign = 0
        self.digests_checked = 0
        self._sets = frozenset(sets)
        self._holdings = holdings
        self._ask = ask
        self._held: dict[int, Delta] = {}
        self._loading: SnapshotBegin | None = None
        self._awaits_snapshot = False
        self._awaited_sets: frozenset[RowSet] = frozenset()
        self._replay_until_s: float | None = None
        self._progress_until_s: float | None = None
        self._digests: Digests | None = None
        self._target = 0
        self._stalled_at = -1
        self._in_vain = 0

    @property
    def is_whole(self) -> bool:
        """Whether everything the bridge is known to have sent is applied, and nothing is being mended."""
        mending = self._awaits_snapshot or self._loading or self._awaited_sets or self._replay_until_s is not None
        return not mending and self.seq >= self._target

    def resume(self, seq: int, target: int, now_s: float) -> None:
        """The bridge goes on after `seq`; `target` is where it stands. A client that is ahead is never guessed at."""
        self.seq = seq
        self._target = target
        if seq > target:
            self._ask_all(f"ahead of the bridge: {seq}, {target}", now_s)

    def await_snapshot(self, now_s: float) -> None:
        """The bridge will send a whole snapshot unasked."""
        self._awaits_snapshot = True
        self._loading = None
        self._awaited_sets = frozenset()
        self._replay_until_s = None
        self._digests = None
        self._held.clear()
        self._progress_until_s = now_s + PROGRESS_TIMEOUT_S
        self._holdings.clear()

    def fell_behind(self, now_s: float) -> None:
        """The bridge says that it will send a snapshot instead of what was missed."""
        self.resyncs += 1
        self.await_snapshot(now_s)

    def deltas(self, message: Deltas, now_s: float) -> list[StreamEvent]:
        """Takes deltas as they come; returns those that may be applied now."""
        items = message.items
        if message.epoch != self.epoch:
            self.foreign += 1
            return []
        if not items:
            return []
        blocked = self._awaits_snapshot or self._loading is not None
        expected = range(self.seq + 1, self.seq + 1 + len(items))
        if not blocked and not self._held and [item.seq for item in items] == list(expected):
            self._replay_until_s = None
            return self._apply(items, now_s)
        if blocked:
            self._hold(items)
            return []
        return self._drain(items, now_s)

    def snapshot_begin(self, message: SnapshotBegin, now_s: float) -> list[StreamEvent]:
        """A snapshot of all sets, asked for or not, or of some at the very point that was reached."""
        if message.epoch != self.epoch:
            self.foreign += 1
            return []
        sets = frozenset(message.rows)
        if not sets <= self._sets or message.as_of < 0 or any(count < 0 for count in message.rows.values()):
            raise ProtocolError(ErrorCode.MALFORMED, "snapshot_begin: sets that were not asked for, or negative counts")
        if sets != self._sets and (self._awaits_snapshot or self._held or self.seq != message.as_of):
            self._ask_all(f"part of a snapshot as of {message.as_of} at {self.seq}", now_s)
            return []
        self._loading = message
        self._progress_until_s = now_s + PROGRESS_TIMEOUT_S
        self._holdings.begin(sets)
        return [message]

    def snapshot_chunk(self, message: SnapshotChunk, now_s: float) -> list[StreamEvent]:
        """Rows of the snapshot that is loading."""
        begin = self._loading
        if begin is None:
            return self._stray("snapshot_chunk")
        _check_chunk(message, begin)
        self._progress_until_s = now_s + PROGRESS_TIMEOUT_S
        if self._holdings.loaded(message.set) + len(message.rows) > begin.rows[message.set]:
            self._again(f"more rows of {message.set} than announced", now_s)
            return []
        self._holdings.add(message)
        return [message]

    def snapshot_end(self, message: SnapshotEnd, now_s: float) -> list[StreamEvent]:
        """The snapshot counts if every set is whole and as its digest says; deltas that came meanwhile follow."""
        begin = self._loading
        if begin is None:
            return self._stray("snapshot_end")
        torn = self._holdings.end(begin.rows, message.digests)
        if torn or message.as_of != begin.as_of:
            self._again(f"snapshot not whole: {', '.join(sorted(torn)) or 'as of another point'}", now_s)
            return []
        self._loading = None
        self._awaits_snapshot = False
        self._awaited_sets = frozenset()
        self._progress_until_s = None
        self._in_vain = 0
        if frozenset(begin.rows) == self._sets:
            self._replay_until_s = None
            self.seq = begin.as_of
            self._digests = None
        self._mark()
        return [message, *self._drain([], now_s)]

    def digests(self, message: Digests, now_s: float) -> None:
        """Compares now, or when the stream has come that far."""
        if message.seq >= self.seq:
            self._digests = message
            self._check_digests(now_s)

    def heard(self, bridge_seq: int) -> None:
        """A pong says how far the bridge is: standing still behind it from one pong to the next means a loss."""
        if (
            self._stalled_at == self.seq
            and not self._awaits_snapshot
            and self._loading is None
            and bridge_seq > self.seq
        ):
            self._ask(Replay(self.seq + 1))
        self._stalled_at = self.seq if bridge_seq > self.seq else -1

    def tick(self, now_s: float) -> None:
        """No replay in time: ask for a snapshot. No snapshot in time: ProtocolError."""
        if self._replay_until_s is not None and now_s >= self._replay_until_s:
            self._ask_all(f"no replay within {REPLAY_TIMEOUT_S} s", now_s)
        elif self._progress_until_s is not None and now_s >= self._progress_until_s:
            raise ProtocolError(ErrorCode.UNEXPECTED, f"no snapshot within {PROGRESS_TIMEOUT_S:.0f} s")

    def _apply(self, items: list[Delta], now_s: float) -> list[StreamEvent]:
        apply = self._holdings.apply
        kept = [item for item in items if apply(item)]
        self.seq = items[-1].seq
        self._mark()
        self._check_digests(now_s)
        return [Deltas(self.epoch, kept)] if kept else []

    def _mark(self) -> None:
        self._holdings.point = ResumePoint(self.epoch, self.seq)

    def _hold(self, items: list[Delta]) -> None:
        for item in items:
            if item.seq > self.seq or self._awaits_snapshot:
                self._held[item.seq] = item
        if len(self._held) > HELD_DELTAS_MAX:
            # what is thrown away leaves a gap, and the replay that fills it brings all of it again
            self._held.clear()

    def _drain(self, items: list[Delta], now_s: float) -> list[StreamEvent]:
        """Applies what follows on, out of `items` and of what is held; holds the rest, and asks for what is missing."""
        run: list[Delta] = []
        for item in items:
            if item.seq == self.seq + 1 + len(run):
                run.append(item)
        while (held := self._held.pop(self.seq + 1 + len(run), None)) is not None:
            run.append(held)
        events = self._apply(run, now_s) if run else []
        self._held = {seq: held for seq, held in self._held.items() if seq > self.seq}
        self._hold(items)
        if not self._held:
            if run:
                self._replay_until_s = None
        elif self._replay_until_s is None or run:
            self.gaps += 1
            self._replay_until_s = now_s + REPLAY_TIMEOUT_S
            self._ask(Replay(self.seq + 1))
        return events

    def _check_digests(self, now_s: float) -> None:
        message = self._digests
        if message is None or message.seq > self.seq or self._awaits_snapshot or self._loading is not None:
            return
        self._digests = None
        if message.seq < self.seq or self._awaited_sets:
            return
        self.digests_checked += 1
        differing = self._holdings.differing(message.digests)
        if differing:
            self.resyncs += 1
            self._awaited_sets = frozenset(differing)
            self._progress_until_s = now_s + PROGRESS_TIMEOUT_S
            self._ask(Resync("digest differs", tuple(differing)))

    def _stray(self, what: str) -> list[StreamEvent]:
        # the rest of a snapshot that was refused at its beginning is still on its way
        if self._awaits_snapshot or self._awaited_sets:
            return []
        raise ProtocolError(ErrorCode.UNEXPECTED, f"{what} outside a snapshot")

    def _again(self, reason: str, now_s: float) -> None:
        self._in_vain += 1
        if self._in_vain >= SNAPSHOTS_IN_VAIN_MAX:
            raise ProtocolError(ErrorCode.UNEXPECTED, reason)
        self._ask_all(reason, now_s)

    def _ask_all(self, reason: str, now_s: float) -> None:
        self.resyncs += 1
        self.await_snapshot(now_s)
        self._ask(Resync(reason))


def _check_chunk(message: SnapshotChunk, begin: SnapshotBegin) -> None:
    rows, versions = message.rows, message.versions
    if message.set not in begin.rows:
        raise ProtocolError(ErrorCode.UNEXPECTED, f"snapshot_chunk: {message.set} is not in this snapshot")
    if not len(rows) == len(versions) <= CHUNK_ROWS_MAX:
        raise ProtocolError(ErrorCode.MALFORMED, f"snapshot_chunk: {len(rows)} rows, {len(versions)} versions")
    if any(row_set(row) is not message.set for row in rows):
        raise ProtocolError(ErrorCode.MALFORMED, f"snapshot_chunk: a row that is no {message.set}")
    if versions and not 0 <= min(versions) <= max(versions) <= begin.as_of:
        raise ProtocolError(ErrorCode.MALFORMED, f"snapshot_chunk: a version outside 0 … {begin.as_of}")
