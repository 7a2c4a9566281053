"""Both sessions over a link that loses, doubles, reorders and breaks frames: the desk is never wrong, and recovers."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from platform_double import (
    MemoryLog,
    Mirror,
    PlatformDouble,
    account,
    bridge_of,
    client_session,
    deal,
    position,
    server_session,
)

from dealerdesk.bridges.conflation import QuoteBoard, QuoteView
from dealerdesk.bridges.holdings import Holdings
from dealerdesk.bridges.protocol import Delta, RowSet
from dealerdesk.bridges.quotes import QuoteBatch, encode_quotes

CHANGES = st.tuples(
    st.sampled_from(["position", "balance", "deal", "close"]), st.integers(1, 8), st.integers(-(10**12), 10**12)
)
FAULTS = st.tuples(
    st.sampled_from(["lost", "lost", "twice", "late", "late", "foreign", "cut", "broken"]), st.floats(0, 0.999)
)
SOMETIMES = st.lists(FAULTS, max_size=1)
ROUNDS = st.tuples(
    st.lists(CHANGES, max_size=8),
    st.lists(FAULTS, max_size=2),
    SOMETIMES,
    st.sampled_from([0.0, 0.5, 2.0, 6.0]),
    st.booleans(),
)
Change = tuple[str, int, int]
Fault = tuple[str, float]
Round = tuple[list[Change], list[Fault], list[Fault], float, bool]


def harm(line: list[bytes], kind: str, place: float) -> None:
    """Does to one frame of the line what a bad link does."""
    if not line:
        return
    where = int(place * len(line))
    frame = line.pop(where)
    middle = len(frame) // 2
    if kind == "twice":
        line[where:where] = [frame, frame]
    elif kind == "late":
        line.append(frame)
    elif kind == "foreign":
        line.insert(where, re.sub(rb'"epoch":"[0-9a-f]+"', b'"epoch":"%032d"' % 0, frame))
        line.insert(where, frame)
    elif kind == "cut":
        line.insert(where, frame[:middle])
    elif kind == "broken":
        line.insert(where, frame[:middle] + b"\xff" + frame[middle:])


class StrictMirror(Mirror):
    """Refuses a delta that is not the next one."""

    def deltas(self, server: str, epoch: str, items: list[Delta]) -> None:
        assert [item.seq for item in items] == list(range(self.seq + 1, self.seq + 1 + len(items)))
        super().deltas(server, epoch, items)

    def quotes(self, server: str, batch: QuoteBatch, received_us: int) -> None:
        before = dict(self.quotes_by_index)
        super().quotes(server, batch, received_us)
        assert all(self.quotes_by_index[index] >= quote for index, quote in before.items())


class LossyLink(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self.epochs = 0
        self.deal_id = 0
        self.price = 0
        self.rows_at: dict[tuple[str, int], Any] = {}
        self.mirror = StrictMirror()
        self.holdings = Holdings()
        self.platform = PlatformDouble()
        self.platform.seed(account(1), account(2), position(1), position(2))
        self.begin_epoch()

    @initialize()
    def connect(self) -> None:
        self.server = server_session(self.bridge, self.now_s)
        self.client = client_session(self.holdings, self.holdings.point)
        self.view = QuoteView(self.board)
        self.down: list[bytes] = []
        self.up: list[bytes] = []
        self.client._began_s = self.now_s
        for _ in range(2):
            self.cross([], [])

    def begin_epoch(self) -> None:
        self.epochs += 1
        self.log = MemoryLog(f"{self.epochs:032x}", read_max=2)
        self.platform.seq = 0
        self.bridge = bridge_of(self.platform, self.log, lag_deltas_max=12)
        self.board = QuoteBoard()
        self.remember()

    def remember(self) -> None:
        self.rows_at[self.log.epoch, self.platform.seq] = deepcopy(self.platform.rows)

    def publish(self, delta: Delta) -> None:
        self.log.append(delta)
        self.remember()

    # -- what happens at the platform -----------------------------------------------------------------------------

    def platform_moves(self, changes: list[Change]) -> None:
        """Prices only rise here, so that an older one would be seen."""
        for kind, key, figure in changes:
            if kind == "position":
                self.publish(self.platform.put(position(key, 1 + abs(figure))))
            elif kind == "balance":
                self.publish(self.platform.put(account(key, figure)))
            elif kind == "deal":
                self.deal_id += 1
                self.publish(self.platform.put(deal(self.deal_id, profit=figure)))
            elif key in self.platform.rows[RowSet.POSITION]:
                self.publish(self.platform.drop(RowSet.POSITION, key))
            self.price += 1
            self.board.publish([key % 4], [self.price], [self.price + 1], self.platform.time_us())

    @rule(kept=st.integers(0, 20))
    def journal_is_retired(self, kept: int) -> None:
        self.log.first_seq = max(self.log.first_seq, self.log.last_seq + 1 - kept)

    @rule()
    def bridge_loses_its_journal(self) -> None:
        for rows in self.platform.rows.values():
            for key, (row, _version) in list(rows.items()):
                rows[key] = (row, 0)
        for row_set, rows in self.platform.rows.items():
            self.platform.ledgers[row_set].load_rows([row for row, _ in rows.values()], [0] * len(rows))
        self.begin_epoch()
        self.connect()

    # -- what happens on the line ---------------------------------------------------------------------------------

    @rule(rounds=st.lists(ROUNDS, min_size=1, max_size=6))
    def the_day_goes_on(self, rounds: list[Round]) -> None:
        """The platform changes, the bridge sends all it has, the line does its worst both ways, time passes."""
        for changes, faults, up_faults, seconds, compare in rounds:
            self.platform_moves(changes)
            if compare:
                self.server.compare(self.log.last_seq, self.platform.digests())
            self.cross(faults, up_faults)
            self.time_passes(seconds)

    def cross(self, faults: list[Fault], up_faults: list[Fault]) -> None:
        self.bridge_sends()
        for kind, place in faults:
            harm(self.down, kind, place)
        self.frames_arrive()
        for kind, place in up_faults:
            harm(self.up, kind, place)
        while self.up:
            self.server.receive(self.up.pop(0), self.now_s)

    def bridge_sends(self) -> None:
        while (frame := self.server.next_frame()) is not None:
            self.down.append(frame)
        if self.server.has_joined:
            self.down += [encode_quotes(batch) for batch in self.view.take()]

    def frames_arrive(self) -> None:
        while self.down:
            for event in self.client.receive(self.down.pop(0), self.now_s):
                self.mirror.take(event)
            self.a_whole_desk_shows_what_the_platform_had_at_that_point()
        self.up += self.client.outbox
        self.client.outbox.clear()

    def time_passes(self, seconds: float) -> None:
        self.now_s += seconds
        self.client.tick(self.now_s, 0)
        self.server.tick(self.now_s)
        self.up += self.client.outbox
        self.client.outbox.clear()

    @rule()
    def line_breaks(self) -> None:
        self.connect()

    @rule()
    def line_heals(self) -> None:
        """Without further faults the desk is whole again within a minute, and equal to the platform as it is now."""
        for _ in range(240):
            if self.client.closing or self.server.closing:
                self.connect()
            self.cross([], [])
            self.time_passes(0.5)
            if self.client.is_whole and self.mirror.seq == self.platform.seq and not self.down:
                break
        assert self.client.is_whole
        assert self.mirror.rows == self.platform.rows

    @invariant()
    def a_whole_desk_shows_what_the_platform_had_at_that_point(self) -> None:
        if self.client.is_whole and self.client.stream is not None:
            assert self.mirror.rows == self.rows_at[self.client.stream.epoch, self.client.stream.seq]

    def teardown(self) -> None:
        self.line_heals()


LossyLink.TestCase.settings = settings(stateful_step_count=40)
TestLossyLink = LossyLink.TestCase
