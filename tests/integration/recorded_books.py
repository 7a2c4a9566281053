"""Reads the recorded tables back as the rows that bridges send, to compare them with a broker's books."""

from __future__ import annotations

import msgspec
from scripted_broker import ScriptedBroker
from sqlalchemy import Engine, select

from dealerdesk.bridges.protocol import Row, RowSet, row_key
from dealerdesk.instruments import Symbol
from dealerdesk.store.engine import reading
from dealerdesk.store.recording import RECORDED_SETS, SnapshotRows
from dealerdesk.store.rows import from_table
from dealerdesk.store.schema import TABLE_OF
from dealerdesk.trading import (
    Account,
    BalanceOperation,
    Client,
    DayEnd,
    Deal,
    Group,
    Order,
    Position,
    QuoteSample,
    Request,
    Routing,
)

RECORDS: dict[RowSet, type[msgspec.Struct]] = {
    RowSet.SYMBOL: Symbol,
    RowSet.GROUP: Group,
    RowSet.CLIENT: Client,
    RowSet.ACCOUNT: Account,
    RowSet.ROUTING: Routing,
    RowSet.POSITION: Position,
    RowSet.ORDER: Order,
    RowSet.REQUEST: Request,
    RowSet.DEAL: Deal,
    RowSet.BALANCE_OPERATION: BalanceOperation,
    RowSet.QUOTE_SAMPLE: QuoteSample,
    RowSet.DAY_END: DayEnd,
}
Books = dict[RowSet, dict[int | str, tuple[Row, int]]]


def recorded_books(engine: Engine, server: str, epoch: str) -> Books:
    """Set → key → (row, sequence); every row must be of `epoch`."""
    books: Books = {}
    with reading(engine) as connection:
        for row_set, table in TABLE_OF.items():
            found = connection.execute(select(table).where(table.c.server == server)).all()
            assert {row.epoch for row in found} <= {epoch}
            rows = [(from_table(RECORDS[row_set], row), row.sequence) for row in found]
            books[row_set] = {row_key(row): (row, sequence) for row, sequence in rows}  # type: ignore[arg-type]
    return books


def expected_books(broker: ScriptedBroker) -> Books:
    """What the hub must have recorded of the broker's books."""
    return {row_set: dict(broker.books[row_set]) for row_set in RECORDED_SETS}


def snapshot_of(broker: ScriptedBroker, epoch: str) -> SnapshotRows:
    """The broker's whole state, as the recorder hands it to the store."""
    taken = broker.snapshot(RECORDED_SETS)
    snapshot = SnapshotRows(epoch, taken.as_of, frozenset(RECORDED_SETS))
    for row_set, rows, versions in taken.chunks:
        snapshot.add(row_set, rows, versions)
    return snapshot
