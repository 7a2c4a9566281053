"""The trades that a server has behind it when it starts: open positions and closed round trips, with their deals.

Who holds what is heavy-tailed over accounts and symbols; accounts have favourites and mostly one opinion, so that some
positions are hedged. Opening prices lie on the path before the start. Balances follow in `funding.py`, numbers here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dealerdesk.bridges.simulator.accounting import commission, deal_profit, scaled_rate
from dealerdesk.bridges.simulator.bounds import BUY_LIMIT, BUY_STOP, SELL_STOP
from dealerdesk.bridges.simulator.past import PAST_US, Past, last_rollover_us, rollovers_between
from dealerdesk.bridges.simulator.people import Profile
from dealerdesk.bridges.simulator.sizing import Sizing
from dealerdesk.bridges.simulator.state import ServerState
from dealerdesk.bridges.simulator.swaps import nightly_swaps
from dealerdesk.bridges.simulator.tables import BUY, ORDER_TYPES, SELL
from dealerdesk.clock import DAY_US, HOUR_US, MINUTE_US
from dealerdesk.instruments import AssetClass
from dealerdesk.trading import Accounting, Platform

Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

HOLDING_DAYS = {
    Profile.CASUAL: 1.6,
    Profile.SWING: 7.0,
    Profile.SCALPER: 0.01,
    Profile.NEWS_TRADER: 0.08,
    Profile.MARTINGALE: 0.7,
    Profile.LATENCY_ARBITRAGE: 0.003,
    Profile.BONUS_PAIR: 2.0,
}
HOLDERS = (1.0, 1.6, 0.15, 0.2, 2.2, 0.05, 1.0)
"""How many positions each profile holds, relative to the casual client."""
HOLDERS_SPREAD = 1.15
CLOSED_SHARE = 0.10
STOPS_SHARE = 0.35
PENDING_SHARE = 0.03
WEEKEND_OPENS_H, WEEKEND_CLOSES_H, WEEK_H, THURSDAY_H = 118, 166, 168, 72


@dataclass(slots=True)
class Trades:
    """Parallel columns, in order of opening; `closed_us` is 0 and `close_points` meaningless while open."""

    account: Int64s
    symbol: Int64s
    side: Int64s
    volume: Int64s
    opened_us: Int64s
    closed_us: Int64s
    open_points: Int64s
    close_points: Int64s

    @property
    def closed(self) -> Flags:
        return self.closed_us > 0


def write_history(
    state: ServerState, past: Past, sizing: Sizing, positions: int, start_us: int, generator: np.random.Generator
) -> None:
    """Fills the position and deal tables of a server with accounts; `positions` stay open.

    Deals are numbered; balances are not touched (see `funding.py`).
    """
    trades = _draw(state, past, sizing, positions, start_us, generator)
    numbers = _number(state, trades)
    nights = rollovers_between(trades.opened_us, start_us)
    owner = state.accounts.currency[trades.account].astype(np.int64)
    nightly = nightly_swaps(state, trades.symbol, trades.side, trades.volume, owner)
    swaps = np.rint(nightly * np.where(trades.closed, 0, nights)).astype(np.int64)
    fees = _commissions(state, trades)
    _add_positions(state, trades, numbers, swaps, fees, generator)
    _add_deals(state, trades, numbers, fees)
    _add_orders(state, sizing, round(positions * PENDING_SHARE), start_us, generator)


def _draw(
    state: ServerState, past: Past, sizing: Sizing, positions: int, start_us: int, generator: np.random.Generator
) -> Trades:
    closed_count = round(positions * CLOSED_SHARE)
    total = positions + closed_count
    account = _holders(state, total, generator)
    symbol = sizing.symbols(account, generator)
    account = _one_position_each(state, account, symbol, generator)
    closed = np.arange(total) >= positions
    opened_us, closed_us = _times(state, account, symbol, closed, start_us, generator)
    side = np.where(sizing.buys(account, symbol, generator), BUY, SELL)
    order = np.argsort(opened_us, kind="stable")
    account, symbol, side = account[order], symbol[order], side[order]
    opened_us, closed_us = opened_us[order], closed_us[order]
    half = (state.prices.ask - state.prices.bid)[symbol] / 2
    direction = np.where(side == BUY, 1, -1)
    open_points = _on_tick(past.mid_points(symbol, start_us - opened_us) + direction * half)
    close_points = _on_tick(past.mid_points(symbol, start_us - closed_us) - direction * half)
    volume = sizing.volumes(account, symbol, generator)
    return Trades(account, symbol, side, volume, opened_us, closed_us, open_points, close_points)


def _on_tick(points: Floats) -> Int64s:
    return np.maximum(np.rint(points), 1).astype(np.int64)


def _holders(state: ServerState, count: int, generator: np.random.Generator) -> Int64s:
    """Who holds each trade, heavy-tailed: a few hold very many."""
    profile = state.accounts.profile[: state.accounts.count]
    weight = np.array(HOLDERS)[profile] * np.exp(HOLDERS_SPREAD * generator.standard_normal(len(profile)))
    cumulated = np.cumsum(weight)
    holders: Int64s = np.searchsorted(cumulated, generator.random(count) * cumulated[-1], side="right")
    return holders


def _one_position_each(state: ServerState, account: Int64s, symbol: Int64s, generator: np.random.Generator) -> Int64s:
    """Hands second trades of netting accounts on a symbol to accounts that may have several."""
    nets = np.array([terms.group.accounting is Accounting.NETTING for terms in state.groups])
    netting = nets[state.accounts.group[: state.accounts.count]]
    if not netting.any():
        return account
    _, first = np.unique(account * 65_536 + symbol, return_index=True)
    again = np.ones(len(account), np.bool_)
    again[first] = False
    others = np.flatnonzero(~netting)
    if not len(others):
        return account
    taken = others[generator.integers(0, len(others), len(account))]
    return np.where(again & netting[account], taken, account)


def _times(
    state: ServerState, account: Int64s, symbol: Int64s, closed: Flags, start_us: int, generator: np.random.Generator
) -> tuple[Int64s, Int64s]:
    """When each trade was opened, after its account and not in the weekend, and when the closed ones were closed."""
    days = np.array([HOLDING_DAYS[each] for each in Profile])[state.accounts.profile[account]]
    ago = (generator.exponential(1.0, len(account)) * days * DAY_US).astype(np.int64)
    since_rollover = max(start_us - last_rollover_us(start_us), 4 * MINUTE_US)
    today = (generator.random(len(account)) * since_rollover).astype(np.int64)
    ago = np.clip(np.where(closed, today, ago), 2 * MINUTE_US, PAST_US - HOUR_US)
    moved = _out_of_weekend(state, symbol, start_us - ago)
    born = state.accounts.opened_us[account]
    late = moved <= born
    opened = np.where(late, born + (generator.random(len(account)) * (start_us - born)).astype(np.int64), moved)
    life = start_us - opened
    closed_at = opened + (life * (0.1 + 0.8 * generator.random(len(account)))).astype(np.int64)
    cut = state.dialect.resolution_us
    return opened // cut * cut, np.where(closed, closed_at // cut * cut, 0)


def _out_of_weekend(state: ServerState, symbol: Int64s, moment_us: Int64s) -> Int64s:
    """Moments in a weekend (Friday 22:00 to Sunday 22:00) two days earlier, except for what always trades."""
    hour = (moment_us // HOUR_US + THURSDAY_H) % WEEK_H
    closed = (hour >= WEEKEND_OPENS_H) & (hour < WEEKEND_CLOSES_H)
    always = np.array([s.asset_class is AssetClass.CRYPTO for s in state.symbols])[symbol]
    return np.where(closed & ~always, moment_us - 2 * DAY_US, moment_us)


@dataclass(slots=True)
class Numbers:
    """What the platform calls each trade's position, orders and deals."""

    position: Int64s
    open_order: Int64s
    close_order: Int64s
    open_deal: Int64s
    close_deal: Int64s


