"""The book as it stood at one frame, copied so that another thread can compute with it while the desk goes on.

Freezing takes the copying of columns and no more; whatever needs a pass over all positions or orders is made when it
is first asked for. Nothing here changes the live state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from dealerdesk.instruments import LOT
from dealerdesk.live.frame import Frame
from dealerdesk.live.holdings import CellTable, PositionTable
from dealerdesk.live.margins import cell_margins
from dealerdesk.live.matrix import BLOCK_ROWS
from dealerdesk.live.registry import Registry
from dealerdesk.live.shocks import Prices
from dealerdesk.live.tables import AccountTable, SymbolTable
from dealerdesk.trading import Order, OrderType, Platform

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]
ORDER_TYPES = tuple(OrderType)


@dataclass(frozen=True, slots=True)
class PendingOrders:
    """Pending orders in columns; `kind` is an index into ORDER_TYPES, volume in lots."""

    account: Longs
    symbol: Longs
    kind: Longs
    price: Floats
    lots: Floats


@dataclass(frozen=True, slots=True)
class _ServerOrders:
    orders: Sequence[Order]
    logins: Mapping[int, int]
    symbols: Mapping[str, int]


@dataclass(frozen=True)
class FrozenBook:
    """Accounts, symbols, positions and cells as they were at `time_us`, and the prices of that moment.

    `unready` are the accounts of servers whose snapshot is not whole; `ctrader` those of cTrader servers, whose
    stop-out has another order. Slots are those of the live tables at that moment."""

    time_us: int
    accounts: AccountTable
    symbols: SymbolTable
    positions: PositionTable
    cells: CellTable
    prices: Prices
    currencies: list[str]
    servers: list[str]
    unready: Flags
    ctrader: Flags
    _orders: tuple[_ServerOrders, ...]

    def slot(self, server: str, login: int) -> int:
        """The row of an account; raises LookupError when it was not in the book."""
        found = np.flatnonzero((self.accounts.login == login) & self.accounts.alive)
        for slot in found.tolist():
            if self.accounts.server_name[slot] == server:
                return int(slot)
        raise LookupError(f"{server} {login} was not in the book")

    @cached_property
    def held(self) -> Longs:
        """Slots of the open positions, of servers whose snapshot is whole."""
        slots = self.positions.living_slots()
        return slots[~self.unready[self.positions.account[slots]]]

    @cached_property
    def account(self) -> Longs:
        """The account of each held position."""
        return self.positions.account[self.held].astype(np.int64)

    @cached_property
    def symbol(self) -> Longs:
        """The symbol of each held position."""
        return self.positions.symbol[self.held].astype(np.int64)

    @cached_property
    def lots(self) -> Floats:
        """Lots of each held position, negative when sold."""
        return self.positions.volume[self.held] / LOT * self.positions.side[self.held]

    @cached_property
    def known(self) -> Flags:
        """Living accounts of servers whose snapshot is whole."""
        return self.accounts.alive & ~self.unready

    @cached_property
    def kept(self) -> Floats:
        """The share of each account's risk that stays with the broker."""
        return 1.0 - self.accounts.covered_percent / 100.0

    @cached_property
    def settled(self) -> Floats:
        """Equity of each account without its floating result, major units."""
        return self.accounts.settled * self.accounts.unit

    @cached_property
    def credit(self) -> Floats:
        """Credit of each account, major units."""
        return self.accounts.credit * self.accounts.unit

    @cached_property
    def cell_slots(self) -> Longs:
        """Slots of the cells with positions."""
        slots = self.cells.living_slots()
        return slots[(self.cells.positions[slots] > 0) & ~self.unready[self.cells.account[slots]]]

    @cached_property
    def cell_needs(self) -> Floats:
        """Margin of every cell in its symbol's margin currency, by cell slot."""
        needs = np.zeros(self.cells.count)
        needs[self.cell_slots] = self.margin_needs(self.cells, self.cell_slots)
        return needs

    @cached_property
    def pending(self) -> PendingOrders:
        """Pending orders of accounts and symbols that are known."""
        rows = list(chain.from_iterable(map(_order_rows, self._orders)))
        columns = np.array(rows, np.float64).reshape(-1, 5).T
        account, symbol, kind = (column.astype(np.int64) for column in columns[:3])
        whole = ~self.unready[account]
        return PendingOrders(account[whole], symbol[whole], kind[whole], columns[3][whole], columns[4][whole])

    @cached_property
    def profits_now(self) -> Floats:
        """Floating result of each held position at the prices of the moment."""
        return self.profits(self.prices)

    def margin_needs(self, cells: CellTable, slots: Longs) -> Floats:
        """Margin of cells in their symbols' margin currencies: the one rule that all figures go by."""
        return cell_margins(cells, slots, self.symbols, self.accounts.leverage[cells.account[slots]])

    def in_own_currency(self, cells: CellTable, slots: Longs, needs: Floats, prices: Prices) -> Floats:
        """Margin needs of cells in their accounts' currencies; a cell that needs none needs no rate."""
        source = self.symbols.margin_currency[cells.symbol[slots]]
        rate = prices.rates.matrix[source, self.accounts.currency[cells.account[slots]]]
        margin: Floats = np.where(needs != 0, needs * rate, 0.0)
        return margin

    def profits(self, prices: Prices) -> Floats:
        """Floating result of each held position at these prices, in its account's currency, unrounded."""
        symbols, symbol = self.symbols, self.symbol
        # one product for each symbol and currency, and then only one look-up a position
        value = symbols.lot_value[:, np.newaxis] * prices.rates.matrix[symbols.profit_currency]
        price = np.where(self.lots > 0, prices.bid[symbol], prices.ask[symbol])
        per_lot = value[symbol, self.accounts.currency[self.account]]
        result: Floats = (price - self.positions.open_price[self.held]) * self.lots * per_lot
        return result

    def by_account(self, values: Floats) -> Floats:
        """Σ over each account's held positions."""
        return np.bincount(self.account, weights=values, minlength=self.accounts.count).astype(np.float64)

    def rate_to(self, currency: str, prices: Prices) -> Floats:
        """For each account, units of `currency` for 1 of its own at these prices; nan where there is no way."""
        if currency not in self.currencies:
            return np.full(self.accounts.count, np.nan)
        column: Floats = prices.rates.matrix[:, self.currencies.index(currency)]
        return column[self.accounts.currency]

    def lot_notional(self, currency: str, prices: Prices) -> Floats:
        """For each symbol, what a lot is worth at the middle of these prices in `currency`."""
        if currency not in self.currencies:
            return np.full(self.symbols.count, np.nan)
        rate = prices.rates.matrix[self.symbols.profit_currency, self.currencies.index(currency)]
        notional: Floats = prices.mid * self.symbols.lot_value * rate
        return notional


