"""How clients behave: who acts in a step, and what each kind of client then does.

Casual clients take profits early, swing traders hold for days, scalpers for seconds, martingales double after a loss,
news traders act at the news, latency arbitrageurs on the price that the server has yet to show, bonus abusers open
opposite positions on two accounts. How much they can trade is `orders_desk.py`'s to say.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dealerdesk.bridges.simulator.accounting import floating, positions_of
from dealerdesk.bridges.simulator.agenda import Agenda, Entry, Plan
from dealerdesk.bridges.simulator.columns import Slots
from dealerdesk.bridges.simulator.execution import Execution
from dealerdesk.bridges.simulator.market import Market
from dealerdesk.bridges.simulator.orders_desk import OrdersDesk
from dealerdesk.bridges.simulator.people import Profile, chance
from dealerdesk.bridges.simulator.state import ServerState
from dealerdesk.bridges.simulator.tables import BUY, SELL
from dealerdesk.clock import HOUR_US, MINUTE_US, SECOND_US
from dealerdesk.trading import DealReason

DEALS_PER_ACCOUNT_AND_SECOND = 0.0007
ACTIVITY = {
    Profile.CASUAL: 1.0,
    Profile.SWING: 0.4,
    Profile.SCALPER: 4.0,
    Profile.NEWS_TRADER: 0.3,
    Profile.MARTINGALE: 2.0,
    Profile.LATENCY_ARBITRAGE: 60.0,
    Profile.BONUS_PAIR: 0.5,
}
DEALS_PER_ACT = {Profile.SCALPER: 2.0, Profile.LATENCY_ARBITRAGE: 0.03, Profile.BONUS_PAIR: 4.0}
"""Deals that come of one decision, 1 for those who are not named; arbitrageurs mostly find nothing to do."""
SUCCESS_SHARE = 1.05
LEAD_SPREADS_MIN = 1.2
"""How many spreads beyond the server's price the fast market must be to be worth an arbitrage."""
NEWS_RUSH = 3.0
NEWS_RUSH_US = 60 * SECOND_US
NEWS_TRADERS_ACTING = 0.08
PENDING_SHARE = 0.08
PARTIAL_SHARE = 0.15
DOUBLINGS_MAX = 5
_ACTIVITY = 300


