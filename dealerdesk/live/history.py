"""Exposure and results over the session, for the chart. Bounded: when it is full every second sample goes and the step
doubles, so the whole session stays in sight. Kept in float32, for the eye and not for the books.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dealerdesk.clock import SECOND_US
from dealerdesk.live.dimensions import Dimension, by_symbol
from dealerdesk.live.frame import Frame
from dealerdesk.live.registry import Registry
from dealerdesk.live.sums import SymbolSums, View, symbol_sums
from dealerdesk.live.tables import BOOKS

TOTAL = ("total", "total")
KEPT = (Dimension.INSTRUMENT, Dimension.ASSET_CLASS, Dimension.SERVER)
ROOM = 64
"""Columns besides those of the instruments that are known at the start; more are added as they appear."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Series:
    """Oldest first: seconds since 1970 UTC, the clients' net notional, the dealer's net notional, the clients' session
    result, in the history's currency; nan where a row did not exist yet."""

    time_s: Floats
    net_usd: Floats
    kept_usd: Floats
    session_usd: Floats


class History:
    """Samples of the session, taken from frames as they come by."""

    def __init__(self, state: Registry, every_s: float = 5, samples_max: int = 1440, currency: str = "USD") -> None:
        self._currency = currency
        self._step_us = int(every_s * SECOND_US)
        self._columns: dict[tuple[str, Hashable], int] = {}
        self._time_us = np.zeros(samples_max, np.int64)
        room = ROOM + len(state.instrument_codes.names)
        self._values = np.full((samples_max, 3, room), np.nan, np.float32)
        self.count = 0

    @property
    def step_s(self) -> float:
        """Seconds between samples now."""
        return self._step_us / SECOND_US

    def sample(self, state: Registry, frame: Frame) -> bool:
        """Takes a sample when one is due; whether it did. Frames of the past are left out."""
        if self.count and frame.time_us - self._time_us[self.count - 1] < self._step_us:
            return False
        if self.count == len(self._time_us):
            self._thin()
            if frame.time_us - self._time_us[self.count - 1] < self._step_us:
                return False
        self._time_us[self.count] = frame.time_us
        self._values[self.count] = np.nan
        self._write(state, frame)
        self.count += 1
        return True

    def series(self, dimension: Dimension, key: Hashable) -> Series | None:
        """What is kept of an instrument, asset class, server or book; None when nothing is."""
        return self._series((str(dimension), key))

    def total(self) -> Series | None:
        """Everything together."""
        return self._series(TOTAL)

    def _series(self, name: tuple[str, Hashable]) -> Series | None:
        column = self._columns.get(name)
        if column is None:
            return None
        values = self._values[: self.count, :, column].astype(np.float64)
        return Series(self._time_us[: self.count] / SECOND_US, values[:, 0], values[:, 1], values[:, 2])

    def _thin(self) -> None:
        kept = (self.count + 1) // 2
        self._time_us[:kept] = self._time_us[: self.count : 2].copy()
        self._values[:kept] = self._values[: self.count : 2].copy()
        self.count = kept
        self._step_us *= 2

    def _write(self, state: Registry, frame: Frame) -> None:
        value = frame.lot_notional(self._currency)
        clients = symbol_sums(state, frame, View.CLIENTS, self._currency)
        dealer = symbol_sums(state, frame, View.DEALER, self._currency)
        figures = (_notional(clients, value), _notional(dealer, value), clients.session)
        for dimension in KEPT:
            rows = by_symbol(state, dimension, len(frame.mid))
            sums = [np.bincount(rows.codes + 1, figure, len(rows.keys) + 1)[1:] for figure in figures]
            for number, key in enumerate(rows.keys):
                self._put((str(dimension), key), *(float(column[number]) for column in sums))
        for number, book in enumerate(BOOKS):
            own = symbol_sums(state, frame, View.CLIENTS, self._currency, book=number)
            kept = _worth(dealer.book_net[number], value)
            net = float(_notional(own, value).sum())
            self._put((str(Dimension.BOOK), str(book)), net, float(kept.sum()), float(own.session.sum()))
        self._put(TOTAL, *(float(figure.sum()) for figure in figures))

    def _put(self, name: tuple[str, Hashable], *figures: float) -> None:
        column = self._columns.setdefault(name, len(self._columns))
        if column >= self._values.shape[2]:
            more = np.full(self._values.shape, np.nan, np.float32)
            self._values = np.concatenate((self._values, more), axis=2)
        self._values[self.count, :, column] = figures


def _notional(sums: SymbolSums, value: Floats) -> Floats:
    return _worth(sums.bought - sums.sold, value)


def _worth(lots: Floats, value: Floats) -> Floats:
    """lots × value, and 0 where there are no lots even if there is no price."""
    worth: Floats = np.where(lots != 0, lots * value, 0.0)
    return worth
