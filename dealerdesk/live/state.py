"""The live state: what bridges have said, ready to be computed with. A pure function of the streams; reads no clock.

Snapshots, deltas and quote batches go in; tables come out, and `frame.compute` makes the figures. Every row may come
in any order: a row that refers to something unknown waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from dealerdesk.bridges.protocol import Delta, Gone, Row, RowSet, row_key, row_set
from dealerdesk.bridges.quotes import QuoteBatch
from dealerdesk.live import directory, quotes, snapshot, trades
from dealerdesk.live.registry import Registry, Server
from dealerdesk.trading import Order, Position, Request


class LiveState(Registry):
    """All servers' symbols, accounts, positions and quotes. Versions are the rows' own, as the bridges number them."""

    # -- what came in -------------------------------------------------------------------------------------------

    def begin_snapshot(self, server: str, sets: Iterable[RowSet]) -> None:
        """The server's rows of these sets will come anew; its figures are unknown until `end_snapshot`."""
        snapshot.begin(self, self.server(server), sets)

    def load(self, server: str, rows: Sequence[Row], versions: Sequence[int]) -> None:
        """One chunk of a snapshot: rows of one set with their versions."""
        if not rows:
            return
        entry, kind = self.server(server), row_set(rows[0])
        snapshot.seen(entry, kind, rows, row_key)
        if kind is not RowSet.SYMBOL and entry.early_quotes:
            # symbols come first: prices are there while the rest is still being loaded
            self._put_early_quotes(entry)
        if kind is RowSet.POSITION:
            snapshot.load_positions(self, entry, cast(Sequence[Position], rows), versions)
        elif kind is RowSet.SESSION_RESULT and kind in entry.loading:
            entry.results.extend(cast(Any, rows))
        elif kind is not RowSet.DEAL:
            # deals of the past are already in the session's results
            put = PUT[kind]
            for row, version in zip(rows, versions, strict=True):
                put(self, entry, row, version)

    def end_snapshot(self, server: str, as_of: int) -> None:
        """The snapshot is whole; what arrived meanwhile follows now."""
        entry = self.server(server)
        snapshot.end(self, entry)
        entry.as_of = as_of
        held, entry.held = entry.held, []
        self.apply_many(server, held)
        self._put_early_quotes(entry)

    def apply(self, server: str, delta: Delta) -> None:
        """One change of one row; during a snapshot it waits for the snapshot's end."""
        self._take(self.server(server), delta)

    def apply_many(self, server: str, items: Sequence[Delta]) -> None:
        """Changes in their order."""
        entry = self.server(server)
        for delta in items:
            self._take(entry, delta)

    def apply_quotes(self, server: str, batch: QuoteBatch, received_us: int) -> None:
        """The newest prices of the symbols in the batch."""
        quotes.put_quotes(self, self.server(server), batch, received_us)

    def _put_early_quotes(self, entry: Server) -> None:
        early, entry.early_quotes = entry.early_quotes, []
        for batch, received_us in early:
            quotes.put_quotes(self, entry, batch, received_us)

    def set_stale(self, server: str, since_us: int | None) -> None:
        """Nothing is known of the server since that moment; None: it is fresh again."""
        self.server(server).stale_since_us = since_us
        self.router.forget()
        self.version.structure += 1

    def set_clock_offset(self, server: str, seconds: int) -> None:
        """The server's clock is that much ahead of UTC: its day begins at its own midnight."""
        self.server(server).clock_offset_s = seconds

    def drop(self, server: str) -> None:
        """Forgets everything the server has said."""
        entry = self.server(server)
        entry.held.clear()
        entry.early_quotes.clear()
        snapshot.begin(self, entry, RowSet)
        snapshot.end(self, entry)
        entry.ready = False

    def _take(self, server: Server, delta: Delta) -> None:
        if server.loading:
            server.held.append(delta)
            return
        row = delta.row
        if type(row) is Gone:
            GONE[row.set](self, server, row.key)
        else:
            PUT[row_set(cast(Row, row))](self, server, row, delta.version)

    # -- what is there ------------------------------------------------------------------------------------------

    @property
    def servers(self) -> list[str]:
        """Names by server code."""
        return [entry.name for entry in self.server_list]

    @property
    def currencies(self) -> list[str]:
        """Codes' currencies, "USD"."""
        return self.currency_codes.names

    @property
    def instruments(self) -> list[str]:
        """Codes' instruments, "EURUSD"."""
        return self.instrument_codes.names

    @property
    def waiting(self) -> int:
        """Rows whose account or symbol has not arrived."""
        return sum(len(entry.waiting) for entry in self.server_list)

    @property
    def orders(self) -> Mapping[str, Mapping[int, Order]]:
        """Pending orders by server and id."""
        return {entry.name: entry.orders for entry in self.server_list}

    @property
    def requests(self) -> Mapping[str, Mapping[int, Request]]:
        """Dealing requests by server and id."""
        return {entry.name: entry.requests for entry in self.server_list}

    def server_code(self, name: str) -> int:
        """The number that stands for the server in the tables."""
        return self.server(name).code

    def ready(self, server: str) -> bool:
        """Whether the server's snapshot is whole."""
        entry = self.known(server)
        return entry is not None and entry.ready

    def stale_since(self, server: str) -> int | None:
        """Since when nothing is known of the server; None while it is fresh."""
        entry = self.known(server)
        return None if entry is None else entry.stale_since_us

    def position_row(self, slot: int) -> Position:
        """The position in a slot as the record it came from."""
        return trades.position_row(self, slot)

    def positions_of(self, account: int) -> NDArray[np.int64]:
        """Slots of an account's open positions."""
        table = self.positions
        return np.flatnonzero((table.account[: table.count] == account) & table.alive[: table.count])


