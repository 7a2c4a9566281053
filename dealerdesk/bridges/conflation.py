"""Quotes on their way: the newest of each symbol, and for each client which ones it has not had yet.

The bridge keeps one `QuoteBoard`; each connection a `QuoteView` of it, which hands out what changed since it last did,
however often a symbol ticked meanwhile. At the other end a `QuoteFilter` keeps an older quote from overwriting a newer
one. Prices are integer points; nothing here waits or sends.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dealerdesk.bridges.protocol import ErrorCode, ProtocolError
from dealerdesk.bridges.quotes import QUOTES_PER_FRAME_MAX, QuoteBatch

SYMBOLS_MAX = 65_536
SPAN_US_MAX = 4_000_000_000


class QuoteBoard:
    """The newest quote of every symbol of one bridge, by symbol index."""

    def __init__(self) -> None:
        self.now = 0
        self.bid = np.zeros(0, np.int64)
        self.ask = np.zeros(0, np.int64)
        self.time_us = np.zeros(0, np.int64)
        self.counter = np.zeros(0, np.uint32)
        self.changed = np.zeros(0, np.int64)

    def publish(self, index: ArrayLike, bid: ArrayLike, ask: ArrayLike, time_us: ArrayLike | int) -> None:
        """Parallel arrays; `time_us` may be one moment for all. The last of a repeated index stands."""
        where = np.asarray(index, np.int64)
        if not len(where):
            return
        if int(where.min()) < 0 or int(where.max()) >= SYMBOLS_MAX:
            raise ValueError(f"quotes: symbol index outside 0 … {SYMBOLS_MAX - 1}")
        self._grow(int(where.max()) + 1)
        self.now += 1
        self.bid[where] = bid
        self.ask[where] = ask
        self.time_us[where] = time_us
        self.counter[where] += 1
        self.changed[where] = self.now

    def _grow(self, count: int) -> None:
        more = count - len(self.bid)
        if more <= 0:
            return
        for name in ("bid", "ask", "time_us", "counter", "changed"):
            column = getattr(self, name)
            setattr(self, name, np.concatenate((column, np.zeros(more, column.dtype))))


class QuoteView:
    """What one client has had of a board."""

    def __init__(self, board: QuoteBoard) -> None:
        self._board = board
        self._seen = 0

    @property
    def has_news(self) -> bool:
        return self._board.now > self._seen

    def forget(self) -> None:
        """The next batch holds every symbol that was ever quoted."""
        self._seen = 0

    def take(self) -> list[QuoteBatch]:
        """What changed since the last call, as batches that each fit one frame."""
        board = self._board
        index = np.flatnonzero(board.changed > self._seen)
        self._seen = board.now
        batches = []
        for start in range(0, len(index), QUOTES_PER_FRAME_MAX):
            batches += _batches(board, index[start : start + QUOTES_PER_FRAME_MAX])
        return batches


class QuoteFilter:
    """The newest counter of each symbol that a client has let through."""

    def __init__(self) -> None:
        self._counter = np.zeros(0, np.uint32)
        self._known = np.zeros(0, np.bool_)

    def current(self, batch: QuoteBatch) -> QuoteBatch:
        """The batch without quotes older than what came; ProtocolError for an impossible index. The same quote again
        passes: after a snapshot a bridge sends all of them once more."""
        if not len(batch):
            return batch
        top = int(batch.index.max())
        if top >= SYMBOLS_MAX:
            raise ProtocolError(ErrorCode.MALFORMED, f"quotes: symbol index {top}, at most {SYMBOLS_MAX - 1}")
        if top >= len(self._counter):
            more = top + 1 - len(self._counter)
            self._counter = np.concatenate((self._counter, np.zeros(more, np.uint32)))
            self._known = np.concatenate((self._known, np.zeros(more, np.bool_)))
        # counters wrap at 2^32, so «older» is the sign of their difference
        behind = (batch.counter - self._counter[batch.index]).astype(np.int32) < 0
        fresh = ~(behind & self._known[batch.index])
        if not fresh.all():
            batch = _select(batch, np.flatnonzero(fresh))
        self._counter[batch.index] = batch.counter
        self._known[batch.index] = True
        return batch


def _batches(board: QuoteBoard, index: NDArray[np.intp]) -> list[QuoteBatch]:
    """One batch, or two where the quotes lie further apart than an offset can say."""
    times = board.time_us[index]
    near = times >= times.max() - SPAN_US_MAX
    groups = [index] if near.all() else [index[~near], index[near]]
    batches = []
    for group in groups:
        base_us = max(int(board.time_us[group].max()) - SPAN_US_MAX, int(board.time_us[group].min()), 0)
        offset_us = np.maximum(board.time_us[group] - base_us, 0).astype(np.uint32)
        batches.append(
            QuoteBatch(
                base_us,
                group.astype(np.uint32),
                board.counter[group],
                offset_us,
                board.bid[group],
                board.ask[group],
            )
        )
    return batches


def _select(batch: QuoteBatch, where: NDArray[np.intp]) -> QuoteBatch:
    return QuoteBatch(
        batch.base_us,
        batch.index[where],
        batch.counter[where],
        batch.offset_us[where],
        batch.bid[where],
        batch.ask[where],
    )
