"""The lossless stream leaves in order, each delta once, whatever came."""

from __future__ import annotations

import pytest
from platform_double import SETS, PlatformDouble, account, position

from dealerdesk.bridges import lossless
from dealerdesk.bridges.holdings import Holdings
from dealerdesk.bridges.lossless import LosslessStream, StreamEvent
from dealerdesk.bridges.protocol import (
    Delta,
    Deltas,
    Digest,
    Digests,
    ProtocolError,
    Replay,
    Resync,
    RowSet,
    SnapshotBegin,
    SnapshotChunk,
    SnapshotEnd,
)

EPOCH = "e" * 32


class Play:
    """A stream that has resumed at 10, and what it asked for."""

    def __init__(self) -> None:
        self.asked: list[Replay | Resync] = []
        self.stream = LosslessStream(EPOCH, SETS, Holdings(), self.asked.append)
        self.stream.resume(10, 10, 0.0)

    def send(self, *seqs: int, now_s: float = 0.0, epoch: str = EPOCH) -> list[int]:
        items = [Delta(seq, seq, seq, position(seq)) for seq in seqs]
        return seqs_of(self.stream.deltas(Deltas(epoch, items), now_s))


def seqs_of(events: list[StreamEvent]) -> list[int]:
    return [item.seq for event in events if isinstance(event, Deltas) for item in event.items]


def test_deltas_in_order_pass() -> None:
    play = Play()

    assert play.send(11, 12) == [11, 12]
    assert play.send(13) == [13]
    assert play.asked == []


def test_duplicates_are_dropped() -> None:
    play = Play()
    play.send(11, 12)

    assert play.send(11, 12) == []
    assert play.send(10, 11, 12, 13) == [13]
    assert play.stream.is_whole


def test_a_gap_stops_applying_and_asks_for_replay() -> None:
    play = Play()

    assert play.send(13, 14) == []
    assert play.asked == [Replay(11)]
    assert not play.stream.is_whole
    assert play.send(15) == []
    assert play.asked == [Replay(11)]
    assert play.send(11, 12) == [11, 12, 13, 14, 15]
    assert play.stream.is_whole
    assert play.stream.gaps == 1


def test_no_replay_within_five_seconds_asks_for_a_snapshot() -> None:
    play = Play()
    play.send(13, now_s=100.0)

    play.stream.tick(104.9)
    assert play.asked == [Replay(11)]
    play.stream.tick(105.0)
    assert play.asked == [Replay(11), Resync("no replay within 5 s")]


def test_no_snapshot_within_fifteen_seconds_ends_the_connection() -> None:
    play = Play()
    play.stream.fell_behind(0.0)

    play.stream.tick(14.9)
    with pytest.raises(ProtocolError, match="no snapshot within 15 s"):
        play.stream.tick(15.0)


def test_deltas_of_another_epoch_are_dropped() -> None:
    play = Play()

    assert play.send(11, epoch="f" * 32) == []
    assert play.stream.foreign == 1
    assert play.send(11) == [11]


def test_what_is_held_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lossless, "HELD_DELTAS_MAX", 5)
    play = Play()
    for seq in range(12, 40):
        play.send(seq)

    assert play.send(11) == [11]
    assert play.asked[-1] == Replay(12)
    assert play.send(*range(12, 40)) == list(range(12, 40))


def test_an_older_version_does_not_overwrite() -> None:
    play = Play()
    load(play, PlatformDouble(), as_of=10)
    play.send(11)

    assert play.stream.deltas(Deltas(EPOCH, [Delta(12, 5, 0, position(11))]), 0.0) == []
    assert play.stream.seq == 12


def test_a_client_ahead_of_the_bridge_asks_for_a_snapshot() -> None:
    asked: list[Replay | Resync] = []
    stream = LosslessStream(EPOCH, SETS, Holdings(), asked.append)

    stream.resume(12, 10, 0.0)

    assert asked == [Resync("ahead of the bridge: 12, 10")]


def load(play: Play, platform: PlatformDouble, as_of: int, *sets: RowSet) -> list[StreamEvent]:
    snapshot = platform.snapshot(sets or SETS)
    events = play.stream.snapshot_begin(SnapshotBegin(EPOCH, as_of, snapshot.rows), 0.0)
    for row_set, rows, versions in snapshot.chunks:
        events += play.stream.snapshot_chunk(SnapshotChunk(row_set, list(rows), list(versions)), 0.0)
    return events + play.stream.snapshot_end(SnapshotEnd(as_of, snapshot.digests), 0.0)