def _number(state: ServerState, trades: Trades) -> Numbers:
    """Counts openings and closings in order of time, as the platform's counters would have."""
    count = len(trades.account)
    closed = trades.closed
    tickets = state.tickets
    if state.dialect.platform is Platform.MT4:
        position = tickets.take("ticket", count) + np.arange(count)
        return Numbers(position, position, position, 2 * position, 2 * position + 1)
    times = np.concatenate((trades.opened_us, trades.closed_us[closed]))
    rank = np.empty(len(times), np.int64)
    rank[np.argsort(times, kind="stable")] = np.arange(len(times))
    order = tickets.take("order", len(times)) + rank
    deal = tickets.take("deal", len(times)) + rank
    close_order, close_deal = np.zeros(count, np.int64), np.zeros(count, np.int64)
    close_order[closed], close_deal[closed] = order[count:], deal[count:]
    own = state.dialect.platform is Platform.CTRADER
    position = tickets.take("position", count) + np.arange(count) if own else order[:count]
    return Numbers(position, order[:count], close_order, deal[:count], close_deal)


def _commissions(state: ServerState, trades: Trades) -> Int64s:
    """One side's commission of each trade, negative, in minor units."""
    paying = np.array([terms.group.commission_per_lot != 0 for terms in state.groups])
    fees = np.zeros(len(trades.account), np.int64)
    for trade in np.flatnonzero(paying[state.accounts.group[trades.account]]).tolist():
        fees[trade] = commission(state, int(trades.account[trade]), int(trades.volume[trade]))
    return fees


