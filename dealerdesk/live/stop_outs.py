"""Stop-outs of many accounts at once: round by round, each account still below its level loses one more position.

MetaTrader closes the largest loss first, cTrader the position that uses most margin; after each closing the margin of
its cell is computed anew. Positions close at the given prices, so equity stays what it is and margin is set free.
Not modelled: deletion of pending orders, sessions that are closed, partial closing, a fully hedged account without
margin, which is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dealerdesk.live import margins
from dealerdesk.live.frozen_book import Flags, Floats, FrozenBook, Longs
from dealerdesk.live.holdings import CellTable
from dealerdesk.live.shocks import Prices

OPEN, BY_ORDER = 0, -1
"""What `closed` says of a position that stays open, and of one whose stop loss or take profit was triggered."""
NOTHING_LEFT = 1e-12
"""Margin below this share of what there was is a rest of float subtraction, not margin."""


@dataclass(frozen=True, slots=True)
class StoppedOut:
    """`closed` by held position: OPEN, BY_ORDER, or the round in which the stop-out closed it, 1 first.

    `margin_before` and `margin` by account, after triggered closings and after the stop-outs, in its own currency."""

    closed: NDArray[np.int32]
    stopped: Flags
    margin_before: Floats
    margin: Floats


def stop_out(book: FrozenBook, prices: Prices, profits: Floats, equity: Floats, triggered: Flags) -> StoppedOut:
    """Closes what `triggered` names, then what each account's stop-out level asks for, until it asks for no more."""
    cells = book.cells.copied()
    closed = np.zeros(len(book.held), np.int32)
    closed[triggered] = BY_ORDER
    _take_out(book, cells, triggered)
    needs = _needs_after(book, cells, triggered)
    slots = book.cell_slots
    each = np.zeros(cells.count)
    each[slots] = book.in_own_currency(cells, slots, needs[slots], prices)
    margin = np.bincount(cells.account[slots], weights=each[slots], minlength=book.accounts.count).astype(np.float64)
    before = margin.copy()
    with np.errstate(divide="ignore", invalid="ignore"):
        stopped = book.known & (margin > 0) & (equity / margin * 100.0 <= book.accounts.stop_out)
    queue = _queue(book, prices, profits, stopped & ~np.isnan(equity), closed)
    _rounds(book, cells, prices, equity, margin, each, closed, queue)
    return StoppedOut(closed, stopped, before, margin)


def _rounds(
    book: FrozenBook,
    cells: CellTable,
    prices: Prices,
    equity: Floats,
    margin: Floats,
    each: Floats,
    closed: NDArray[np.int32],
    queue: Longs,
) -> None:
    """Closes the next position of every account that is still below, until none is. Changes margin, each and closed."""
    owner = book.account[queue]
    cursor = np.flatnonzero(np.diff(owner, prepend=-1))
    end = np.append(cursor[1:], len(queue))
    account = owner[cursor]
    limit, least = book.accounts.stop_out[account], margin[account] * NOTHING_LEFT
    round_number = 0
    while len(account):
        round_number += 1
        rows = queue[cursor]
        closed[rows] = round_number
        slots = _close(book, cells, rows)
        fresh = book.in_own_currency(cells, slots, book.margin_needs(cells, slots), prices)
        margin[account] += fresh - each[slots]
        each[slots] = fresh
        cursor = cursor + 1
        empty = (cursor == end) | (margin[account] <= least)
        margin[account[empty]] = np.maximum(margin[account[empty]], 0.0) * (cursor < end)[empty]
        with np.errstate(divide="ignore", invalid="ignore"):
            still = ~empty & (equity[account] / margin[account] * 100.0 <= limit)
        account, cursor, end, limit, least = (column[still] for column in (account, cursor, end, limit, least))


