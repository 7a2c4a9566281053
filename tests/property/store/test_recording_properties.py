"""Whatever comes in whatever batches, repeated and interrupted: the tables are what the stream says."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from dealerdesk.bridges.protocol import Delta, Gone, ResumePoint, Row, RowSet
from dealerdesk.store.engine import open_engine, reading, writing
from dealerdesk.store.migrate import upgrade
from dealerdesk.store.recording import (
    RECORDED_SETS,
    SnapshotRows,
    StreamBroken,
    record_deltas,
    record_snapshot,
    stream_point,
)
from dealerdesk.store.schema import deals, positions
from dealerdesk.trading import Deal, Entry, Position, Side

Books = dict[int, tuple[Row, int]]


class Recording(RuleBasedStateMachine):
    """A bridge with positions and deals, and a hub that loses answers, repeats batches and joins again."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        url = f"sqlite:///{Path(self.folder.name) / 'x.db'}"
        upgrade(url)
        self.engine = open_engine(url)
        self.positions: Books = {}
        self.deals: Books = {}
        self.stream: list[Delta] = []
        self.recorded = 0

    @initialize()
    def first_snapshot(self) -> None:
        self.join()

    @rule(key=st.integers(1, 6), price=st.decimals(1, 2, places=5))
    def open_or_change(self, key: int, price: Decimal) -> None:
        seq = len(self.stream) + 1
        row = Position(id=key, login=1, symbol="X", side=Side.BUY, volume=seq, open_price=price, opened_us=0)
        self.positions[key] = (row, seq)
        self.stream.append(Delta(seq, seq, 0, row))

    @rule(key=st.integers(1, 6))
    def close(self, key: int) -> None:
        if key in self.positions:
            seq = len(self.stream) + 1
            del self.positions[key]
            self.stream.append(Delta(seq, seq, 0, Gone(RowSet.POSITION, key)))

    @rule()
    def deal(self) -> None:
        seq = len(self.stream) + 1
        row = Deal(
            id=seq,
            position_id=1,
            order_id=1,
            login=1,
            symbol="X",
            side=Side.BUY,
            entry=Entry.IN,
            volume=1,
            price=Decimal("1.5"),
            dealt_us=seq,
        )
        self.deals[seq] = (row, seq)
        self.stream.append(Delta(seq, seq, 0, row))

    @rule(back=st.integers(0, 5), ahead=st.integers(0, 20))
    def record(self, back: int, ahead: int) -> None:
        """A batch that may begin with what is recorded already, and may stop anywhere."""
        start = max(0, self.recorded - back)
        batch = self.stream[start : self.recorded + ahead]
        if batch:
            with writing(self.engine) as connection:
                record_deltas(connection, "S", ResumePoint("e", start), batch, 0)
            self.recorded = max(self.recorded, batch[-1].seq)

    @rule(back=st.integers(0, 5), ahead=st.integers(1, 20))
    def killed_before_the_commit(self, back: int, ahead: int) -> None:
        start = max(0, self.recorded - back)
        batch = self.stream[start : self.recorded + ahead]
        with self.engine.connect() as connection, connection.begin() as transaction:
            record_deltas(connection, "S", ResumePoint("e", start), batch, 0)
            transaction.rollback()

    @rule(gap=st.integers(1, 5))
    def a_gap_is_refused(self, gap: int) -> None:
        start = self.recorded + gap
        if start < len(self.stream):
            try:
                with writing(self.engine) as connection:
                    record_deltas(connection, "S", ResumePoint("e", start), self.stream[start:], 0)
            except StreamBroken:
                return
            raise AssertionError("a gap was recorded")

    @rule()
    def join(self) -> None:
        snapshot = SnapshotRows("e", len(self.stream), frozenset(RECORDED_SETS))
        for row_set, books in ((RowSet.POSITION, self.positions), (RowSet.DEAL, self.deals)):
            snapshot.add(row_set, [row for row, _ in books.values()], [version for _, version in books.values()])
        with writing(self.engine) as connection:
            record_snapshot(connection, "S", snapshot, 0)
        self.recorded = len(self.stream)

    @invariant()
    def the_point_is_what_was_recorded(self) -> None:
        with reading(self.engine) as connection:
            point = stream_point(connection, "S")
        assert point is None or point.seq == self.recorded

    @invariant()
    def the_tables_are_the_stream_up_to_the_point(self) -> None:
        held: Books = {}
        dealt: set[int] = set()
        for delta in self.stream[: self.recorded]:
            match delta.row:
                case Gone(key=key):
                    held.pop(int(key))
                case Position() as row:
                    held[row.id] = (row, delta.seq)
                case Deal() as row:
                    dealt.add(row.id)
        with reading(self.engine) as connection:
            found = connection.execute(select(positions.c.id, positions.c.sequence, positions.c.open_price)).all()
            deal_ids = set(connection.scalars(select(deals.c.id)))
        assert {row.id: (row.sequence, row.open_price) for row in found} == {
            key: (seq, row.open_price)
            for key, (row, seq) in held.items()  # type: ignore[union-attr]
        }
        assert deal_ids == dealt

    def teardown(self) -> None:
        self.engine.dispose()
        self.folder.cleanup()


TestRecording = Recording.TestCase
