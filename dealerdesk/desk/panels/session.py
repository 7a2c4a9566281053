"""Session: exposure and P&L of the selection, over the trading session. Draws what the sampler has kept."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtWidgets import QWidget

from dealerdesk.desk.chart import Series, TimeChart
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panel import Panel
from dealerdesk.desk.panels.staleness import all_stale_text, stale_words
from dealerdesk.desk.theme import Tone
from dealerdesk.live.exposure import Dimension
from dealerdesk.live.frame import Frame
from dealerdesk.live.history import Series as Sampled

EVERYTHING = "All"


class SessionPanel(Panel):
    """Net and kept exposure (left) and the session's P&L (right), in the reporting currency, from the clients' side."""

    name = "session"
    title = "Session"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.currency = desk.preferences().currency
        self.chart = TimeChart("session", self)
        self.chart.set_series(
            [
                Series("net", "Net exposure", Tone.POSITIVE, filled=True, axis="left", decimals=0),
                Series("kept", "Kept", Tone.SECONDARY, axis="left", decimals=0),
                Series("session", "P&L today", Tone.NEGATIVE, axis="right", decimals=0),
            ]
        )
        self.chart.set_titles(f"Net exposure {self.currency}", f"P&L today {self.currency}")
        self.chart.set_empty_text("The line begins with the second sample, within ten seconds of the first figures.")
        self.body.addWidget(self.chart)
        self._drawn: tuple[object, float, int] | None = None
        desk.selection.exposure_selected.connect(self._follow)

    def beat(self, _frame: Frame) -> None:
        self._draw()

    def _follow(self) -> None:
        if self.isVisible():
            self._draw()

    def _draw(self) -> None:
        chosen = self.desk.selection.exposure
        label, series = self._sampled(chosen)
        self.set_title(f"{label} · exposure and P&L, session")
        stale = stale_words(self.desk.state)
        self.set_facts(stale or f"{self.currency} · clients’ side", Tone.ATTENTION if stale else Tone.SECONDARY)
        self.chart.set_stale(all_stale_text(self.desk.state))
        if series is None or not len(series.time_s):
            return
        mark = (chosen, float(series.time_s[-1]), len(series.time_s))
        if mark == self._drawn:
            return
        self._drawn = mark
        self.chart.set_data("net", series.time_s, series.net_usd)
        # the dealer holds the opposite of what is kept; the chart shows one side, the clients'
        self.chart.set_data("kept", series.time_s, -series.kept_usd)
        self.chart.set_data("session", series.time_s, series.session_usd)

    def _sampled(self, chosen: tuple[Dimension, Hashable] | None) -> tuple[str, Sampled | None]:
        """What was sampled of the selection; of everything where nothing is kept for it."""
        if chosen is not None and chosen[1] is not None:
            dimension, key = self._coarser(*chosen)
            found = self.desk.sampler.series(dimension, key)
            if found is not None:
                return label_of(dimension, key), found
        return EVERYTHING, self.desk.sampler.total()

    def _coarser(self, dimension: Dimension, key: Hashable) -> tuple[Dimension, Hashable]:
        """A server's symbol is sampled with its instrument."""
        symbols = self.desk.state.symbols
        slot = symbols.slot(*key) if dimension is Dimension.SYMBOL and isinstance(key, tuple) else None
        return (dimension, key) if slot is None else (Dimension.INSTRUMENT, symbols.instrument_name[slot])


def label_of(dimension: Dimension, key: Hashable) -> str:
    """The words for a row of the exposure."""
    match dimension, key:
        case Dimension.BOOK, str(book):
            return f"Book {book}"
        case Dimension.ASSET_CLASS, str(name):
            return name.capitalize()
        case _, str(text):
            return text
        case _:
            return EVERYTHING