def _close(book: FrozenBook, cells: CellTable, rows: Longs) -> Longs:
    """Takes positions of different accounts out of their cells; returns the cells."""
    positions, held = book.positions, book.held[rows]
    slots = positions.cell[held].astype(np.int64)
    volume = positions.volume[held]
    cost = volume * positions.open_price[held]
    bought = positions.side[held] > 0
    cells.positions[slots] -= 1
    for mine, volumes, costs in (
        (bought, cells.long_volume, cells.long_cost),
        (~bought, cells.short_volume, cells.short_cost),
    ):
        at = slots[mine]
        volumes[at] -= volume[mine]
        costs[at] = np.where(volumes[at] > 0, costs[at] - cost[mine], 0.0)
    return slots


def _take_out(book: FrozenBook, cells: CellTable, rows: Flags) -> None:
    """Takes positions out of their cells, any number of each."""
    positions, held = book.positions, book.held[rows]
    slots, volume = positions.cell[held], positions.volume[held]
    cost, bought = volume * positions.open_price[held], positions.side[held] > 0
    np.subtract.at(cells.positions, slots, 1)
    for mine, volumes, costs in (
        (bought, cells.long_volume, cells.long_cost),
        (~bought, cells.short_volume, cells.short_cost),
    ):
        np.subtract.at(volumes, slots[mine], volume[mine])
        np.subtract.at(costs, slots[mine], cost[mine])
        costs[slots[mine]] *= volumes[slots[mine]] > 0


def _needs_after(book: FrozenBook, cells: CellTable, rows: Flags) -> Floats:
    """The needs of all cells once positions were taken out."""
    needs = book.cell_needs.copy()
    touched = np.unique(book.positions.cell[book.held[rows]]).astype(np.int64)
    needs[touched] = book.margin_needs(cells, touched)
    return needs


def _queue(book: FrozenBook, prices: Prices, profits: Floats, stopped: Flags, closed: NDArray[np.int32]) -> Longs:
    """The open positions of the stopped accounts, account by account in the order their platform closes them."""
    rows = np.flatnonzero(stopped[book.account] & (closed == OPEN))
    account, profit = book.account[rows], profits[rows]
    first = profit.copy()
    own = np.flatnonzero(book.ctrader[account])
    first[own] = -position_margins(book, prices, rows[own])
    # of equals the larger loss, then the older position goes first
    return rows[np.lexsort((book.positions.id[book.held[rows]], profit, first, account))]


def position_margins(book: FrozenBook, prices: Prices, rows: Longs) -> Floats:
    """What held positions would use each for itself, without a hedge, in their accounts' currencies."""
    account, symbol = book.account[rows], book.symbol[rows]
    needs = margins.position_margins(book.positions, book.held[rows], book.symbols, book.accounts.leverage[account])
    rate = prices.rates.matrix[book.symbols.margin_currency[symbol], book.accounts.currency[account]]
    return np.asarray(needs * rate)


def margin_of(book: FrozenBook, prices: Prices, rows: Longs) -> float:
    """What held positions of one account use together, in its currency."""
    symbols, cell = np.unique(book.symbol[rows], return_inverse=True)
    return float(_margins(book, prices, rows, cell, len(symbols)).sum())


def _margins(book: FrozenBook, prices: Prices, rows: Longs, cell: Longs, count: int) -> Floats:
    """Margin of `count` cells made of held positions, each of one account and symbol; `cell` is each position's."""
    positions, held = book.positions, book.held[rows]
    made = CellTable()
    slots = made.take_many(count)
    made.clear(slots)
    made.account[cell], made.symbol[cell] = positions.account[held], positions.symbol[held]
    volume, bought = positions.volume[held], positions.side[held] > 0
    cost = volume * positions.open_price[held]
    np.add.at(made.long_volume, cell, volume * bought)
    np.add.at(made.short_volume, cell, volume * ~bought)
    np.add.at(made.long_cost, cell, cost * bought)
    np.add.at(made.short_cost, cell, cost * ~bought)
    np.add.at(made.positions, cell, 1)
    return book.in_own_currency(made, slots, book.margin_needs(made, slots), prices)
