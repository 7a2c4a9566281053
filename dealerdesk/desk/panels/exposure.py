"""Exposure: what the book stands to win or lose, by any dimension, from the clients' side or the dealer's.

Enter on a row opens the positions behind it; Backspace or Esc comes back. The current row is the desk's exposure
selection, which the session chart and the bars follow.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QStackedWidget, QWidget

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.numbers import clock_time, counted, integer
from dealerdesk.desk.panel import Panel
from dealerdesk.desk.panels.account_rows import in_currency
from dealerdesk.desk.panels.choice import Choice, Option
from dealerdesk.desk.panels.exposure_rows import EXPOSURE_COLUMNS, LABEL_WIDTHS, NAMES, ExposureRows
from dealerdesk.desk.panels.exposure_why import SIDES, exposure_derivations
from dealerdesk.desk.panels.identity import labels_of
from dealerdesk.desk.panels.position_table import PositionTableView
from dealerdesk.desk.panels.row_menu import RowMenu, Subject, sort_first
from dealerdesk.desk.panels.staleness import stale_words
from dealerdesk.desk.table import Column, TableView
from dealerdesk.desk.table.rows import Index
from dealerdesk.desk.theme import Tone
from dealerdesk.live.exposure import Dimension, Exposure, View, exposure, rows_behind
from dealerdesk.live.frame import Frame

DIMENSIONS = tuple(Option(which.value, f"by {name}", str(i)) for i, (which, name) in enumerate(NAMES.items(), 1))
VIEWS = tuple(Option(view.value, words, "") for view, words in SIDES.items())
SLOW = frozenset((Dimension.CURRENCY, Dimension.ASSET_CLASS, Dimension.GROUP, Dimension.CLIENT))
SLOW_EVERY_US = 250_000
"""These dimensions look at every account or cell: a few times a second is often enough for them."""
OTHER_SIDE_KEY = "0"
BACK_KEYS = ("Backspace", "Esc", "Alt+Left")


class ExposurePanel(Panel):
    """The table of exposure and, a level deeper, the positions behind one of its rows."""

    name = "exposure"
    title = "Exposure"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.currency = desk.preferences().currency
        self.behind: Hashable | None = None
        self._time_us = desk.frame().time_us
        self.dimension = Choice(self, "exposure-dimension", DIMENSIONS, "Exposure by")
        self.side = Choice(self, "exposure-side", VIEWS, "Signs from")
        self.rows = ExposureRows(desk.state, desk.frame(), self._computed(desk.frame()))
        self.table = TableView("exposure", self._columns(), self, memory=desk.memory, title="rows")
        self.labels = labels_of(desk.state)
        self.positions = PositionTableView(desk, "exposure-positions", self.labels, self)
        self.levels = QStackedWidget(self)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.add_control(self.dimension)
        self.add_control(self.side)
        self.table.set_empty_text("No open positions yet.", "They come with each bridge's snapshot: see Bridges, F8.")
        self.table.show_rows(self.rows)
        sort_first(self.table, self.desk.memory, [("size", True)])
        self.levels.addWidget(self.table)
        self.levels.addWidget(self.positions.table)
        self.body.addWidget(self.levels)
        self.back = self._action("Back", BACK_KEYS, self._back)
        self.other_side = self._action("Other side", (OTHER_SIDE_KEY,), self.side.next)

    def _connect(self) -> None:
        self.menu = RowMenu(
            self.desk, self.table, self._subject, exposure_derivations(self.desk.state, self._view_now, self.rows.label)
        )
        self.dimension.chosen.connect(self._changed)
        self.side.chosen.connect(self._changed)
        self.table.selected.connect(self._select)
        self.table.activated.connect(self._open)
        self.table.shown_changed.connect(self._tell)
        self.positions.table.shown_changed.connect(self._tell)

    def beat(self, frame: Frame) -> None:
        if self.behind is not None:
            self.positions.beat(frame, self._slots_behind)
        else:
            self._take(frame)
            self.table.refresh()
        self._tell()

    def refocus(self) -> None:
        current = self.levels.currentWidget()
        if current is not None:
            current.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _view_now(self) -> tuple[Dimension, View, str]:
        return Dimension(self.dimension.value), View(self.side.value), self.currency

    def _take(self, frame: Frame) -> None:
        if frame.version.structure != self.desk.state.version.structure:
            # symbols or accounts that this frame does not know: its successor is on its way
            return
        pause_us = SLOW_EVERY_US if self.dimension.value in SLOW else 0
        if not 0 <= frame.time_us - self._time_us < pause_us:
            self._time_us = frame.time_us
            self.rows.take(frame, self._computed(frame))

    def _computed(self, frame: Frame) -> Exposure:
        dimension, view, currency = self._view_now()
        return exposure(self.desk.state, frame, dimension, view, currency)

    def _columns(self) -> tuple[Column, ...]:
        dimension = Dimension(self.dimension.value)
        first, *others = in_currency(EXPOSURE_COLUMNS, self.currency)
        width = LABEL_WIDTHS.get(dimension, first.width)
        return (replace(first, title=NAMES[dimension].capitalize(), width=width), *others)

    def _changed(self) -> None:
        self._back_to_rows()
        frame = self.desk.frame()
        self.rows.take(frame, self._computed(frame))
        self.table.set_columns(self._columns())
        self.table.show_rows(self.rows)
        self._tell()

    def _select(self, key: Hashable) -> None:
        self.desk.selection.select_exposure(Dimension(self.dimension.value), key)

    def _open(self, key: Hashable) -> None:
        self.behind = key
        self._select(key)
        self.back.setEnabled(True)
        self.positions.renew(self.desk.frame(), self._slots_behind)
        self.levels.setCurrentWidget(self.positions.table)
        self.positions.table.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._tell()

    def _back(self) -> None:
        if self.positions.table.filters():
            self.positions.table.clear_filters()
            self.positions.table.show_filter_row(False)
            return
        self._back_to_rows()
        self._take(self.desk.frame())
        self.table.refresh()
        self.table.setFocus()
        self._tell()

    def _back_to_rows(self) -> None:
        self.behind = None
        self.back.setEnabled(False)
        self.levels.setCurrentWidget(self.table)

    def _slots_behind(self) -> Index:
        slots = rows_behind(self.desk.state, Dimension(self.dimension.value), self.behind)
        return np.sort(np.asarray(slots, dtype=np.intp))

    def _subject(self, key: Hashable) -> Subject:
        match Dimension(self.dimension.value), key:
            case Dimension.SYMBOL, (str(server), str(name)):
                return Subject(symbol=(server, name))
            case _:
                return Subject()

    def _tell(self) -> None:
        if self.behind is not None:
            self.set_title(f"Exposure › {self.rows.label(self.behind)}")
            shown, everything = self.positions.table.counts()
            count = counted(everything, "positions")
            count = f"{integer(shown)} of {count}" if shown != everything else count
            self.set_facts(f"{count} behind it · Backspace back")
            return
        self.set_title("Exposure")
        servers = counted(len(self.desk.state.servers), "servers")
        stale = stale_words(self.desk.state)
        facts = f"{servers} · {clock_time(self._time_us)} UTC"
        self.set_facts(stale or facts, Tone.ATTENTION if stale else Tone.SECONDARY)

    def _action(self, text: str, keys: tuple[str, ...], slot: object) -> QAction:
        action = QAction(text, self)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(slot)
        self.addAction(action)
        return action
