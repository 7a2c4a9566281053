"""How far every account is from its margin call and its stop-out, and which price takes it there. Closes nothing.

Vectorised over all accounts in float64, deposit currency. A distance asks how far one symbol's price must move while
all else stays, conversion rates and the margin in use too; `together` lets every price move against the account by the
same percentage. Bought volume closes at the bid and sold volume at the ask; both move by the same amount.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dealerdesk.live.frame import Frame, position_floating
from dealerdesk.live.margins import PER_LOT, position_margins
from dealerdesk.live.registry import Registry
from dealerdesk.trading import Platform

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
NONE = -1


@dataclass(frozen=True, slots=True)
class Watch:
    """Per account slot; nan where there is no margin, no price, or nothing that a price could do.

    `to_call` and `to_stop_out` are the equity left above the threshold, 0 or less once it is reached. `symbol` is the
    slot of the symbol that takes the account there by the smallest move (NONE without), `percent` that move, negative
    when the price must fall, `price` where it would stand, and `together` the percentage for all prices at once.
    """

    to_call: Floats
    to_stop_out: Floats
    symbol: Longs
    percent: Floats
    price: Floats
    together: Floats


def watch(state: Registry, frame: Frame) -> Watch:
    """The distances of all accounts at this frame's prices."""
    count, accounts = frame.count, state.accounts
    uses_margin = frame.margin > 0
    with np.errstate(invalid="ignore"):
        to_call = np.where(uses_margin, frame.equity - frame.margin * accounts.margin_call[:count] / 100, np.nan)
        to_stop_out = np.where(uses_margin, frame.equity - frame.margin * accounts.stop_out[:count] / 100, np.nan)
    cell_account, cell_symbol, value = _net_values(state, frame)
    size = np.abs(value)
    widest = np.zeros(count)
    np.maximum.at(widest, cell_account, size)
    gross = np.bincount(cell_account, size, count)[:count]
    symbol = np.full(count, NONE, np.int64)
    is_widest = (size > 0) & (size == widest[cell_account])
    # of equals the last one stands
    symbol[cell_account[is_widest]] = cell_symbol[is_widest]
    side = np.zeros(count)
    side[cell_account[is_widest]] = np.sign(value[is_widest])
    room = np.maximum(to_stop_out, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = -side * room / widest * 100
        together = room / gross * 100
    # no price falls below nothing
    out_of_reach = (symbol == NONE) | (percent <= -100)
    percent[out_of_reach] = np.nan
    together[(gross == 0) | (together >= 100)] = np.nan
    now = np.where(side > 0, frame.bid[symbol], frame.ask[symbol]) if len(frame.bid) else np.full(count, np.nan)
    return Watch(to_call, to_stop_out, symbol, percent, now * (1 + percent / 100), together)


def first_to_close(
    state: Registry, frame: Frame, accounts: NDArray[np.bool_], platforms: Mapping[str, Platform]
) -> Longs:
    """The position slot that a stop-out would close first, per account slot; NONE for accounts not asked for.

    MetaTrader closes the largest loss (without losses, the smallest profit), cTrader what binds most margin.
    """
    found = np.full(frame.count, NONE, np.int64)
    held = state.positions.living_slots()
    held = held[_is_known(frame, state.positions.account[held], state.positions.symbol[held])]
    held = held[accounts[state.positions.account[held]]]
    if not len(held):
        return found
    account = state.positions.account[held]
    is_ctrader = np.array([platforms.get(server.name) is Platform.CTRADER for server in state.server_list], np.bool_)
    rank = np.where(
        is_ctrader[state.accounts.server[account]],
        -position_margin(state, frame, held),
        position_floating(state, frame, held),
    )
    # the last of each account in an order that ends with the smallest rank; unknown ones never are
    order = np.lexsort((-np.nan_to_num(rank, nan=np.inf), account))
    found[account[order]] = held[order]
    return found


def position_margin(state: Registry, frame: Frame, slots: NDArray[np.integer]) -> Floats:
    """What each position binds by itself, without a hedge, in its account's currency."""
    table, symbols, accounts = state.positions, state.symbols, state.accounts
    symbol, account = table.symbol[slots], table.account[slots]
    rate = frame.rates.matrix[symbols.margin_currency[symbol], accounts.currency[account]]
    return np.asarray(position_margins(table, slots, symbols, accounts.leverage[account]) * rate)


def _net_values(state: Registry, frame: Frame) -> tuple[NDArray[np.integer], NDArray[np.integer], Floats]:
    """Of every cell its account, its symbol, and its net volume's worth in deposit currency, negative when sold."""
    cells, symbols = state.engine.cells, state.symbols
    slots = np.flatnonzero(cells.alive[: cells.count] & (cells.positions[: cells.count] > 0))
    slots = slots[_is_known(frame, cells.account[slots], cells.symbol[slots])]
    account, symbol = cells.account[slots], cells.symbol[slots]
    net = (cells.long_volume[slots] - cells.short_volume[slots]) * PER_LOT
    rate = frame.rates.matrix[symbols.profit_currency[symbol], state.accounts.currency[account]]
    price = np.where(net > 0, frame.bid[symbol], frame.ask[symbol])
    return account, symbol, np.nan_to_num(net * symbols.lot_value[symbol] * price * rate)


def _is_known(frame: Frame, account: NDArray[np.integer], symbol: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Whether the frame knows both: what came after it was computed is its successor's."""
    return np.asarray((account < frame.count) & (symbol < len(frame.bid)))
