"""Cuts snapshots and deltas into frames: at most 500 rows each, and never larger than the other end takes. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dealerdesk.bridges.protocol import (
    CHUNK_ROWS_MAX,
    ErrorCode,
    ProtocolError,
    Row,
    RowSet,
    SnapshotBegin,
    SnapshotChunk,
    SnapshotEnd,
    encode,
)
from dealerdesk.bridges.source import Snapshot


def snapshot_frames(snapshot: Snapshot, epoch: str, reason: str, frame_bytes: int) -> Iterator[bytes]:
    """The frames of a snapshot, made one by one as they are asked for."""
    yield encode(SnapshotBegin(epoch, snapshot.as_of, snapshot.rows, reason))
    for row_set, rows, versions in snapshot.chunks:
        for start in range(0, len(rows), CHUNK_ROWS_MAX):
            end = start + CHUNK_ROWS_MAX
            yield from _chunk_frames(row_set, rows[start:end], versions[start:end], frame_bytes)
    yield encode(SnapshotEnd(snapshot.as_of, snapshot.digests))


def deltas_frame(epoch: str, items: Sequence[bytes]) -> bytes:
    """A frame of deltas that are encoded already."""
    return b'{"type":"deltas","epoch":"%b","items":[%b]}' % (epoch.encode(), b",".join(items))


def _chunk_frames(row_set: RowSet, rows: Sequence[Row], versions: Sequence[int], frame_bytes: int) -> Iterator[bytes]:
    frame = encode(SnapshotChunk(row_set, list(rows), list(versions)))
    if len(frame) <= frame_bytes:
        yield frame
        return
    if len(rows) == 1:
        raise ProtocolError(ErrorCode.OVERSIZED, f"a {row_set} row of {len(frame)} bytes, at most {frame_bytes}")
    middle = len(rows) // 2
    yield from _chunk_frames(row_set, rows[:middle], versions[:middle], frame_bytes)
    yield from _chunk_frames(row_set, rows[middle:], versions[middle:], frame_bytes)
