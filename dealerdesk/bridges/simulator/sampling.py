"""Keeps the last quote of each symbol and minute, with the minute's range and count of ticks."""

from __future__ import annotations

import numpy as np

from dealerdesk.bridges.simulator.market import Ticks
from dealerdesk.bridges.simulator.publisher import Publisher
from dealerdesk.bridges.simulator.state import ServerState
from dealerdesk.clock import MINUTE_US

NOTHING_LOW = 2**62


class Sampler:
    """Follows the ticks of one server; symbols that did not tick in a minute get no sample."""

    def __init__(self, state: ServerState, publisher: Publisher, start_us: int) -> None:
        self._state = state
        self._publisher = publisher
        self._minute_us = start_us // MINUTE_US * MINUTE_US
        self._clear()

    def follow(self, ticks: Ticks) -> None:
        """Takes a step's ticks (with the server's mark-up) in; a new minute closes the one before first."""
        minute_us = ticks.start_us // MINUTE_US * MINUTE_US
        if minute_us != self._minute_us:
            self._close()
            self._minute_us = minute_us
        index = ticks.index.astype(np.intp)
        np.maximum.at(self._high, index, ticks.bid)
        np.minimum.at(self._low, index, ticks.bid)
        np.add.at(self._ticks, index, 1)
        self._bid[index] = ticks.bid
        self._ask[index] = ticks.ask

    def _close(self) -> None:
        seen = np.flatnonzero(self._ticks)
        slots = self._state.samples.extend(
            len(seen),
            symbol=seen,
            minute_us=np.full(len(seen), self._minute_us),
            bid=self._bid[seen],
            ask=self._ask[seen],
            high=self._high[seen],
            low=self._low[seen],
            ticks=self._ticks[seen],
        )
        self._publisher.samples(slots.tolist())
        self._clear()

    def _clear(self) -> None:
        count = len(self._state.symbols)
        self._bid, self._ask = np.zeros(count, np.int64), np.zeros(count, np.int64)
        self._high, self._low = np.zeros(count, np.int64), np.full(count, NOTHING_LOW, np.int64)
        self._ticks = np.zeros(count, np.int64)
