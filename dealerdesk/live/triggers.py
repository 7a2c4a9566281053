"""Which stop losses, take profits and pending orders prices would trigger. They are filled at the gap, not at their
own price; nothing is opened or closed here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dealerdesk.live.frozen_book import ORDER_TYPES, Flags, FrozenBook
from dealerdesk.live.shocks import Prices
from dealerdesk.trading import OrderType


@dataclass(frozen=True, slots=True)
class Triggered:
    """`stop_loss` and `take_profit` by held position, `pending` by pending order. A position that meets both (its
    spread has widened over them) counts as stopped."""

    stop_loss: Flags
    take_profit: Flags
    pending: Flags

    @property
    def closes(self) -> Flags:
        """The held positions that an order of their own closes."""
        return self.stop_loss | self.take_profit


def triggered(book: FrozenBook, prices: Prices) -> Triggered:
    """A bought position closes at the bid, a sold one at the ask; a buy order looks at the ask, a sell order at the
    bid. No price triggers nothing, and so does an account without figures."""
    positions, held, symbol = book.positions, book.held, book.symbol
    bought = book.lots > 0
    price = np.where(bought, prices.bid[symbol], prices.ask[symbol])
    # nan compares false: a position without a stop loss has none
    stop, take = positions.stop_loss[held], positions.take_profit[held]
    stopped = np.where(bought, price <= stop, price >= stop)
    taken = np.where(bought, price >= take, price <= take) & ~stopped
    return Triggered(stopped, taken, _pending(book, prices))


def by_kind(book: FrozenBook, found: Triggered) -> dict[OrderType, int]:
    """How many pending orders of each kind."""
    counts = np.bincount(book.pending.kind[found.pending], minlength=len(ORDER_TYPES))
    return dict(zip(ORDER_TYPES, counts.tolist(), strict=True))


def _pending(book: FrozenBook, prices: Prices) -> Flags:
    orders = book.pending
    bid, ask = prices.bid[orders.symbol], prices.ask[orders.symbol]
    chosen = [
        ask <= orders.price,  # buy limit
        bid >= orders.price,  # sell limit
        ask >= orders.price,  # buy stop
        bid <= orders.price,  # sell stop
    ]
    kinds = (OrderType.BUY_LIMIT, OrderType.SELL_LIMIT, OrderType.BUY_STOP, OrderType.SELL_STOP)
    numbers = [orders.kind == ORDER_TYPES.index(kind) for kind in kinds]
    found: Flags = np.select(numbers, chosen, default=False)
    return found
