"""Quotes: every symbol of every server with its spread, its day and the age of its price."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.numbers import counted, integer
from dealerdesk.desk.panel import Panel
from dealerdesk.desk.panels.quote_rows import QUOTE_COLUMNS, QuoteRows
from dealerdesk.desk.panels.row_menu import RowMenu, Subject
from dealerdesk.desk.table import TableView
from dealerdesk.desk.theme import Tone
from dealerdesk.live.frame import Frame


class QuotesPanel(Panel):
    """The table of quotes. The current row is the desk's selected symbol."""

    name = "quotes"
    title = "Quotes"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.rows = QuoteRows(desk.state, desk.frame())
        self.table = TableView("quotes", QUOTE_COLUMNS, self, memory=desk.memory, title="symbols")
        self.table.set_empty_text("No symbol is known yet.", "They come with each bridge's snapshot: see Bridges, F8.")
        self.table.show_rows(self.rows)
        self.body.addWidget(self.table)
        self.menu = RowMenu(desk, self.table, quote_subject)
        self.table.selected.connect(self._select)
        self.table.activated.connect(self._open)
        desk.selection.symbol_selected.connect(self._follow)

    def beat(self, frame: Frame) -> None:
        self.rows.take(frame)
        self.table.refresh()
        self._tell()

    def refocus(self) -> None:
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _select(self, key: Hashable) -> None:
        if isinstance(key, tuple):
            self.desk.selection.select_symbol(*key)

    def _open(self, key: Hashable) -> None:
        self._select(key)
        self.desk.open_panel("positions")

    def _follow(self, server: str, name: str) -> None:
        self.table.select_key((server, name))

    def _tell(self) -> None:
        alive = self.desk.state.symbols.alive[: self.rows.count()]
        late = int(np.count_nonzero(self.rows.hours.late(self.rows.frame) & alive))
        words = counted(int(np.count_nonzero(alive)), "symbols")
        self.set_facts(f"{words} · {integer(late)} late" if late else words, Tone.ATTENTION if late else Tone.SECONDARY)


def quote_subject(key: Hashable) -> Subject:
    """A quote's row is about its symbol."""
    return Subject(symbol=key) if isinstance(key, tuple) else Subject()
