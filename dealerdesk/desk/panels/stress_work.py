"""Has stress tests and value at risk computed in another thread, on a copy of the book, and keeps what was found.

The book is copied in the desk's own thread, which takes less than a frame; everything else happens elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from dealerdesk.desk.desk import Desk
from dealerdesk.live.frame import compute
from dealerdesk.live.frozen_book import FrozenBook, freeze
from dealerdesk.live.scenarios import Scenario
from dealerdesk.live.stress import Curve, StressResult, curve, run
from dealerdesk.live.value_at_risk import PriceHistory, ValueAtRisk, value_at_risk
from dealerdesk.store.quote_history import middles_at, moments_before

OBSERVATIONS_MAX = 750
Elsewhere = Callable[..., Coroutine[Any, Any, Any]]


class StressWork(QObject):
    """`results` of the newest run, all of one moment; the first one has the `curve`."""

    found = Signal()
    curve_found = Signal()
    risk_found = Signal()
    began = Signal()

    def __init__(self, desk: Desk, parent: QObject, elsewhere: Elsewhere = asyncio.to_thread) -> None:
        super().__init__(parent)
        self.results: tuple[tuple[Scenario, StressResult], ...] = ()
        self.curve: Curve | None = None
        self.risk: ValueAtRisk | None = None
        self.is_running = self.is_reading = False
        self.elsewhere = elsewhere
        self._desk = desk
        self._next: tuple[tuple[Scenario, ...], bool] | None = None

    def start(self, scenarios: Sequence[Scenario], protected: bool) -> None:
        """Runs these on the book of this moment; while a run is going on, the newest request is the next one."""
        self._next = (tuple(scenarios), protected)
        if not self.is_running:
            self.is_running = True
            self._desk.run(self._run())

    def start_risk(self, step_us: int) -> None:
        """Reads the recorded prices and simulates over this horizon."""
        if not self.is_reading:
            self.is_reading = True
            self._desk.run(self._simulate(step_us))

    async def _run(self) -> None:
        try:
            while self._next is not None:
                (scenarios, protected), self._next = self._next, None
                self.began.emit()
                book, currency = self._book(), self._desk.preferences().currency
                made = [
                    (scenario, await self.elsewhere(run, book, scenario.shocks, currency, protected))
                    for scenario in scenarios
                ]
                self.results, self.curve = tuple(made), None
                self.found.emit()
                if self._next is None and made:
                    self.curve = await self.elsewhere(curve, made[0][1])
                    self.curve_found.emit()
        finally:
            self.is_running = False

    async def _simulate(self, step_us: int) -> None:
        try:
            book = self._book()
            moments = moments_before(self._desk.library.database_us(), step_us, OBSERVATIONS_MAX)
            prices = {}
            for instrument, server, symbol in held_symbols(book):
                found = await self._desk.library.read(middles_at, server, symbol, moments)
                prices[instrument] = np.array([np.nan if price is None else price for price in found])
            past = PriceHistory(step_us, np.array(moments, np.int64), prices)
            self.risk = await self.elsewhere(value_at_risk, book, past, self._desk.preferences().currency)
            self.risk_found.emit()
        finally:
            self.is_reading = False

    def _book(self) -> FrozenBook:
        platforms = {endpoint.server: endpoint.platform for endpoint in self._desk.profile.endpoints}
        state = self._desk.state
        return freeze(state, compute(state, self._desk.clock()), platforms)


def held_symbols(book: FrozenBook) -> list[tuple[str, str, str]]:
    """(instrument, server, symbol) for each instrument with positions, by the first symbol that holds some."""
    held: dict[str, tuple[str, str]] = {}
    for slot in np.unique(book.symbol).tolist():
        symbols = book.symbols
        held.setdefault(symbols.instrument_name[slot], (symbols.server_name[slot], symbols.name[slot]))
    return [(instrument, server, symbol) for instrument, (server, symbol) in sorted(held.items())]
