"""Net exposure as bars: the rows of the exposure in view, greatest first. The exposure panel is the table of it."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from PySide6.QtWidgets import QWidget

from dealerdesk.desk.chart import Bar, BarChart
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.numbers import compact
from dealerdesk.desk.panel import Panel
from dealerdesk.desk.panels.exposure_rows import NAMES, greyed
from dealerdesk.desk.panels.staleness import all_stale_text, stale_words
from dealerdesk.desk.table.rows import Mask
from dealerdesk.desk.theme import Tone
from dealerdesk.live.exposure import Dimension, Exposure, exposure
from dealerdesk.live.frame import Frame

BARS_MAX = 40
DRAWN_EVERY_US = 250_000
"""Bars are compared, not read: four times a second is often enough."""


class BarsPanel(Panel):
    """Horizontal bars of net exposure in the reporting currency, from the clients' side."""

    name = "bars"
    title = "Net exposure"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.chart = BarChart("net-exposure", self)
        self.chart.set_empty_text("No open positions yet.")
        self.body.addWidget(self.chart)
        self._drawn_us = 0
        self.chart.selected.connect(self._select)
        desk.selection.exposure_selected.connect(self._follow)

    def beat(self, frame: Frame) -> None:
        if frame.version.structure != self.desk.state.version.structure:
            # symbols or accounts that this frame does not know: its successor is on its way
            return
        if 0 <= frame.time_us - self._drawn_us < DRAWN_EVERY_US:
            return
        self._drawn_us = frame.time_us
        found = exposure(self.desk.state, frame, self._dimension(), currency=self.desk.preferences().currency)
        grey = greyed(found, all_stale_text(self.desk.state) is not None)
        self.chart.set_bars(bars(found, grey))
        total = compact(found.totals()["net_usd"])
        stale = stale_words(self.desk.state)
        facts = f"by {NAMES[found.dimension]} · {total} {found.currency} in all · clients’ side"
        self.set_facts(stale or facts, Tone.ATTENTION if stale else Tone.SECONDARY)

    def _dimension(self) -> Dimension:
        chosen = self.desk.selection.exposure
        return chosen[0] if chosen is not None and chosen[0] in NAMES else Dimension.INSTRUMENT

    def _select(self, key: Hashable) -> None:
        self.desk.selection.select_exposure(self._dimension(), key)

    def _follow(self, _dimension: Dimension, key: Hashable) -> None:
        self.chart.set_current(key)
        self._drawn_us = 0
        if self.isVisible():
            self.beat(self.desk.frame())


def bars(found: Exposure, grey: Mask) -> list[Bar]:
    """The rows with the largest net exposure as bars, the largest first; at most BARS_MAX."""
    net = np.nan_to_num(found.net_usd)
    order = np.argsort(-np.abs(net), kind="stable")[:BARS_MAX]
    return [
        Bar(found.keys[row], found.labels[row], float(net[row]), compact(float(net[row])), stale=bool(grey[row]))
        for row in order
        if net[row]
    ]
