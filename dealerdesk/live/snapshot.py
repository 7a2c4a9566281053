"""Takes in a server's snapshot, column by column: what it held before is forgotten, what did not come again is gone.

Positions are only written down while their snapshot runs; at its end they become cells in one go. Until then the
server is not ready and its figures are unknown rather than half right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from dealerdesk.bridges.protocol import Row, RowSet
from dealerdesk.live.directory import remove_account, remove_client, remove_group, remove_routing, remove_symbol
from dealerdesk.live.holdings import cell_keys, cell_parts
from dealerdesk.live.registry import Registry, Server
from dealerdesk.live.trades import NAN, REASON_CODES, detach, put_position, put_result
from dealerdesk.trading import Position, Side

FIGURES = frozenset({RowSet.SYMBOL, RowSet.ACCOUNT, RowSet.POSITION, RowSet.SESSION_RESULT})
MARKED = (RowSet.ACCOUNT, RowSet.SYMBOL, RowSet.GROUP, RowSet.CLIENT, RowSet.ROUTING, RowSet.ORDER, RowSet.REQUEST)


def begin(state: Registry, server: Server, sets: Iterable[RowSet]) -> None:
    """A snapshot of these sets begins; rows of other sets stay as they are."""
    server.loading = frozenset(sets)
    server.ready = server.ready and not server.loading & FIGURES
    server.seen = {kind: set() for kind in MARKED if kind in server.loading}
    if RowSet.POSITION in server.loading:
        _forget_positions(state, server)
    if RowSet.SESSION_RESULT in server.loading:
        server.results = []
        server.waiting.others.clear()


def load_positions(state: Registry, server: Server, rows: Sequence[Position], versions: Sequence[int]) -> None:
    """A chunk of positions: in columns when all is plain, one by one when something is missing or repeated."""
    ids = np.array([row.id for row in rows], np.int64)
    logins, symbols = server.logins, server.symbols
    account = np.array([logins.get(row.login, -1) for row in rows], np.int32)
    symbol = np.array([symbols.get(row.symbol, -1) for row in rows], np.int32)
    plain = (
        server.building
        and account.min() >= 0
        and symbol.min() >= 0
        and len(np.unique(ids)) == len(ids)
        and server.position_index.get_many(ids).max() < 0
    )
    if not plain:
        for row, version in zip(rows, versions, strict=True):
            put_position(state, server, row, version)
        return
    table = state.positions
    slots = table.take_many(len(rows))
    server.position_index.put_many(ids, slots)
    table.server[slots] = server.code
    table.id[slots], table.account[slots], table.symbol[slots], table.version[slots] = ids, account, symbol, versions
    table.side[slots] = [1 if row.side is Side.BUY else -1 for row in rows]
    table.volume[slots] = [row.volume for row in rows]
    table.open_price[slots] = [float(row.open_price) for row in rows]
    table.opened_us[slots] = [row.opened_us for row in rows]
    table.stop_loss[slots] = [NAN if row.stop_loss is None else float(row.stop_loss) for row in rows]
    table.take_profit[slots] = [NAN if row.take_profit is None else float(row.take_profit) for row in rows]
    table.swap[slots] = [row.swap for row in rows]
    table.commission[slots] = [row.commission for row in rows]
    table.reason[slots] = [REASON_CODES[row.reason] for row in rows]
    for slot, row in zip(slots.tolist(), rows, strict=True):
        table.comment[slot] = row.comment
    state.version.positions += 1


def end(state: Registry, server: Server) -> None:
    """All rows have come: drops what did not come again, makes cells, and calls the server ready."""
    _sweep(state, server)
    if RowSet.POSITION in server.loading:
        _make_cells(state, server)
    rebuilt = server.loading & FIGURES
    results_came = RowSet.SESSION_RESULT in server.loading
    server.loading, server.seen = frozenset(), {}
    if results_came:
        _set_results(state, server)
    if rebuilt:
        _drop_empty_cells(state, server)
        state.engine.tear(state.accounts.blocks_of(server.code))
        server.ready = True
    state.version.structure += 1
    state.version.positions += 1


def seen(server: Server, kind: RowSet, rows: Sequence[Row], key: Callable[[Row], int | str]) -> None:
    """These rows have come again."""
    if kind in server.seen:
        server.seen[kind].update(key(row) for row in rows)


def _sweep(state: Registry, server: Server) -> None:
    """Removes the rows of the snapshot's sets that it did not hold; a record set or a set not loaded is left alone."""

    def missing(kind: RowSet, held: Iterable[int | str]) -> list[int | str]:
        return [key for key in held if key not in server.seen[kind]] if kind in server.seen else []

    for login in missing(RowSet.ACCOUNT, server.logins):
        detach(state, server, account=server.logins[int(login)])
        remove_account(state, server, int(login))
    for name in missing(RowSet.SYMBOL, server.symbols):
        detach(state, server, symbol=server.symbols[str(name)])
        remove_symbol(state, server, str(name))
    for name in missing(RowSet.GROUP, server.groups):
        remove_group(state, server, str(name))
    for client in missing(RowSet.CLIENT, server.clients):
        remove_client(state, server, int(client))
    for login in missing(RowSet.ROUTING, server.routing):
        remove_routing(state, server, int(login))
    for order in missing(RowSet.ORDER, server.orders):
        del server.orders[int(order)]
    for request in missing(RowSet.REQUEST, server.requests):
        del server.requests[int(request)]