def test_a_snapshot_joins_the_deltas_that_came_meanwhile() -> None:
    play = Play()
    play.stream.await_snapshot(0.0)
    assert play.send(48, 49, 50, 51, 52) == []

    events = load(play, PlatformDouble(), 50)

    assert [type(event) for event in events] == [SnapshotBegin, SnapshotEnd, Deltas]
    assert seqs_of(events) == [51, 52]
    assert play.stream.is_whole


def test_a_snapshot_that_comes_unasked_overwrites() -> None:
    play = Play()
    play.send(11, 12)

    assert load(play, PlatformDouble(), 40)
    assert play.stream.seq == 40
    assert play.send(41) == [41]


def test_a_snapshot_with_a_row_missing_is_asked_for_again_and_given_up_the_third_time() -> None:
    platform = PlatformDouble()
    platform.seed(account(1), account(2))
    play = Play()

    def torn() -> None:
        snapshot = platform.snapshot(SETS)
        play.stream.snapshot_begin(SnapshotBegin(EPOCH, 10, snapshot.rows), 0.0)
        play.stream.snapshot_chunk(SnapshotChunk(RowSet.ACCOUNT, [account(1)], [0]), 0.0)
        assert play.stream.snapshot_end(SnapshotEnd(10, snapshot.digests), 0.0) == []

    torn()
    torn()
    assert play.asked == [Resync("snapshot not whole: account")] * 2
    with pytest.raises(ProtocolError, match="not whole"):
        torn()


def test_a_digest_that_differs_has_its_set_sent_anew() -> None:
    platform = PlatformDouble()
    platform.seed(account(1), position(1))
    play = Play()
    load(play, platform, 10)
    wrong = {**platform.digests(), RowSet.POSITION: Digest(1, 5, 0, "0" * 16)}

    play.stream.digests(Digests(10, wrong), 0.0)

    assert play.asked == [Resync("digest differs", (RowSet.POSITION,))]
    assert not play.stream.is_whole
    assert [type(event) for event in load(play, platform, 10, RowSet.POSITION)] == [
        SnapshotBegin,
        SnapshotChunk,
        SnapshotEnd,
    ]
    assert play.stream.is_whole


def test_digests_wait_until_the_stream_has_come_that_far() -> None:
    platform = PlatformDouble()
    play = Play()
    load(play, platform, 10)

    play.stream.digests(Digests(11, {RowSet.POSITION: Digest(9, 9, 0, "0" * 16)}), 0.0)
    assert play.asked == []
    play.send(11)
    assert play.asked == [Resync("digest differs", (RowSet.POSITION,))]


def test_part_of_a_snapshot_at_another_point_is_refused_for_a_whole_one() -> None:
    play = Play()
    load(play, PlatformDouble(), 10)

    assert play.stream.snapshot_begin(SnapshotBegin(EPOCH, 12, {RowSet.POSITION: 0}), 0.0) == []
    assert play.asked == [Resync("part of a snapshot as of 12 at 10")]
    assert play.stream.snapshot_end(SnapshotEnd(12, {}), 0.0) == []


@pytest.mark.parametrize(
    "chunk",
    [
        SnapshotChunk(RowSet.ACCOUNT, [account(1)], []),
        SnapshotChunk(RowSet.ACCOUNT, [position(1)], [0]),
        SnapshotChunk(RowSet.ACCOUNT, [account(1)], [11]),
        SnapshotChunk(RowSet.ACCOUNT, [account(1)], [-1]),
        SnapshotChunk(RowSet.ORDER, [], []),
        SnapshotChunk(RowSet.ACCOUNT, [account(i) for i in range(501)], [0] * 501),
    ],
)
def test_a_chunk_that_does_not_belong_is_a_protocol_error(chunk: SnapshotChunk) -> None:
    play = Play()
    play.stream.snapshot_begin(SnapshotBegin(EPOCH, 10, dict.fromkeys(SETS, 1)), 0.0)

    with pytest.raises(ProtocolError):
        play.stream.snapshot_chunk(chunk, 0.0)


def test_rows_outside_a_snapshot_are_a_protocol_error() -> None:
    with pytest.raises(ProtocolError, match="outside a snapshot"):
        Play().stream.snapshot_chunk(SnapshotChunk(RowSet.ACCOUNT, [], []), 0.0)


def test_standing_still_behind_the_bridge_from_pong_to_pong_asks_for_replay() -> None:
    play = Play()

    play.stream.heard(12)
    assert play.asked == []
    play.stream.heard(12)
    assert play.asked == [Replay(11)]
    play.send(11, 12)
    play.stream.heard(12)
    play.stream.heard(12)
    assert play.asked == [Replay(11)]
