"""Takes clients' wishes to trade: fits volumes to their money, asks a dealer where it must, places pending orders."""

from __future__ import annotations

import numpy as np

from dealerdesk.bridges.simulator.accounting import equity, margin_each, positions_of
from dealerdesk.bridges.simulator.bounds import BUY_LIMIT, BUY_STOP, SELL_LIMIT, SELL_STOP
from dealerdesk.bridges.simulator.dealing import DealingQueue
from dealerdesk.bridges.simulator.execution import Execution, Ticket
from dealerdesk.bridges.simulator.market import Market
from dealerdesk.bridges.simulator.publisher import Publisher
from dealerdesk.bridges.simulator.sizing import Sizing
from dealerdesk.bridges.simulator.state import ServerState
from dealerdesk.bridges.simulator.tables import BUY
from dealerdesk.clock import DAY_US

LARGE_USD = 250_000.0
MARGIN_USED_MAX = 0.5
"""Share of the free margin that a client puts into one order at most."""
STOPS_SHARE = 0.4
TRIES = 4


class OrdersDesk:
    """Between the clients of a server and its execution."""

    def __init__(
        self,
        state: ServerState,
        publisher: Publisher,
        execution: Execution,
        queue: DealingQueue,
        sizing: Sizing,
        market: Market,
        generator: np.random.Generator,
    ) -> None:
        self._state = state
        self._publisher = publisher
        self._execution = execution
        self._queue = queue
        self._sizing = sizing
        self._market = market
        self._generator = generator

    def wish(self, account: int) -> tuple[int, int] | None:
        """A symbol that trades now and a side, as the account likes them; None when it finds nothing."""
        one = np.array([account])
        for _ in range(TRIES):
            symbol = self._sizing.symbols(one, self._generator)
            if self._market.open[symbol[0]]:
                buys = self._sizing.buys(one, symbol, self._generator)
                return int(symbol[0]), 1 - int(buys[0])
        return None

    def usual_volume(self, account: int, symbol: int, times: int = 1) -> int:
        """A volume as the account trades it, `times` over, cut to its free margin; 0 when that is too little."""
        wanted = self._sizing.volumes(np.array([account]), np.array([symbol]), self._generator)
        fitted = self._sizing.fitted(np.array([symbol]), wanted * times / 1e8)
        return self._affordable(account, symbol, int(fitted[0]))

    def buy_or_sell(self, account: int, symbol: int, side: int, volume: int, stops: bool = True) -> int | None:
        """Sends a market order; the slot of the position, or None when nothing (or a request) came of it."""
        if volume <= 0 or not self._market.open[symbol]:
            return None
        stop_loss, take_profit = self._stops(symbol, side) if stops else (0, 0)
        ticket = Ticket(account, symbol, side, volume, stop_loss, take_profit)
        if self._state.terms(account).dealt and self._sizing.notional_usd(symbol, volume) >= LARGE_USD:
            self._queue.raise_request(ticket)
            return None
        return self._execution.open(ticket)

    def place_pending(self, account: int, symbol: int, side: int, volume: int) -> None:
        """Places a limit or stop order 0.1 to 1 percent away, good for up to three days."""
        state, draws = self._state, self._generator.random(3)
        market = self._execution.market_price(symbol, side)
        limit = draws[0] < 0.6
        below = limit == (side == BUY)
        price = round(market * (1 - (0.001 + 0.009 * draws[1]) * (1 if below else -1)))
        kinds = (BUY_LIMIT, SELL_LIMIT) if limit else (BUY_STOP, SELL_STOP)
        slot = state.orders.add(
            id=state.tickets.order(),
            account=account,
            symbol=symbol,
            kind=kinds[side],
            volume=volume,
            price=price,
            placed_us=state.dialect.time_us(state.time_us),
            expires_us=state.dialect.time_us(state.time_us + int(draws[2] * 3 * DAY_US)),
        )
        state.bounds.note_order(symbol, kinds[side], price)
        self._publisher.orders(slot)

    def _affordable(self, account: int, symbol: int, volume: int) -> int:
        """The volume that half of the free margin carries at most, in the symbol's steps; 0 below its least."""
        state = self._state
        slots = positions_of(state, account)
        free = equity(state, account, slots) - float(margin_each(state, slots).sum())
        per_lot = self._margin_per_lot(account, symbol)
        if free <= 0 or not np.isfinite(per_lot) or per_lot <= 0:
            return 0
        most = free * MARGIN_USED_MAX / per_lot * 1e8
        if volume <= most:
            return volume
        facts = state.symbols[symbol]
        step = state.dialect.volume_step(facts)
        cut = int(most) // step * step
        return cut if cut >= facts.volume_min else 0

    def _margin_per_lot(self, account: int, symbol: int) -> float:
        """Minor units of the account's currency that a lot of `symbol` demands now."""
        prices, accounts = self._state.prices, self._state.accounts
        index = np.array([symbol])
        per_lot = prices.margin_of_lot(index, prices.ask[index], accounts.leverage[account : account + 1])
        rate = prices.rates_to_targets()[prices.margin_currency[symbol], accounts.currency[account]]
        return float(per_lot[0] * rate * 10.0 ** self._state.exponent(account))

    def _stops(self, symbol: int, side: int) -> tuple[int, int]:
        """A stop loss and a take profit 0.2 to 2 percent away, for those who set them; 0 is none."""
        draws = self._generator.random(4)
        price = self._execution.market_price(symbol, 1 - side)
        away = 1 if side == BUY else -1
        loss = round(price * (1 - away * (0.002 + 0.018 * draws[0])))
        profit = round(price * (1 + away * (0.002 + 0.018 * draws[1])))
        return (loss if draws[2] < STOPS_SHARE else 0), (profit if draws[3] < STOPS_SHARE else 0)
