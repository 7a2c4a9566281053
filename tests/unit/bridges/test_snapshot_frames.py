"""Snapshots are cut into frames that the other end takes."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from platform_double import PlatformDouble, account, position

from dealerdesk.bridges.digest import Ledger
from dealerdesk.bridges.holdings import Holdings
from dealerdesk.bridges.protocol import (
    Delta,
    Deltas,
    Gone,
    ProtocolError,
    RowSet,
    SnapshotBegin,
    SnapshotChunk,
    SnapshotEnd,
    decode_from_bridge,
    encode_delta,
)
from dealerdesk.bridges.snapshot_frames import deltas_frame, snapshot_frames
from dealerdesk.bridges.source import Snapshot
from dealerdesk.trading import Client


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


def client(number: int, name: str, introducer: str = "") -> Client:
    return Client(id=number, name=name, country="PL", profile="", registered_us=1, introducer=introducer)


def test_names_are_left_out_of_a_snapshot_and_the_digest_agrees_all_the_same() -> None:
    rows, ledger = [client(1, "Ada Abel"), client(2, "Bo Berg")], Ledger(RowSet.CLIENT)
    ledger.load_rows(rows, [4, 5])
    snapshot = Snapshot(9, {RowSet.CLIENT: 2}, iter([(RowSet.CLIENT, rows, [4, 5])]), {RowSet.CLIENT: ledger.digest()})

    begin, chunk, end = (decode_from_bridge(f) for f in snapshot_frames(snapshot, "ab", "", 1 << 20, names=False))

    assert isinstance(chunk, SnapshotChunk)
    assert chunk.rows == [client(1, ""), client(2, "")]
    holdings = Holdings()
    assert isinstance(begin, SnapshotBegin)
    assert isinstance(end, SnapshotEnd)
    holdings.begin(begin.rows)
    holdings.add(chunk)
    assert holdings.end(begin.rows, end.digests) == []


def test_names_are_left_out_of_deltas_and_nothing_else_is_touched() -> None:
    tricky = replace(account(3), introducer='["client",7,"Ada Abel"]')
    gone = Gone(RowSet.CLIENT, 4)
    items = [Delta(1, 1, 1, client(1, "Ada Abel", "IB7")), Delta(2, 2, 2, tricky), Delta(3, 3, 3, gone)]
    encoded = [encode_delta(item) for item in items]

    assert decode_from_bridge(deltas_frame("ab", encoded, names=False)) == Deltas(
        "ab", [Delta(1, 1, 1, client(1, "", "IB7")), *items[1:]]
    )
    assert decode_from_bridge(deltas_frame("ab", encoded)) == Deltas("ab", items)
