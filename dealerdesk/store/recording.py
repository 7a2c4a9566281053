"""Records a bridge's stream, each step of it exactly once, in the caller's transaction. No queues, no retries.

The `streams` row of a server says how far its stream is recorded; it is written with the rows themselves, so whatever
happens between, a repeated batch finds that it was there already. The tables therefore depend on the stream alone, not
on when or how often somebody joined it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from dealerdesk.bridges.protocol import RECORD_SETS, Delta, Gone, ResumePoint, Row, RowSet, row_key, row_set
from dealerdesk.store import rows as table_rows
from dealerdesk.store.feed import EVERY_ROW, announce
from dealerdesk.store.schema import TABLE_OF, streams

ANNOUNCED_ROWS_MAX = 100
ANNOUNCED_SETS = frozenset((RowSet.ROUTING, RowSet.CLIENT))
RECORDED_SETS = tuple(TABLE_OF)


class StreamBroken(Exception):  # noqa: N818 - it says what happened to the stream
    """A batch that does not continue what is recorded; the stream must be joined anew from the recorded point."""


@dataclass(slots=True)
class SnapshotRows:
    """A snapshot as it was received: whole sets, true at `as_of`."""

    epoch: str
    as_of: int
    sets: frozenset[RowSet]
    rows: dict[RowSet, list[Row]] = field(default_factory=dict)
    versions: dict[RowSet, list[int]] = field(default_factory=dict)

    def add(self, which: RowSet, rows: Sequence[Row], versions: Sequence[int]) -> None:
        """One more chunk."""
        self.rows.setdefault(which, []).extend(rows)
        self.versions.setdefault(which, []).extend(versions)

    @property
    def is_whole(self) -> bool:
        """Whether it replaces everything that is recorded, so that the stream goes on from it."""
        return self.sets.issuperset(RECORDED_SETS)


def stream_point(connection: Connection, server: str) -> ResumePoint | None:
    """How far the server's stream is recorded; None before its first snapshot."""
    row = connection.execute(select(streams.c.epoch, streams.c.sequence).where(streams.c.server == server)).first()
    return ResumePoint(row.epoch, row.sequence) if row else None


def record_deltas(
    connection: Connection, server: str, after: ResumePoint, deltas: Sequence[Delta], now_us: int
) -> ResumePoint:
    """Applies the deltas that follow on `after`; those already recorded are passed over.

    Returns how far the stream is recorded now. Raises StreamBroken when the recorded point is of another epoch or
    before `after`: something in between would be missing. (Numbers may be left out within `deltas`: a client drops
    what would set a row back to an older version.)
    """
    point = _locked_point(connection, server)
    if point is None or point.epoch != after.epoch:
        raise StreamBroken(
            f"{server}: deltas of epoch {after.epoch}, recorded is {point.epoch if point else 'nothing'}"
        )
    if point.seq < after.seq:
        raise StreamBroken(f"{server}: recorded up to {point.seq}, the deltas follow on {after.seq}")
    news = [delta for delta in deltas if delta.seq > point.seq]
    if not news:
        return point
    for which, last in _last_of_each_row(news).items():
        _apply(connection, server, after.epoch, which, last, now_us)
    return _advance(connection, server, ResumePoint(after.epoch, news[-1].seq))


def record_snapshot(connection: Connection, server: str, snapshot: SnapshotRows, now_us: int) -> ResumePoint | None:
    """Replaces the snapshot's state sets, adds its records, and goes on from its `as_of` if it is whole.

    Only rows that differ are written: one with the same epoch and sequence is the same row. An older snapshot of the
    same epoch than what is recorded changes nothing. Raises StreamBroken for single sets of another epoch.
    """
    point = _locked_point(connection, server)
    if point is not None and point.epoch == snapshot.epoch and point.seq > snapshot.as_of:
        return point
    if not snapshot.is_whole and (point is None or point.epoch != snapshot.epoch):
        raise StreamBroken(f"{server}: some sets of epoch {snapshot.epoch} do not go with what is recorded")
    for which in RECORDED_SETS:
        if which in snapshot.sets:
            _replace(connection, server, snapshot, which, now_us)
    if not snapshot.is_whole:
        return point
    return _advance(connection, server, ResumePoint(snapshot.epoch, snapshot.as_of))


def _last_of_each_row(deltas: Iterable[Delta]) -> dict[RowSet, dict[int | str, Delta]]:
    """What is left of a batch when each row keeps only its last change."""
    last: dict[RowSet, dict[int | str, Delta]] = {}
    for delta in deltas:
        which = row_set(delta.row)
        if which in TABLE_OF:
            last.setdefault(which, {})[row_key(delta.row)] = delta
    return last


def _apply(
    connection: Connection, server: str, epoch: str, which: RowSet, last: dict[int | str, Delta], now_us: int
) -> None:
    present = [delta for delta in last.values() if not isinstance(delta.row, Gone)]
    rows: list[Row] = [delta.row for delta in present]  # type: ignore[misc]
    versions = [delta.version for delta in present]
    table_rows.put(connection, which, table_rows.table_rows(which, server, epoch, rows, versions))
    if which not in RECORD_SETS:
        gone = [(server, key, epoch, delta.version) for key, delta in last.items() if isinstance(delta.row, Gone)]
        table_rows.remove(connection, which, gone)
    _announce(connection, which, server, list(last), now_us)


def _replace(connection: Connection, server: str, snapshot: SnapshotRows, which: RowSet, now_us: int) -> None:
    rows, versions = snapshot.rows.get(which, []), snapshot.versions.get(which, [])
    if which in RECORD_SETS:
        table_rows.put(connection, which, table_rows.table_rows(which, server, snapshot.epoch, rows, versions))
        return
    held = table_rows.held(connection, which, server)
    keys = [row_key(row) for row in rows]
    news = [index for index, key in enumerate(keys) if held.get(key) != (snapshot.epoch, versions[index])]
    changed = table_rows.table_rows(
        which, server, snapshot.epoch, [rows[index] for index in news], [versions[index] for index in news]
    )
    table_rows.put(connection, which, changed)
    gone = held.keys() - set(keys)
    table_rows.remove(
        connection, which, [(server, key, snapshot.epoch, snapshot.as_of) for key in sorted(gone, key=str)]
    )
    _announce(connection, which, server, [*(keys[index] for index in news), *gone], now_us)


def _announce(connection: Connection, which: RowSet, server: str, keys: Sequence[int | str], now_us: int) -> None:
    """Tells desks of what they read from the tables: books, and the names of clients."""
    if which in ANNOUNCED_SETS:
        named = keys if len(keys) <= ANNOUNCED_ROWS_MAX else [EVERY_ROW]
        announce(connection, TABLE_OF[which].name, named, now_us=now_us, server=server)


def _locked_point(connection: Connection, server: str) -> ResumePoint | None:
    """The recorded point; on PostgreSQL no other recorder moves it until this transaction ends."""
    query = select(streams.c.epoch, streams.c.sequence).where(streams.c.server == server).with_for_update()
    row = connection.execute(query).first()
    return ResumePoint(row.epoch, row.sequence) if row else None


def _advance(connection: Connection, server: str, point: ResumePoint) -> ResumePoint:
    mark = "?" if connection.dialect.paramstyle == "qmark" else "%s"
    connection.exec_driver_sql(
        f"INSERT INTO streams (server, epoch, sequence) VALUES ({mark}, {mark}, {mark})"
        " ON CONFLICT (server) DO UPDATE SET epoch = excluded.epoch, sequence = excluded.sequence",
        (server, point.epoch, point.seq),
    )
    return point