class Traders:
    """The clients of one server as they act."""

    def __init__(
        self,
        state: ServerState,
        execution: Execution,
        desk: OrdersDesk,
        market: Market,
        generator: np.random.Generator,
        seed: int,
        positions_usual: int,
    ) -> None:
        self._state = state
        self._execution = execution
        self._desk = desk
        self._market = market
        self._generator = generator
        self._seed = seed
        self._positions_usual = max(positions_usual, 1)
        self._agenda = Agenda()
        self._rush_until_us = 0
        self.count_accounts()

    def count_accounts(self) -> None:
        """Takes new accounts into the draw; call it when the account table has grown."""
        accounts = self._state.accounts
        profile = accounts.column("profile")
        slots = np.arange(accounts.count)
        spread = -np.log1p(-chance(self._seed, slots, _ACTIVITY))
        weight = np.array([ACTIVITY[each] for each in Profile])[profile] * spread * accounts.column("enabled")
        deals = np.array([DEALS_PER_ACT.get(each, 1.0) for each in Profile])[profile]
        self._cumulated: NDArray[np.float64] = np.cumsum(weight)
        total = float(weight.sum())
        per_act = float((weight * deals).sum()) / total * SUCCESS_SHARE if total else 1.0
        self._acts_per_second = DEALS_PER_ACCOUNT_AND_SECOND * accounts.count / per_act if total else 0.0

    def act(self, step_us: int) -> None:
        """Lets everyone do what they do in one step that has just ended."""
        now = self._state.time_us
        for entry in self._agenda.due(now):
            self._carry_out(entry)
        self._read_news(now - step_us, now)
        rush = NEWS_RUSH if now < self._rush_until_us else 1.0
        expected = self._acts_per_second * rush * step_us / SECOND_US
        for _ in range(int(self._generator.poisson(expected))):
            draw = self._generator.random() * self._cumulated[-1]
            account = min(int(np.searchsorted(self._cumulated, draw, side="right")), len(self._cumulated) - 1)
            self._decide(account)

    def _decide(self, account: int) -> None:
        match Profile(int(self._state.accounts.profile[account])):
            case Profile.SCALPER:
                self._in_and_out(account, 4, 90)
            case Profile.LATENCY_ARBITRAGE:
                self._arbitrage(account)
            case Profile.MARTINGALE:
                self._martingale(account)
            case Profile.BONUS_PAIR:
                self._pair(account)
            case Profile.NEWS_TRADER:
                self._in_and_out(account, 60, 900)
            case Profile.SWING:
                self._hold_or_trade(account, early=False)
            case Profile.CASUAL:
                self._hold_or_trade(account, early=True)

    def _hold_or_trade(self, account: int, early: bool) -> None:
        """Closes something or opens something, in balance over the whole server."""
        held = positions_of(self._state, account)
        crowded = len(self._state.positions) / self._positions_usual
        if len(held) and self._generator.random() < min(max(0.55 + 2 * (crowded - 1), 0.05), 0.95):
            self._close_one(held, early)
            return
        wish = self._desk.wish(account)
        if wish is None:
            return
        symbol, side = wish
        volume = self._desk.usual_volume(account, symbol)
        if volume and self._generator.random() < PENDING_SHARE:
            self._desk.place_pending(account, symbol, side, volume)
        else:
            self._desk.buy_or_sell(account, symbol, side, volume)

    def _close_one(self, held: Slots, early: bool) -> None:
        """Closes the best position when taking profits early, else any; sometimes only a part."""
        table = self._state.positions
        tradable = held[self._market.open[table.symbol[held]]]
        if not len(tradable):
            return
        worth = floating(self._state, tradable)
        best = int(np.argmax(worth))
        if early and worth[best] <= 0 and self._generator.random() < 0.5:
            return
        place = best if early else int(self._generator.integers(len(tradable)))
        slot = int(tradable[place])
        self._execution.close(slot, self._closing_volume(slot), DealReason.CLIENT)

    def _closing_volume(self, slot: int) -> int:
        table = self._state.positions
        volume = int(table.volume[slot])
        facts = self._state.symbols[int(table.symbol[slot])]
        step = self._state.dialect.volume_step(facts)
        half = volume // 2 // step * step
        partial = half >= facts.volume_min and self._generator.random() < PARTIAL_SHARE
        return half if partial else volume

    def _in_and_out(self, account: int, seconds_min: int, seconds_max: int) -> None:
        """Opens now and means to close within seconds or minutes."""
        wish = self._desk.wish(account)
        if wish is not None:
            self._open_for_a_while(account, *wish, seconds_min, seconds_max)

    def _open_for_a_while(self, account: int, symbol: int, side: int, seconds_min: float, seconds_max: float) -> None:
        slot = self._desk.buy_or_sell(account, symbol, side, self._desk.usual_volume(account, symbol), stops=False)
        if slot is not None:
            stay_us = int(self._generator.uniform(seconds_min, seconds_max) * SECOND_US)
            self._agenda.close(self._state.time_us + stay_us, account, int(self._state.positions.id[slot]))

    def _arbitrage(self, account: int) -> None:
        """Buys what the fast market already shows above the server's ask, sells what it shows below its bid."""
        prices, lead = self._state.prices, self._market.lead_points
        spread = np.maximum(prices.ask - prices.bid, 1)
        over, under = (lead - prices.ask) / spread, (prices.bid - lead) / spread
        gain = np.where(self._market.open, np.maximum(over, under), -1.0)
        best = int(np.argmax(gain))
        if gain[best] > LEAD_SPREADS_MIN:
            self._open_for_a_while(account, best, BUY if over[best] > under[best] else SELL, 0.6, 3)

    def _martingale(self, account: int) -> None:
        """Closes what it holds; after a loss it trades the same side again, twice as large for each loss in a row."""
        state, table = self._state, self._state.positions
        held = positions_of(state, account)
        tradable = held[self._market.open[table.symbol[held]]]
        if len(tradable) and self._generator.random() < 0.6:
            slot = int(tradable[self._generator.integers(len(tradable))])
            symbol, side = int(table.symbol[slot]), int(table.side[slot])
            earned = self._execution.close(slot, int(table.volume[slot]), DealReason.EXPERT)
            if earned >= 0:
                return
            wait_us = int(self._generator.uniform(1, 20) * SECOND_US)
            self._agenda.trade(state.time_us + wait_us, account, symbol, side)
            return
        wish = self._desk.wish(account)
        if wish is not None:
            self._double(account, *wish)

    def _double(self, account: int, symbol: int, side: int) -> None:
        losses = min(int(self._state.accounts.losses_in_a_row[account]), DOUBLINGS_MAX)
        self._desk.buy_or_sell(account, symbol, side, self._desk.usual_volume(account, symbol, 2**losses))

    def _pair(self, account: int) -> None:
        """Opens opposite positions on both accounts of a pair, to be closed together hours later."""
        partner, wish = int(self._state.accounts.partner[account]), self._desk.wish(account)
        if partner < 0 or wish is None:
            return
        symbol, side = wish
        volume = min(self._desk.usual_volume(each, symbol) for each in (account, partner))
        close_us = self._state.time_us + int(self._generator.uniform(0.2, 6) * HOUR_US)
        for each, own_side in ((account, side), (partner, 1 - side)):
            slot = self._desk.buy_or_sell(each, symbol, own_side, volume, stops=False)
            if slot is not None:
                self._agenda.close(close_us, each, int(self._state.positions.id[slot]))

    def _read_news(self, from_us: int, to_us: int) -> None:
        """News moves some news traders at once, to the side of the move, and makes everyone else restless."""
        for news in self._market.news_between(from_us, to_us):
            self._rush_until_us = to_us + NEWS_RUSH_US
            traders = np.flatnonzero(self._state.accounts.column("profile") == Profile.NEWS_TRADER)
            acting = traders[self._generator.random(len(traders)) < NEWS_TRADERS_ACTING]
            side = BUY if news.move > 0 else SELL
            for account in acting.tolist():
                wait_us = int(self._generator.exponential(4.0) * SECOND_US)
                self._agenda.trade(to_us + wait_us, account, news.index, side)

    def _carry_out(self, entry: Entry) -> None:
        if not self._state.accounts.enabled[entry.account]:
            return
        if entry.plan is Plan.TRADE:
            self._trade_as_planned(entry)
            return
        slot = self._state.positions.find("id", entry.number)
        if slot is None:
            return
        if self._market.open[self._state.positions.symbol[slot]]:
            self._execution.close(slot, int(self._state.positions.volume[slot]), DealReason.CLIENT)
        else:
            self._agenda.close(entry.due_us + 10 * MINUTE_US, entry.account, entry.number)

    def _trade_as_planned(self, entry: Entry) -> None:
        if self._state.accounts.profile[entry.account] == Profile.MARTINGALE:
            self._double(entry.account, entry.symbol, entry.side)
        else:
            self._open_for_a_while(entry.account, entry.symbol, entry.side, 45, 600)
