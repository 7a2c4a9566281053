"""From the clients into the live state, a little at a time."""

from __future__ import annotations

from dealerdesk.bridges.listener import ConnectionState
from dealerdesk.bridges.protocol import Delta, Digest, RowSet, SnapshotBegin, SnapshotChunk, SnapshotEnd
from dealerdesk.desk.feed import AT_ONCE_S, DELTAS_PER_SLICE, Feed
from dealerdesk.live.state import LiveState
from dealerdesk.trading import Side

from .conftest import NOW_US, ROWS, load, position, quotes, status


class Seconds:
    """A clock that a test moves; every look at it costs `step`."""

    def __init__(self, step: float = 0.0) -> None:
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def feed_of(state: LiveState, seconds: Seconds) -> tuple[Feed, list[str]]:
    live: list[str] = []
    return Feed(state, {}, live.append, seconds), live


def send_snapshot(feed: Feed) -> None:
    counts = {row_set: len(rows) for row_set, rows in ROWS}
    feed.snapshot_begin("MT5", SnapshotBegin(epoch="e", as_of=0, rows=counts))
    for row_set, rows in ROWS:
        feed.snapshot_chunk("MT5", SnapshotChunk(set=row_set, rows=list(rows), versions=[0] * len(rows)))
    feed.snapshot_end("MT5", SnapshotEnd(as_of=0, digests={RowSet.ACCOUNT: Digest(2, 0, 0, "")}))


def opened(seq: int) -> Delta:
    return Delta(seq, seq, NOW_US, position(100 + seq, 101, Side.BUY, 1, "1.10000"))


def test_news_is_applied_at_once_while_there_is_time() -> None:
    state = LiveState()
    feed, _ = feed_of(state, Seconds())

    send_snapshot(feed)

    assert feed.backlog == 0
    assert int(state.accounts.alive.sum()) == 2
    assert state.ready("MT5")


def keep_busy(feed: Feed) -> None:
    """More changes of another server than one beat takes."""
    feed.deltas("MT4", "e", [opened(seq) for seq in range(1, 3 * DELTAS_PER_SLICE)])


def test_a_snapshot_is_taken_in_as_it_comes_however_long_that_takes() -> None:
    state = LiveState()
    feed, _ = feed_of(state, Seconds(step=AT_ONCE_S))

    send_snapshot(feed)

    assert feed.backlog == 0
    assert state.ready("MT5")


def test_when_the_beats_time_is_used_up_news_waits_in_order() -> None:
    state = LiveState()
    load(state, "MT4")
    feed, _ = feed_of(state, Seconds(step=AT_ONCE_S))
    keep_busy(feed)

    send_snapshot(feed)
    assert not state.ready("MT5")
    assert feed.backlog > 0

    while feed.backlog:
        feed.drain(AT_ONCE_S)
    assert state.ready("MT5")
    assert feed.counts.rows_loaded == 11


def test_quotes_wait_behind_their_own_unfinished_snapshot() -> None:
    state = LiveState()
    load(state, "MT4")
    feed, _ = feed_of(state, Seconds(step=AT_ONCE_S))
    keep_busy(feed)
    send_snapshot(feed)

    feed.quotes("MT5", quotes(110_500, 110_510), NOW_US)
    assert feed.counts.ticks_applied == 0

    while feed.backlog:
        feed.drain(AT_ONCE_S)
    slot = state.symbols.slot("MT5", "EURUSD")
    assert slot is not None
    assert state.symbols.bid[slot] == 1.105
    assert feed.counts.ticks_applied == 1


def test_quotes_of_a_loaded_server_do_not_wait_for_another_servers_news() -> None:
    state = LiveState()
    load(state, "MT4")
    feed, _ = feed_of(state, Seconds(step=AT_ONCE_S))
    send_snapshot(feed)

    feed.quotes("MT4", quotes(110_500, 110_510), NOW_US)

    assert feed.counts.ticks_applied == 1


def test_many_deltas_are_cut_into_slices_and_every_one_arrives() -> None:
    state = LiveState()
    load(state)
    feed, _ = feed_of(state, Seconds(step=AT_ONCE_S))

    feed.deltas("MT5", "e", [opened(seq) for seq in range(1, 451)])
    assert feed.counts.deltas_applied == DELTAS_PER_SLICE

    feed.drain(0.0)
    assert feed.counts.deltas_applied == 2 * DELTAS_PER_SLICE
    while feed.backlog:
        feed.drain(0.0)
    assert (feed.counts.deltas_received, feed.counts.deltas_applied) == (450, 450)
    assert state.positions.slot("MT5", 550) is not None


def test_the_oldest_unpainted_quote_is_taken_once(state: LiveState) -> None:
    feed, _ = feed_of(state, Seconds())
    feed.quotes("MT5", quotes(110_001, 110_011), NOW_US + 5)
    feed.quotes("MT5", quotes(110_002, 110_012), NOW_US + 9)

    assert feed.take_oldest_unpainted_us() == NOW_US + 5
    assert feed.take_oldest_unpainted_us() is None


def test_a_dead_bridge_makes_its_figures_old_since_its_last_frame_and_life_makes_them_fresh(state: LiveState) -> None:
    feed, live = feed_of(state, Seconds())

    feed.status("MT5", status(state=ConnectionState.DEAD, last_frame_us=NOW_US - 7))
    assert state.stale_since("MT5") == NOW_US - 7

    feed.status("MT5", status(state=ConnectionState.LIVE))
    assert state.stale_since("MT5") is None
    assert live == ["MT5"]


def test_the_platforms_own_silence_is_taken_over(state: LiveState) -> None:
    feed, _ = feed_of(state, Seconds())

    feed.stale("MT5", NOW_US, "platform down")
    assert state.stale_since("MT5") == NOW_US
    feed.fresh("MT5", NOW_US + 1)
    assert state.stale_since("MT5") is None
