"""What a client is sent when it joins: copies of the tables, turned into rows while the server trades on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from dealerdesk.bridges.digest import Ledger, set_key
from dealerdesk.bridges.protocol import CHUNK_ROWS_MAX, Delta, Digest, Row, RowSet, row_set
from dealerdesk.bridges.simulator.columns import Columns
from dealerdesk.bridges.simulator.rows import RowWriter, day_name
from dealerdesk.bridges.simulator.state import ServerState
from dealerdesk.bridges.source import Snapshot

Int64s = NDArray[np.int64]
Chunk = tuple[RowSet, Sequence[Row], Sequence[int]]


def table_of(state: ServerState, rows: RowSet) -> Columns | None:
    """The table behind a set; None for symbols, groups and clients, which are kept as rows."""
    tables: dict[RowSet, Columns] = {
        RowSet.ACCOUNT: state.accounts,
        RowSet.ROUTING: state.accounts,
        RowSet.POSITION: state.positions,
        RowSet.ORDER: state.orders,
        RowSet.REQUEST: state.requests,
        RowSet.DEAL: state.deals,
        RowSet.BALANCE_OPERATION: state.operations,
        RowSet.QUOTE_SAMPLE: state.samples,
        RowSet.DAY_END: state.day_ends,
        RowSet.SESSION_RESULT: state.results,
    }
    return tables.get(rows)


class Snapshots:
    """Snapshots of one server, and the digests of its sets kept up to date delta by delta."""

    def __init__(self, state: ServerState) -> None:
        self._state = state
        self._ledgers = {each: Ledger(each) for each in RowSet}
        for each, ledger in self._ledgers.items():
            _load(state, each, ledger)

    def follow(self, deltas: Sequence[Delta]) -> None:
        """Takes published deltas into the digests."""
        for delta in deltas:
            self._ledgers[row_set(delta.row)].apply(delta)

    def digests(self, sets: Collection[RowSet] = tuple(RowSet)) -> dict[RowSet, Digest]:
        """The digests of `sets` as they stand."""
        return {each: self._ledgers[each].digest() for each in sets}

    def take(self, sets: Collection[RowSet], as_of: int) -> Snapshot:
        """The sets as they are now; the rows are written while they are being sent."""
        ordered = [each for each in RowSet if each in sets]
        copies = {each: _copy(self._state, each) for each in ordered}
        return Snapshot(
            as_of=as_of,
            rows={each: len(copy) for each, copy in copies.items()},
            chunks=_chunks(RowWriter(self._state, frozen=True), copies),
            digests=self.digests(ordered),
        )


class Kept(list[tuple[Row, int]]):
    """Rows that stand in no table, with their versions."""


def _copy(state: ServerState, rows: RowSet) -> Columns | Kept:
    table = table_of(state, rows)
    return table.copy() if table is not None else _kept(state, rows)


def _kept(state: ServerState, rows: RowSet) -> Kept:
    match rows:
        case RowSet.SYMBOL:
            return Kept((symbol, 0) for symbol in state.symbols)
        case RowSet.GROUP:
            return Kept((terms.group, 0) for terms in state.groups)
        case RowSet.CLIENT:
            return Kept(state.clients.values())
        case other:
            raise ValueError(f"{other} has a table")


def _chunks(writer: RowWriter, copies: dict[RowSet, Columns | Kept]) -> Iterator[Chunk]:
    for rows, copy in copies.items():
        for first in range(0, len(copy), CHUNK_ROWS_MAX):
            last = min(first + CHUNK_ROWS_MAX, len(copy))
            if isinstance(copy, Kept):
                part = copy[first:last]
                yield rows, [row for row, _ in part], [version for _, version in part]
            else:
                slots = np.arange(first, last)
                versions = copy.column(_version_column(rows))[first:last].tolist()
                yield rows, writer.rows(rows, copy, slots), versions


def _version_column(rows: RowSet) -> str:
    return "routing_version" if rows is RowSet.ROUTING else "version"


def _load(state: ServerState, rows: RowSet, ledger: Ledger) -> None:
    table = table_of(state, rows)
    if table is None:
        kept = _kept(state, rows)
        ledger.load_rows([row for row, _ in kept], [version for _, version in kept])
        return
    copy = table.copy()
    count = len(copy)
    zeros = np.zeros(count, np.int64)
    volumes = copy.column("volume") if "volume" in copy.SPEC else zeros
    money = sum((copy.column(name) for name in _MONEY.get(rows, ())), zeros)
    ledger.load(_keys(state, rows, copy), copy.column(_version_column(rows)), volumes, money)


_MONEY = {
    RowSet.ACCOUNT: ("balance", "credit"),
    RowSet.DEAL: ("profit", "swap", "commission"),
    RowSet.BALANCE_OPERATION: ("amount",),
    RowSet.DAY_END: ("balance",),
    RowSet.SESSION_RESULT: ("realised", "start_floating"),
}


def _keys(state: ServerState, rows: RowSet, copy: Columns) -> Int64s:
    """The rows' keys as digests count them."""
    count = len(copy)
    match rows:
        case RowSet.ACCOUNT | RowSet.ROUTING:
            return copy.column("login")
        case RowSet.SESSION_RESULT:
            cells = copy.column("cell")
            logins, symbols = state.accounts.login[cells >> 16].tolist(), (cells & 0xFFFF).tolist()
            texts = [f"{login}/{state.symbols[symbol].name}" for login, symbol in zip(logins, symbols, strict=True)]
        case RowSet.DAY_END:
            logins = state.accounts.login[copy.column("account")].tolist()
            days = copy.column("day").tolist()
            texts = [f"{login}/{day_name(day)}" for login, day in zip(logins, days, strict=True)]
        case RowSet.QUOTE_SAMPLE:
            symbols = copy.column("symbol").tolist()
            minutes = copy.column("minute_us").tolist()
            texts = [f"{state.symbols[symbol].name}/{minute}" for symbol, minute in zip(symbols, minutes, strict=True)]
        case _:
            return copy.column("id")
    return np.fromiter(map(set_key, texts), np.int64, count)
