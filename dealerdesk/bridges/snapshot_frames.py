"""Cuts snapshots and deltas into frames: at most 500 rows each, and never larger than the other end takes. No I/O.

Clients' names are for the hub alone: in frames for anybody else they are left out here. A digest is over keys and
versions, so that it agrees whether a name was sent or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from dealerdesk.bridges.protocol import (
    CHUNK_ROWS_MAX,
    ErrorCode,
    Gone,
    ProtocolError,
    Row,
    RowSet,
    SnapshotBegin,
    SnapshotChunk,
    SnapshotEnd,
    decode_delta,
    encode,
    encode_delta,
)
from dealerdesk.bridges.source import Snapshot
from dealerdesk.trading import Client

CLIENT_ROW = b'["client",'
"""How the row of a client begins in an encoded delta; within a text its quotes would be escaped."""


def nameless(row: Row) -> Row:
    """The row without the name of a client."""
    return replace(row, name="") if isinstance(row, Client) else row


def snapshot_frames(
    snapshot: Snapshot, epoch: str, reason: str, frame_bytes: int, *, names: bool = True
) -> Iterator[bytes]:
    """The frames of a snapshot, made one by one as they are asked for; without clients' names unless `names`."""
    yield encode(SnapshotBegin(epoch, snapshot.as_of, snapshot.rows, reason))
    for row_set, whole_rows, versions in snapshot.chunks:
        rows = whole_rows if names or row_set is not RowSet.CLIENT else [nameless(row) for row in whole_rows]
        for start in range(0, len(rows), CHUNK_ROWS_MAX):
            end = start + CHUNK_ROWS_MAX
            yield from _chunk_frames(row_set, rows[start:end], versions[start:end], frame_bytes)
    yield encode(SnapshotEnd(snapshot.as_of, snapshot.digests))


def deltas_frame(epoch: str, items: Sequence[bytes], *, names: bool = True) -> bytes:
    """A frame of deltas that are encoded already; without clients' names unless `names`."""
    joined = b",".join(items)
    # one look through the whole frame: few hold a client, and only those deltas are written anew
    if not names and CLIENT_ROW in joined:
        joined = b",".join(_nameless_delta(item) if CLIENT_ROW in item else item for item in items)
    return b'{"type":"deltas","epoch":"%b","items":[%b]}' % (epoch.encode(), joined)


def _nameless_delta(item: bytes) -> bytes:
    delta = decode_delta(item)
    return item if isinstance(delta.row, Gone) else encode_delta(replace(delta, row=nameless(delta.row)))


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