def freeze(state: Registry, frame: Frame, platforms: Mapping[str, Platform]) -> FrozenBook:
    """The book at the frame's prices; the frame was computed just now. A server that `platforms` does not name is
    taken for one that stops out like MetaTrader."""
    accounts = state.accounts.copied()
    unready = np.zeros(accounts.count, np.bool_)
    for block in state.unready_blocks():
        unready[block * BLOCK_ROWS : (block + 1) * BLOCK_ROWS] = True
    servers = [entry.name for entry in state.server_list]
    is_ctrader = np.array([platforms.get(name) is Platform.CTRADER for name in servers], np.bool_)
    return FrozenBook(
        time_us=frame.time_us,
        accounts=accounts,
        symbols=state.symbols.copied(),
        positions=state.positions.copied(),
        cells=state.engine.cells.copied(),
        prices=Prices(frame.bid, frame.ask, frame.rates),
        currencies=list(frame.rates.currencies),
        servers=servers,
        unready=unready,
        ctrader=is_ctrader[accounts.server] if servers else unready,
        _orders=tuple(
            _ServerOrders(list(entry.orders.values()), dict(entry.logins), dict(entry.symbols))
            for entry in state.server_list
        ),
    )


def _order_rows(server: _ServerOrders) -> list[tuple[int, int, int, float, float]]:
    number = {kind: code for code, kind in enumerate(ORDER_TYPES)}
    logins, symbols = server.logins, server.symbols
    return [
        (logins[order.login], symbols[order.symbol], number[order.kind], float(order.price), order.volume / LOT)
        for order in server.orders
        if order.login in logins and order.symbol in symbols
    ]
