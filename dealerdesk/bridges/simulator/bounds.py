"""How far each symbol's price may go before a stop, a target or a pending order is touched. Touches nothing itself.

Four prices a symbol stand for all of its levels, so that a step compares two arrays instead of every position. They
may be too tight after a level has gone, never too wide; a touch makes the caller look closely and rebuild them.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from dealerdesk.bridges.simulator.tables import BUY, ORDER_TYPES, SELL, OrderTable, PositionTable
from dealerdesk.trading import OrderType

Int64s = NDArray[np.int64]
Flags = NDArray[np.bool_]

NEVER_BELOW = 0
NEVER_ABOVE = 2**62
BUY_LIMIT, SELL_LIMIT, BUY_STOP, SELL_STOP = (
    ORDER_TYPES.index(kind)
    for kind in (OrderType.BUY_LIMIT, OrderType.SELL_LIMIT, OrderType.BUY_STOP, OrderType.SELL_STOP)
)


class Bounds:
    """Per symbol, in points: levels touched by a falling or rising bid, and by a falling or rising ask."""

    def __init__(self, symbols: int) -> None:
        self.bid_low: Int64s = np.full(symbols, NEVER_BELOW, np.int64)
        self.bid_high: Int64s = np.full(symbols, NEVER_ABOVE, np.int64)
        self.ask_low: Int64s = np.full(symbols, NEVER_BELOW, np.int64)
        self.ask_high: Int64s = np.full(symbols, NEVER_ABOVE, np.int64)

    def touched(self, bid: Int64s, ask: Int64s) -> list[int]:
        """The symbols on which some level may be reached."""
        hit = (bid <= self.bid_low) | (bid >= self.bid_high) | (ask <= self.ask_low) | (ask >= self.ask_high)
        return np.flatnonzero(hit).tolist()

    def note_position(self, symbol: int, side: int, stop_loss: int, take_profit: int) -> None:
        """A position has these levels; 0 is none."""
        if side == BUY:
            self._fall(self.bid_low, symbol, stop_loss)
            self._rise(self.bid_high, symbol, take_profit)
        else:
            self._rise(self.ask_high, symbol, stop_loss)
            self._fall(self.ask_low, symbol, take_profit)

    def note_order(self, symbol: int, kind: int, price: int) -> None:
        """A pending order waits at `price`."""
        if kind == BUY_LIMIT:
            self._fall(self.ask_low, symbol, price)
        elif kind == BUY_STOP:
            self._rise(self.ask_high, symbol, price)
        elif kind == SELL_LIMIT:
            self._rise(self.bid_high, symbol, price)
        else:
            self._fall(self.bid_low, symbol, price)

    def rebuild(self, symbols: Iterable[int], positions: PositionTable, orders: OrderTable) -> None:
        """Reads the levels of these symbols anew."""
        for symbol in symbols:
            self.bid_low[symbol] = self.ask_low[symbol] = NEVER_BELOW
            self.bid_high[symbol] = self.ask_high[symbol] = NEVER_ABOVE
            self._read_positions(symbol, positions)
            for slot in orders.where("symbol", symbol).tolist():
                self.note_order(symbol, int(orders.kind[slot]), int(orders.price[slot]))

    def _read_positions(self, symbol: int, positions: PositionTable) -> None:
        slots = positions.where("symbol", symbol)
        for side in (BUY, SELL):
            here = slots[positions.side[slots] == side]
            losses, profits = positions.stop_loss[here], positions.take_profit[here]
            losses, profits = losses[losses > 0], profits[profits > 0]
            pick_loss, pick_profit = (np.max, np.min) if side == BUY else (np.min, np.max)
            self.note_position(
                symbol,
                side,
                int(pick_loss(losses)) if len(losses) else 0,
                int(pick_profit(profits)) if len(profits) else 0,
            )

    @staticmethod
    def _fall(bound: Int64s, symbol: int, level: int) -> None:
        bound[symbol] = max(int(bound[symbol]), level)

    @staticmethod
    def _rise(bound: Int64s, symbol: int, level: int) -> None:
        if level:
            bound[symbol] = min(int(bound[symbol]), level)
