"""Snapshots are cut into frames that the other end takes."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from platform_double import PlatformDouble, account, position

from dealerdesk.bridges.protocol import (
    Delta,
    Deltas,
    ProtocolError,
    RowSet,
    SnapshotBegin,
    SnapshotChunk,
    SnapshotEnd,
    decode_from_bridge,
    encode_delta,
)
from dealerdesk.bridges.snapshot_frames import deltas_frame, snapshot_frames


def test_a_set_of_1201_rows_comes_in_three_chunks() -> None:
    platform = PlatformDouble(seq=9)
    platform.seed(*(position(i) for i in range(1201)))

    frames = [
        decode_from_bridge(f) for f in snapshot_frames(platform.snapshot([RowSet.POSITION]), "ab", "why", 1 << 20)
    ]

    assert frames[0] == SnapshotBegin("ab", 9, {RowSet.POSITION: 1201}, "why")
    assert [len(frame.rows) for frame in frames[1:-1] if isinstance(frame, SnapshotChunk)] == [500, 500, 201]
    assert frames[-1] == SnapshotEnd(9, {RowSet.POSITION: platform.digests()[RowSet.POSITION]})


def test_long_rows_come_in_smaller_chunks() -> None:
    platform = PlatformDouble()
    platform.seed(*(replace(account(i), introducer="x" * 1_000) for i in range(500)))

    frames = list(snapshot_frames(platform.snapshot([RowSet.ACCOUNT]), "ab", "", 200_000))

    assert len(frames) > 4
    assert max(map(len, frames)) <= 200_000


def test_a_row_too_long_for_any_frame_is_refused() -> None:
    platform = PlatformDouble()
    platform.seed(replace(account(1), introducer="x" * 300_000))

    with pytest.raises(ProtocolError, match="account row"):
        list(snapshot_frames(platform.snapshot([RowSet.ACCOUNT]), "ab", "", 200_000))


def test_encoded_deltas_are_spliced_into_a_frame() -> None:
    items = [Delta(1, 1, 1, position(1)), Delta(2, 2, 2, account(2))]

    assert decode_from_bridge(deltas_frame("ab", [encode_delta(item) for item in items])) == Deltas("ab", items)
