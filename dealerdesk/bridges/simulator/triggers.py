"""Does what prices demand without anyone asking: stops and targets, pending orders, stop-outs.

Fills are at the server's price at the end of the step, so a stop that was jumped over slips as it would.
"""

from __future__ import annotations

import numpy as np

from dealerdesk.bridges.protocol import RowSet
from dealerdesk.bridges.simulator.accounting import account_margin, equity, floating, margin_each, positions_of
from dealerdesk.bridges.simulator.bounds import BUY_LIMIT, BUY_STOP, SELL_LIMIT
from dealerdesk.bridges.simulator.columns import Slots
from dealerdesk.bridges.simulator.execution import Execution, Ticket
from dealerdesk.bridges.simulator.market import Market
from dealerdesk.bridges.simulator.publisher import Publisher
from dealerdesk.bridges.simulator.state import ServerState
from dealerdesk.bridges.simulator.tables import BUY, SELL
from dealerdesk.bridges.simulator.till import Till
from dealerdesk.trading import BalanceKind, DealReason

PHASES = 4
STEPS_A_PHASE = 5
"""A quarter of the accounts every five steps: each is looked at once a second."""


class Triggers:
    """Watches the prices of one server on behalf of its rules."""

    def __init__(
        self, state: ServerState, publisher: Publisher, execution: Execution, till: Till, market: Market
    ) -> None:
        self._state = state
        self._publisher = publisher
        self._execution = execution
        self._till = till
        self._market = market
        self._stop_out: list[float] = [float(terms.group.stop_out_percent) for terms in state.groups]

    def check_levels(self) -> None:
        """Closes positions whose stop or target is reached, and fills pending orders whose price is."""
        state = self._state
        for symbol in state.bounds.touched(state.prices.bid, state.prices.ask):
            if self._market.open[symbol]:
                self._positions_of(symbol)
                self._orders_of(symbol)
                state.bounds.rebuild((symbol,), state.positions, state.orders)

    def expire_orders(self) -> None:
        """Removes pending orders whose time has come."""
        orders = self._state.orders
        expiring = (orders.column("expires_us") > 0) & (orders.column("expires_us") <= self._state.time_us)
        for slot in np.flatnonzero(expiring & orders.column("alive")).tolist():
            self._drop_order(slot)

    def check_margins(self, step: int) -> None:
        """Stops accounts out whose margin level is at or below their group's; a part of the accounts at a time."""
        if step % STEPS_A_PHASE == 0:
            for account in self._endangered(step // STEPS_A_PHASE % PHASES):
                self._stop_out_account(account)

    def _positions_of(self, symbol: int) -> None:
        table, prices = self._state.positions, self._state.prices
        slots = table.where("symbol", symbol)
        buys = table.side[slots] == BUY
        losses, profits = table.stop_loss[slots], table.take_profit[slots]
        bid, ask = prices.bid[symbol], prices.ask[symbol]
        at_loss = (losses > 0) & np.where(buys, bid <= losses, ask >= losses)
        at_profit = (profits > 0) & np.where(buys, bid >= profits, ask <= profits) & ~at_loss
        for hit, reason in ((at_loss, DealReason.STOP_LOSS), (at_profit, DealReason.TAKE_PROFIT)):
            for slot in slots[hit].tolist():
                self._execution.close(slot, int(table.volume[slot]), reason, comment=f"[{reason}]")

    def _orders_of(self, symbol: int) -> None:
        orders, prices = self._state.orders, self._state.prices
        bid, ask = int(prices.bid[symbol]), int(prices.ask[symbol])
        for slot in orders.where("symbol", symbol).tolist():
            kind, price = int(orders.kind[slot]), int(orders.price[slot])
            if _reached(kind, price, bid, ask):
                self._fill_order(slot)

    def _fill_order(self, slot: int) -> None:
        orders = self._state.orders
        ticket = Ticket(
            account=int(orders.account[slot]),
            symbol=int(orders.symbol[slot]),
            side=BUY if orders.kind[slot] in (BUY_LIMIT, BUY_STOP) else SELL,
            volume=int(orders.volume[slot]),
            stop_loss=int(orders.stop_loss[slot]),
            take_profit=int(orders.take_profit[slot]),
            order_id=int(orders.id[slot]),
        )
        self._drop_order(slot)
        self._execution.open(ticket)

    def _drop_order(self, slot: int) -> None:
        orders = self._state.orders
        number = int(orders.id[slot])
        orders.remove(slot)
        self._publisher.gone(RowSet.ORDER, number)

    def _endangered(self, phase: int) -> list[int]:
        """Accounts of this phase whose level could be at the stop-out: hedges are left out of account here."""
        state, table = self._state, self._state.positions
        slots = np.flatnonzero(table.column("alive") & (table.column("account") % PHASES == phase))
        owner = table.account[slots]
        count = state.accounts.count
        margin = np.bincount(owner, margin_each(state, slots), count)
        accrued = table.swap[slots] + table.commission[slots]
        worth = np.bincount(owner, floating(state, slots) + accrued, count)
        worth += state.accounts.column("balance") + state.accounts.column("credit")
        limit = np.array(self._stop_out)[state.accounts.column("group")]
        in_danger = (margin > 0) & (worth * 100 <= margin * limit)
        found: list[int] = np.flatnonzero(in_danger).tolist()
        return found

    def _stop_out_account(self, account: int) -> None:
        """Closes the largest loss, and again, until the level is above the limit or nothing can be closed."""
        state = self._state
        limit = self._stop_out[int(state.accounts.group[account])]
        slots = positions_of(state, account)
        while len(slots):
            worth, margin = equity(state, account, slots), account_margin(state, slots)
            if margin <= 0 or worth * 100 > margin * limit:
                return
            worst = self._largest_loss(slots)
            if worst is None:
                return
            comment = f"[so {worth * 100 / margin:.2f}%]"
            self._execution.close(worst, int(state.positions.volume[worst]), DealReason.STOP_OUT, comment=comment)
            slots = positions_of(state, account)
        if state.accounts.balance[account] < 0:
            self._till.book(
                account, BalanceKind.COMPENSATION, -int(state.accounts.balance[account]), comment="so compensation"
            )

    def _largest_loss(self, slots: Slots) -> int | None:
        """The position that has lost most, of those whose symbol trades now."""
        tradable = slots[self._market.open[self._state.positions.symbol[slots]]]
        if not len(tradable):
            return None
        return int(tradable[np.argmin(floating(self._state, tradable))])


def _reached(kind: int, price: int, bid: int, ask: int) -> bool:
    if kind == BUY_LIMIT:
        return ask <= price
    if kind == BUY_STOP:
        return ask >= price
    if kind == SELL_LIMIT:
        return bid >= price
    return bid <= price
