"""The columns of open positions, and of the cells (account × symbol) they add up to. No rules.

Money is integer minor units of the account's currency, volume integer 1e-8 lot, price float64, time µs UTC.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from dealerdesk.live.columns import Table
from dealerdesk.live.index import IntIndex
from dealerdesk.live.tables import Float, FloatCells, Int, IntCells, Long, Short, Small


class PositionTable(Table):
    """Open positions whose account and symbol are known."""

    COLUMNS: ClassVar = {
        "server": "i2",
        "id": "i8",
        "account": "i4",
        "symbol": "i4",
        "cell": "i4",
        "side": "i1",
        "volume": "i8",
        "open_price": "f8",
        "opened_us": "i8",
        "stop_loss": "f8",
        "take_profit": "f8",
        "swap": "i8",
        "commission": "i8",
        "reason": "i1",
        "version": "i8",
    }
    TEXTS: ClassVar = ("comment",)

    server: Short
    id: Long
    account: Int
    symbol: Int
    cell: Int
    side: Small
    """+1 bought, −1 sold."""
    volume: Long
    open_price: Float
    opened_us: Long
    stop_loss: Float
    take_profit: Float
    swap: Long
    commission: Long
    reason: Small
    version: Long
    comment: list[str]

    server_at: IntCells
    id_at: IntCells
    account_at: IntCells
    symbol_at: IntCells
    cell_at: IntCells
    side_at: IntCells
    volume_at: IntCells
    open_price_at: FloatCells
    opened_us_at: IntCells
    stop_loss_at: FloatCells
    take_profit_at: FloatCells
    swap_at: IntCells
    commission_at: IntCells
    reason_at: IntCells
    version_at: IntCells

    def __init__(self) -> None:
        super().__init__()
        self._indexes: dict[int, IntIndex] = {}
        self._server_code: dict[str, int] = {}

    def slot(self, server: str, position_id: int) -> int | None:
        """The row of a position, None if it is not known."""
        code = self._server_code.get(server)
        if code is None:
            return None
        slot = self._indexes[code].get(position_id)
        return None if slot < 0 else slot

    def index(self, server: int, name: str) -> IntIndex:
        """Position id → slot of one server."""
        self._server_code[name] = server
        return self._indexes.setdefault(server, IntIndex())

    def rows_of(self, server: int) -> Long:
        """Slots of a server's open positions."""
        return np.flatnonzero(self.alive[: self.count] & (self.server[: self.count] == server))


class CellTable(Table):
    """One row for each account and symbol that has positions or a result of this session."""

    COLUMNS: ClassVar = {
        "account": "i4",
        "symbol": "i4",
        "long_volume": "i8",
        "short_volume": "i8",
        "long_cost": "f8",
        "short_cost": "f8",
        "margin": "f8",
        "realised": "i8",
        "start_floating": "i8",
        "accrued": "i8",
        "positions": "i4",
    }

    account: Int
    symbol: Int
    long_volume: Long
    short_volume: Long
    long_cost: Float
    """Σ volume × open price of the bought positions, volume in 1e-8 lot."""
    short_cost: Float
    margin: Float
    """Margin in the symbol's margin currency."""
    realised: Long
    start_floating: Long
    accrued: Long
    positions: Int

    account_at: IntCells
    symbol_at: IntCells
    long_volume_at: IntCells
    short_volume_at: IntCells
    long_cost_at: FloatCells
    short_cost_at: FloatCells
    margin_at: FloatCells
    realised_at: IntCells
    start_floating_at: IntCells
    accrued_at: IntCells
    positions_at: IntCells

    def __init__(self) -> None:
        super().__init__()
        self.index = IntIndex()

    def find(self, account: int, symbol: int) -> int:
        """The cell of an account and symbol, −1 if there is none."""
        return self.index.get(cell_key(account, symbol))

    def enter(self, account: int, symbol: int) -> int:
        """A new, empty cell."""
        slot = self.take()
        self.clear(slot)
        self.account_at[slot], self.symbol_at[slot] = account, symbol
        self.index.put(cell_key(account, symbol), slot)
        return slot

    def clear(self, slots: int | Long) -> None:
        """Empties cells: no volume, no cost, no result."""
        for column in self.COLUMNS:
            if column not in ("account", "symbol"):
                getattr(self, column)[slots] = 0

    def leave(self, slot: int) -> None:
        """The cell is gone."""
        self.index.pop(cell_key(self.account_at[slot], self.symbol_at[slot]))
        self.release(slot)


SYMBOL_BITS = 24


def cell_key(account: int, symbol: int) -> int:
    """One integer for an account and a symbol."""
    return account << SYMBOL_BITS | symbol


def cell_keys(account: NDArray[np.integer], symbol: NDArray[np.integer]) -> Long:
    """The same for columns of both."""
    return (account.astype(np.int64) << SYMBOL_BITS) | symbol


def cell_parts(keys: Long) -> tuple[Long, Long]:
    """The accounts and symbols of keys."""
    return keys >> SYMBOL_BITS, keys & ((1 << SYMBOL_BITS) - 1)