def _forget_positions(state: Registry, server: Server) -> None:
    positions, cells, accounts = state.positions, state.engine.cells, state.accounts
    slots = positions.rows_of(server.code)
    for slot in slots.tolist():
        positions.comment[slot] = ""
    positions.release_many(slots)
    server.position_index.clear()
    server.waiting.positions.clear()
    server.waiting.by_missing.clear()
    own = _cells_of(state, server)
    for column in ("long_volume", "short_volume", "long_cost", "short_cost", "margin", "accrued", "positions"):
        getattr(cells, column)[own] = 0
    rows = accounts.rows_of(server.code)
    accounts.positions[rows] = accounts.accrued[rows] = 0
    accounts.settled[rows] = accounts.balance[rows] + accounts.credit[rows]
    for slot in server.symbols.values():
        state.symbols.positions[slot] = 0
    state.engine.tear(accounts.blocks_of(server.code))
    state.version.positions += 1


def _make_cells(state: Registry, server: Server) -> None:
    positions, cells, accounts = state.positions, state.engine.cells, state.accounts
    slots = positions.rows_of(server.code)
    keys = cell_keys(positions.account[slots], positions.symbol[slots])
    of_position = _cells_for(state, keys)
    positions.cell[slots] = of_position
    volume, cost = positions.volume[slots], positions.volume[slots] * positions.open_price[slots]
    accrued = positions.swap[slots] + positions.commission[slots]
    bought = positions.side[slots] > 0
    sold = ~bought
    np.add.at(cells.long_volume, of_position[bought], volume[bought])
    np.add.at(cells.long_cost, of_position[bought], cost[bought])
    np.add.at(cells.short_volume, of_position[sold], volume[sold])
    np.add.at(cells.short_cost, of_position[sold], cost[sold])
    np.add.at(cells.accrued, of_position, accrued)
    np.add.at(cells.positions, of_position, 1)
    np.add.at(accounts.positions, positions.account[slots], 1)
    np.add.at(accounts.accrued, positions.account[slots], accrued)
    np.add.at(accounts.settled, positions.account[slots], accrued)
    np.add.at(state.symbols.positions, positions.symbol[slots], 1)


def _cells_for(state: Registry, keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """The cell of each key, made where there is none."""
    cells, accounts = state.engine.cells, state.accounts
    unique, inverse = np.unique(keys, return_inverse=True)
    found = cells.index.get_many(unique)
    new = np.flatnonzero(found < 0)
    made = cells.take_many(len(new))
    found[new] = made
    cells.clear(made)
    account, symbol = cell_parts(unique[new])
    cells.account[made], cells.symbol[made] = account, symbol
    cells.index.put_many(unique[new], made)
    np.add.at(accounts.cells, account, 1)
    return np.take(found, inverse)


def _set_results(state: Registry, server: Server) -> None:
    """Replaces the session's results of the server's cells by those that came."""
    cells, accounts = state.engine.cells, state.accounts
    own = _cells_of(state, server)
    cells.realised[own] = cells.start_floating[own] = 0
    rows = accounts.rows_of(server.code)
    accounts.realised[rows] = accounts.start_floating[rows] = 0
    state.engine.totals_torn = True
    known = [row for row in server.results if row.login in server.logins and row.symbol in server.symbols]
    for row in server.results:
        if row.login not in server.logins or row.symbol not in server.symbols:
            put_result(state, server, row)
    server.results = []
    account = np.array([server.logins[row.login] for row in known], np.int64)
    symbol = np.array([server.symbols[row.symbol] for row in known], np.int64)
    of_row = _cells_for(state, cell_keys(account, symbol))
    cells.realised[of_row] = realised = np.array([row.realised for row in known], np.int64)
    cells.start_floating[of_row] = start = np.array([row.start_floating for row in known], np.int64)
    np.add.at(accounts.realised, account, realised)
    np.add.at(accounts.start_floating, account, start)


def _drop_empty_cells(state: Registry, server: Server) -> None:
    cells = state.engine.cells
    own = _cells_of(state, server)
    empty = own[(cells.positions[own] == 0) & (cells.realised[own] == 0) & (cells.start_floating[own] == 0)]
    if not len(empty):
        return
    np.subtract.at(state.accounts.cells, cells.account[empty], 1)
    cells.release_many(empty)
    cells.index.clear()
    living = cells.living_slots()
    cells.index.put_many(cell_keys(cells.account[living], cells.symbol[living]), living)


def _cells_of(state: Registry, server: Server) -> NDArray[np.int64]:
    living = state.engine.cells.living_slots()
    return np.compress(state.accounts.server[state.engine.cells.account[living]] == server.code, living)
