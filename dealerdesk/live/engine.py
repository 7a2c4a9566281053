"""Cells and the sums that hang on them: what one opened, changed or closed position touches, and nothing more.

Two matrices have a row for each account. Money: volume by (deposit currency, symbol, side) and cost by (deposit
currency, profit currency). Margin: amounts by (deposit currency, margin currency). Multiplied by one vector of prices
and rates they are the floating result and the margin of every account. Where prices come from is not known here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dealerdesk.live.holdings import CellTable
from dealerdesk.live.margins import PER_LOT, SymbolFacts, cell_margin, cell_margins, facts_of
from dealerdesk.live.matrix import BLOCK_ROWS, KEY_BITS, RowMatrix
from dealerdesk.live.tables import AccountTable, Codes, SymbolTable
from dealerdesk.live.totals import Totals

Longs = NDArray[np.int64]
SYMBOL_ROOM = 1024
CURRENCY_ROOM = 64


class Engine:
    """Keeps cells, matrices and totals in step. Side is +1 bought, −1 sold; money is in minor units."""

    def __init__(self, accounts: AccountTable, symbols: SymbolTable) -> None:
        self.accounts = accounts
        self.symbols = symbols
        self.cells = CellTable()
        self.totals = Totals()
        self.money = RowMatrix()
        self.margin = RowMatrix()
        self.deposits: Codes[int] = Codes()
        self._size(SYMBOL_ROOM, CURRENCY_ROOM)
        self.torn: set[int] = set()
        """Blocks whose matrices no longer follow from the cells; built anew before the next frame."""
        self.totals_torn = False
        self._facts: dict[int, SymbolFacts] = {}
        self.totals.widen(self.symbol_room)

    def _size(self, symbols: int, currencies: int) -> None:
        self.symbol_room, self.currency_room = symbols, currencies
        # columns per deposit currency: an empty one, currencies, and for money the symbols bought and those sold
        self.width = 1 + currencies + 2 * symbols
        self.margin_width = 1 + currencies

    def make_room(self, symbols: int, currencies: int) -> None:
        """Room for that many symbol slots and currency codes; growing builds the matrices anew once."""
        if symbols <= self.symbol_room and currencies <= self.currency_room:
            return
        self._size(_grown(self.symbol_room, symbols), _grown(self.currency_room, currencies))
        self.totals.widen(self.symbol_room)
        self.tear(range(len(self.money.blocks)))

    def reserve_accounts(self, rows: int) -> None:
        """Rows of the matrices for `rows` account slots."""
        self.money.reserve(rows)
        self.margin.reserve(rows)

    def state_symbol(self, slot: int) -> None:
        """A symbol's contract or margin settings are new; with open positions its accounts are computed anew."""
        self._facts[slot] = facts_of(self.symbols, slot)
        if self.symbols.positions_at[slot]:
            held = self.cells.living_slots()
            held = held[self.cells.symbol[held] == slot]
            self.tear(np.unique(self.cells.account[held] // BLOCK_ROWS).tolist())

    def tear(self, blocks: range | list[int]) -> None:
        """These blocks no longer follow from the cells; `settle` builds them anew."""
        self.torn.update(blocks)
        self.totals_torn = True

    def cell(self, account: int, symbol: int) -> int:
        """The cell of an account and symbol, a new one if there is none."""
        found = self.cells.find(account, symbol)
        if found < 0:
            found = self.cells.enter(account, symbol)
            self.accounts.cells_at[account] += 1
        return found

    def leave_cell(self, cell: int) -> None:
        """Forgets an empty cell."""
        self.accounts.cells_at[self.cells.account_at[cell]] -= 1
        self.cells.leave(cell)

    def cells_of(self, account: int) -> Longs:
        """Slots of an account's cells."""
        count = self.cells.count
        return np.flatnonzero((self.cells.account[:count] == account) & self.cells.alive[:count])

    # -- one change ---------------------------------------------------------------------------------------------

    def trade(self, cell: int, side: int, volume: int, cost: float, count: int) -> None:
        """Open volume on one side changes by `volume`, its cost by `cost`, the number of positions by `count`."""
        cells, accounts, totals = self.cells, self.accounts, self.totals
        account, symbol = cells.account_at[cell], cells.symbol_at[cell]
        bucket = accounts.kind_at[account] * totals.width + symbol
        volumes, costs = (
            (cells.long_volume_at, cells.long_cost_at) if side > 0 else (cells.short_volume_at, cells.short_cost_at)
        )
        before, cost_before = volumes[cell], costs[cell]
        left = before + volume
        volumes[cell] = left
        costs[cell] = cost_left = cost_before + cost if left else 0.0
        cost = cost_left - cost_before
        self._sum_trade(bucket, side, volume, cost, count)
        accounts.positions_at[account] += count
        self.symbols.positions_at[symbol] += count
        totals.net_at[accounts.book_at[account] * totals.width + symbol] += side * volume
        held = cells.positions_at[cell]
        cells.positions_at[cell] = held + count
        held_change = (held + count > 0) - (held > 0)
        totals.cells_at[bucket] += held_change
        block = account // BLOCK_ROWS
        if block not in self.torn:
            self._enter_money(account, symbol, side, volume, cost, (left > 0) - (before > 0))
            self._enter_margin(cell, account, symbol, held_change)

    def accrue(self, cell: int, change: int) -> None:
        """Swap and commission of the cell's open positions change by `change` minor units."""
        account = self.cells.account_at[cell]
        self.cells.accrued_at[cell] += change
        self.accounts.accrued_at[account] += change
        self.accounts.settled_at[account] += change
        self.totals.accrued_at[self._bucket(account, cell)] += change

    def realise(self, cell: int, change: int) -> None:
        """The session's realised result grows by `change` minor units."""
        account = self.cells.account_at[cell]
        self.cells.realised_at[cell] += change
        self.accounts.realised_at[account] += change
        self.totals.realised_at[self._bucket(account, cell)] += change

    def set_session(self, cell: int, realised: int, start_floating: int) -> None:
        """Sets the session's realised result and the floating result it began with; forgets a cell without anything."""
        account, start = self.cells.account_at[cell], self.cells.start_floating_at[cell]
        self.realise(cell, realised - self.cells.realised_at[cell])
        self.cells.start_floating_at[cell] = start_floating
        self.accounts.start_floating_at[account] += start_floating - start
        self.totals.start_floating_at[self._bucket(account, cell)] += start_floating - start
        if not (realised or start_floating or self.cells.positions_at[cell]):
            self.leave_cell(cell)

    def set_kind(self, account: int, kind: int) -> None:
        """The account moves to another kind (book or covered percent) with everything it holds."""
        old = self.accounts.kind_at[account]
        self.accounts.kind_at[account] = kind
        if old != kind and self.accounts.cells_at[account]:
            self.totals.move(self.cells, self.cells_of(account), old, kind)

    def remargin(self, account: int) -> None:
        """The account's leverage changed."""
        if account // BLOCK_ROWS in self.torn:
            return
        for cell in self.cells_of(account).tolist():
            self._enter_margin(cell, account, self.cells.symbol_at[cell], 0)

    def _bucket(self, account: int, cell: int) -> int:
        return self.accounts.kind_at[account] * self.totals.width + self.cells.symbol_at[cell]

    def _sum_trade(self, bucket: int, side: int, volume: int, cost: float, count: int) -> None:
        totals = self.totals
        volumes, costs = (
            (totals.long_volume_at, totals.long_cost_at) if side > 0 else (totals.short_volume_at, totals.short_cost_at)
        )
        left = volumes[bucket] + volume
        volumes[bucket] = left
        costs[bucket] = costs[bucket] + cost if left else 0.0
        totals.positions_at[bucket] += count

    def _enter_money(self, account: int, symbol: int, side: int, volume: int, cost: float, uses: int) -> None:
        facts = self._facts[symbol]
        first = self.accounts.deposit_at[account] * self.width + 1
        priced = first + self.currency_room + symbol + (0 if side > 0 else self.symbol_room)
        block, row = self.money.blocks[account // BLOCK_ROWS], account % BLOCK_ROWS
        block.add(row, priced, side * volume, uses)
        block.add(row, first + facts.profit_currency, -side * cost * facts.value, uses)

    def _enter_margin(self, cell: int, account: int, symbol: int, uses: int) -> None:
        cells, facts = self.cells, self._facts[symbol]
        margin = 0.0
        if cells.positions_at[cell]:
            margin = cell_margin(
                facts,
                self.accounts.leverage_at[account],
                cells.long_volume_at[cell],
                cells.short_volume_at[cell],
                cells.long_cost_at[cell],
                cells.short_cost_at[cell],
            )
        change = margin - cells.margin_at[cell]
        cells.margin_at[cell] = margin
        if uses or change:
            column = self.accounts.deposit_at[account] * self.margin_width + 1 + facts.margin_currency
            self.margin.blocks[account // BLOCK_ROWS].add(account % BLOCK_ROWS, column, change, uses)

    # -- many at once -------------------------------------------------------------------------------------------

    def settle(self, waiting: set[int]) -> None:
        """Builds torn blocks and totals anew, but leaves the blocks in `waiting` for later."""
        if self.totals_torn:
            self.totals.sum_up(self.accounts, self.cells)
            self.totals_torn = False
        blocks = self.torn - waiting
        if blocks:
            self._rebuild(blocks)
            self.torn -= blocks

    def _rebuild(self, blocks: set[int]) -> None:
        cells, accounts, symbols = self.cells, self.accounts, self.symbols
        wanted = np.zeros(len(self.money.blocks), np.bool_)
        wanted[sorted(blocks)] = True
        held = np.flatnonzero(cells.alive[: cells.count] & (cells.positions[: cells.count] > 0))
        held = held[wanted[cells.account[held] // BLOCK_ROWS]]
        account, symbol = cells.account[held], cells.symbol[held].astype(np.int64)
        deposit = accounts.deposit[account].astype(np.int64)
        cells.margin[held] = cell_margins(cells, held, symbols, accounts.leverage[account])
        column = deposit * self.margin_width + 1 + symbols.margin_currency[symbol]
        _fill(self.margin, blocks, account, column, cells.margin[held])
        first = deposit * self.width + 1
        sides = (
            (cells.long_volume[held], cells.long_cost[held], 1, 0),
            (cells.short_volume[held], cells.short_cost[held], -1, self.symbol_room),
        )
        rows, columns, values = [], [], []
        value = symbols.lot_value[symbol] * PER_LOT
        for volume, cost, side, shift in sides:
            some = volume > 0
            rows += [account[some], account[some]]
            columns += [
                (first + self.currency_room + shift + symbol)[some],
                (first + symbols.profit_currency[symbol])[some],
            ]
            values += [(side * volume[some]).astype(np.float64), (-side * cost * value)[some]]
        _fill(self.money, blocks, np.concatenate(rows), np.concatenate(columns), np.concatenate(values))


def _grown(room: int, needed: int) -> int:
    return room if needed <= room else max(needed, 2 * room)


def _fill(
    matrix: RowMatrix, blocks: set[int], rows: NDArray[np.integer], columns: Longs, values: NDArray[np.float64]
) -> None:
    """Fills the blocks with the entries, one for each row and column, adding up what falls together."""
    key = rows.astype(np.int64) << KEY_BITS | columns
    order = np.argsort(key, kind="stable")
    key, values = key[order], values[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    uses = np.diff(starts, append=len(key))
    values = np.add.reduceat(values, starts) if len(starts) else values
    row, column = key[starts] >> KEY_BITS, key[starts] & ((1 << KEY_BITS) - 1)
    for number in sorted(blocks):
        first = number * BLOCK_ROWS
        low, high = np.searchsorted(row, (first, first + BLOCK_ROWS)).tolist()
        matrix.blocks[number].fill(row[low:high] - first, column[low:high], values[low:high], uses[low:high])