def _add_positions(
    state: ServerState,
    trades: Trades,
    numbers: Numbers,
    swaps: Int64s,
    fees: Int64s,
    generator: np.random.Generator,
) -> None:
    still = ~trades.closed
    symbol, side = trades.symbol[still], trades.side[still]
    stop_loss, take_profit = _stops(state, symbol, side, generator)
    state.positions.extend(
        int(still.sum()),
        id=numbers.position[still],
        account=trades.account[still],
        symbol=symbol,
        side=side,
        volume=trades.volume[still],
        open_points=trades.open_points[still],
        opened_us=trades.opened_us[still],
        stop_loss=stop_loss,
        take_profit=take_profit,
        swap=swaps[still],
        commission=2 * fees[still] if state.dialect.commission_at_close else 0 * fees[still],
    )


def _stops(state: ServerState, symbol: Int64s, side: Int64s, generator: np.random.Generator) -> tuple[Int64s, Int64s]:
    """Stop losses and take profits of those who set them, 0.3 to 3 percent away from the present price."""
    direction = np.where(side == BUY, 1, -1)
    price = np.where(side == BUY, state.prices.bid[symbol], state.prices.ask[symbol])
    draws = generator.random((4, len(symbol)))
    below = _on_tick(price * (1 - direction * (0.003 + 0.027 * draws[0])))
    above = _on_tick(price * (1 + direction * (0.003 + 0.027 * draws[1])))
    return np.where(draws[2] < STOPS_SHARE, below, 0), np.where(draws[3] < STOPS_SHARE, above, 0)


def _add_deals(state: ServerState, trades: Trades, numbers: Numbers, fees: Int64s) -> None:
    at_close = state.dialect.commission_at_close
    rates = _rates(state, trades)
    state.deals.extend(
        len(trades.account),
        id=numbers.open_deal,
        position_id=numbers.position,
        order_id=numbers.open_order,
        account=trades.account,
        symbol=trades.symbol,
        side=trades.side,
        volume=trades.volume,
        price=trades.open_points,
        dealt_us=trades.opened_us,
        commission=0 * fees if at_close else fees,
        rate=rates,
        book=state.accounts.book[trades.account],
    )
    closed = np.flatnonzero(trades.closed)
    profit = np.array([_profit(state, trades, trade) for trade in closed.tolist()], np.int64)
    state.deals.extend(
        len(closed),
        id=numbers.close_deal[closed],
        position_id=numbers.position[closed],
        order_id=numbers.close_order[closed],
        account=trades.account[closed],
        symbol=trades.symbol[closed],
        side=1 - trades.side[closed],
        entry=np.ones(len(closed), np.int8),
        volume=trades.volume[closed],
        price=trades.close_points[closed],
        dealt_us=trades.closed_us[closed],
        profit=profit,
        commission=(2 if at_close else 1) * fees[closed],
        rate=rates[closed],
        book=state.accounts.book[trades.account[closed]],
    )


def _profit(state: ServerState, trades: Trades, trade: int) -> int:
    columns = (trades.account, trades.symbol, trades.side, trades.volume, trades.open_points, trades.close_points)
    return deal_profit(state, *(int(column[trade]) for column in columns)).minor


def _rates(state: ServerState, trades: Trades) -> Int64s:
    """The conversion rate of each trade, as the deal table keeps it, at the present prices."""
    prices = state.prices
    table = np.zeros((len(prices.currencies), len(state.currencies)), np.int64)
    for row, source in enumerate(prices.currencies):
        for column, target in enumerate(state.currencies):
            if prices.has_rate(source, target):
                table[row, column] = scaled_rate(prices.rate(source, target))
    return table[prices.profit_currency[trades.symbol], state.accounts.currency[trades.account]]


def _add_orders(state: ServerState, sizing: Sizing, count: int, start_us: int, generator: np.random.Generator) -> None:
    """Pending orders, placed within the last day, 0.2 to 2 percent away from the present price."""
    account = _holders(state, count, generator)
    symbol = sizing.symbols(account, generator)
    volume = sizing.volumes(account, symbol, generator)
    draws = generator.random((3, count))
    kind = generator.integers(0, len(ORDER_TYPES), count)
    buys = (kind == BUY_LIMIT) | (kind == BUY_STOP)
    below = (kind == BUY_LIMIT) | (kind == SELL_STOP)
    market = np.where(buys, state.prices.ask[symbol], state.prices.bid[symbol])
    placed = start_us - (draws[1] * DAY_US).astype(np.int64)
    placed = np.maximum(placed, state.accounts.opened_us[account])
    cut = state.dialect.resolution_us
    first = state.tickets.take("ticket" if state.dialect.platform is Platform.MT4 else "order", count)
    state.orders.extend(
        count,
        id=first + np.arange(count),
        account=account,
        symbol=symbol,
        kind=kind,
        volume=volume,
        price=_on_tick(market * np.where(below, 0.998 - 0.018 * draws[0], 1.002 + 0.018 * draws[0])),
        placed_us=np.sort(placed) // cut * cut,
        expires_us=(start_us + (draws[2] * 5 * DAY_US).astype(np.int64)) // cut * cut,
    )