Put = Callable[[LiveState, Server, Any, int], None]
Remove = Callable[[LiveState, Server, Any], None]


def _put_symbol(state: LiveState, server: Server, row: Any, version: int) -> None:
    if directory.put_symbol(state, server, row, version):
        trades.attach(state, server, ("symbol", row.name))


def _put_account(state: LiveState, server: Server, row: Any, version: int) -> None:
    if directory.put_account(state, server, row, version):
        trades.attach(state, server, ("login", row.login))


def _remove_symbol(state: LiveState, server: Server, name: str) -> None:
    if name in server.symbols:
        trades.detach(state, server, symbol=server.symbols[name])
        directory.remove_symbol(state, server, name)


def _remove_account(state: LiveState, server: Server, login: int) -> None:
    if login in server.logins:
        trades.detach(state, server, account=server.logins[login])
        directory.remove_account(state, server, login)


def _put_group(state: LiveState, server: Server, row: Any, _version: int) -> None:
    directory.put_group(state, server, row)


def _put_client(state: LiveState, server: Server, row: Any, _version: int) -> None:
    directory.put_client(state, server, row)


def _put_order(_state: LiveState, server: Server, row: Order, _version: int) -> None:
    server.orders[row.id] = row


def _put_request(_state: LiveState, server: Server, row: Request, _version: int) -> None:
    server.requests[row.id] = row


def _put_deal(state: LiveState, server: Server, row: Any, _version: int) -> None:
    trades.put_deal(state, server, row)


def _put_sample(state: LiveState, server: Server, row: Any, _version: int) -> None:
    quotes.put_sample(state, server, row)


def _put_result(state: LiveState, server: Server, row: Any, _version: int) -> None:
    trades.put_result(state, server, row)


def _put_record(_state: LiveState, _server: Server, _row: Any, _version: int) -> None:
    """Records of money and of closed days live in the database; their effect comes as account rows."""


def _remove_order(_state: LiveState, server: Server, key: int) -> None:
    server.orders.pop(key, None)


def _remove_request(_state: LiveState, server: Server, key: int) -> None:
    server.requests.pop(key, None)


PUT: dict[RowSet, Put] = {
    RowSet.SYMBOL: _put_symbol,
    RowSet.GROUP: _put_group,
    RowSet.CLIENT: _put_client,
    RowSet.ACCOUNT: _put_account,
    RowSet.ROUTING: directory.put_routing,
    RowSet.POSITION: trades.put_position,
    RowSet.ORDER: _put_order,
    RowSet.REQUEST: _put_request,
    RowSet.DEAL: _put_deal,
    RowSet.BALANCE_OPERATION: _put_record,
    RowSet.QUOTE_SAMPLE: _put_sample,
    RowSet.DAY_END: _put_record,
    RowSet.SESSION_RESULT: _put_result,
}
GONE: dict[RowSet, Remove] = {
    RowSet.SYMBOL: _remove_symbol,
    RowSet.GROUP: directory.remove_group,
    RowSet.CLIENT: directory.remove_client,
    RowSet.ACCOUNT: _remove_account,
    RowSet.ROUTING: directory.remove_routing,
    RowSet.POSITION: trades.remove_position,
    RowSet.ORDER: _remove_order,
    RowSet.REQUEST: _remove_request,
    RowSet.SESSION_RESULT: trades.remove_result,
}
