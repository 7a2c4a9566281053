"""Takes in quote batches: writes prices, and keeps each symbol's day. Triggers nothing; frames read what is there."""

from __future__ import annotations

import numpy as np

from dealerdesk.bridges.quotes import QuoteBatch
from dealerdesk.clock import DAY_US, SECOND_US
from dealerdesk.live.registry import Registry, Server
from dealerdesk.trading import QuoteSample


def put_quotes(state: Registry, server: Server, batch: QuoteBatch, received_us: int) -> None:
    """The newest quote of each symbol in the batch counts; quotes of unknown symbols wait for the snapshot's end."""
    known = len(server.quote_rows)
    if not len(batch):
        return
    if known == 0 or int(batch.index.max()) >= known:
        slots = np.full(len(batch), -1, np.int64)
        inside = batch.index < known
        slots[inside] = server.quote_rows[batch.index[inside]]
    else:
        slots = server.quote_rows[batch.index]
    if slots.min() < 0:
        if not server.ready:
            # the unknown alone: the others' prices would be older than what has come by then
            server.early_quotes.append((_part(batch, slots < 0), received_us))
        batch, slots = _part(batch, slots >= 0), slots[slots >= 0]
        if not len(slots):
            return
    _write(state, server, batch, slots, received_us)
    state.version.quotes += 1


def _write(state: Registry, server: Server, batch: QuoteBatch, slots: np.ndarray, received_us: int) -> None:
    table = state.symbols
    scale = table.scale[slots]
    bid, time_us = batch.bid / scale, batch.base_us + batch.offset_us.astype(np.int64)
    before = table.bid[slots]
    if np.isnan(before).any():
        state.router.forget()
    table.previous_bid[slots] = before
    table.bid[slots] = bid
    table.ask[slots] = batch.ask / scale
    table.bid_points[slots] = batch.bid
    table.ask_points[slots] = batch.ask
    table.time_us[slots] = time_us
    table.received_us[slots] = received_us
    np.add.at(table.ticks, slots, 1)
    day = (time_us + server.clock_offset_s * SECOND_US) // DAY_US
    fresh = table.day[slots] != day
    if fresh.any():
        # the first quote of the day wins, so it is written last
        first = np.flatnonzero(fresh)[::-1]
        table.day[slots[first]] = day[first]
        table.day_from_us[slots[first]] = time_us[first]
        for column in (table.day_open, table.day_high, table.day_low):
            column[slots[first]] = bid[first]
    np.maximum.at(table.day_high, slots, bid)
    np.minimum.at(table.day_low, slots, bid)


def put_sample(state: Registry, server: Server, row: QuoteSample) -> None:
    """A minute of the past: widens the day's range of its symbol when it belongs to the newest day known."""
    slot = server.symbols.get(row.symbol)
    if slot is None:
        return
    table = state.symbols
    day = (row.minute_us + server.clock_offset_s * SECOND_US) // DAY_US
    if day < table.day[slot]:
        return
    bid, high, low = float(row.bid), float(row.high), float(row.low)
    if day > table.day[slot]:
        table.day[slot], table.day_from_us[slot] = day, row.minute_us
        table.day_open[slot], table.day_high[slot], table.day_low[slot] = bid, high, low
        return
    if row.minute_us < table.day_from_us[slot]:
        table.day_open[slot], table.day_from_us[slot] = bid, row.minute_us
    table.day_high[slot] = np.fmax(table.day_high[slot], high)
    table.day_low[slot] = np.fmin(table.day_low[slot], low)


def _part(batch: QuoteBatch, kept: np.ndarray) -> QuoteBatch:
    index, counter, offset_us = batch.index[kept], batch.counter[kept], batch.offset_us[kept]
    return QuoteBatch(batch.base_us, index, counter, offset_us, batch.bid[kept], batch.ask[kept])
