"""The menu on the headings: which columns are shown and pinned, how too little room is met, and the way back."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from dealerdesk.desk.table.arrangement import Arrangement
from dealerdesk.desk.table.column import Column


class ColumnMenu(QMenu):
    """Changes the arrangement in place and says that it did."""

    arranged = Signal()
    reset_asked = Signal()
    filter_asked = Signal()

    def __init__(
        self, arrangement: Arrangement, columns: Mapping[str, Column], under: str | None, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._arrangement = arrangement
        if under is not None:
            self._add_pin(columns[under])
        self._add_check("Scroll sideways for want of room", arrangement.sideways).toggled.connect(self._set_sideways)
        self.addAction("Filter…\tCtrl+F").triggered.connect(self._ask_filter)
        self.addAction("Columns as delivered").triggered.connect(self._ask_reset)
        self.addSeparator()
        for key in arrangement.order:
            action = self._add_check(columns[key].heading.replace("&", "&&"), key not in arrangement.hidden)
            action.setData(key)
            action.toggled.connect(self._set_shown)
            # the last column cannot be hidden: there would be no heading left to bring it back by
            action.setEnabled(key in arrangement.hidden or len(arrangement.order) - len(arrangement.hidden) > 1)

    def _add_check(self, text: str, checked: bool) -> QAction:
        action = self.addAction(text)
        action.setCheckable(True)
        action.setChecked(checked)
        return action

    def _add_pin(self, column: Column) -> None:
        title = column.title.replace("&", "&&")
        pin = self._add_check(f"Pin {title} to the left", column.key in self._arrangement.frozen)
        pin.setData(column.key)
        pin.toggled.connect(self._set_frozen)
        if len(self._arrangement.order) - len(self._arrangement.hidden) > 1:
            hide = self.addAction(f"Hide {title}")
            hide.setData(column.key)
            hide.triggered.connect(self._hide)
        self.addSeparator()

    def _set_frozen(self, frozen: bool) -> None:
        self._arrangement.set_frozen(self._key(), frozen)
        self.arranged.emit()

    def _set_shown(self, shown: bool) -> None:
        self._arrangement.set_hidden(self._key(), not shown)
        self.arranged.emit()

    def _hide(self) -> None:
        self._arrangement.set_hidden(self._key(), True)
        self.arranged.emit()

    def _set_sideways(self, sideways: bool) -> None:
        self._arrangement.sideways = sideways
        self.arranged.emit()

    def _ask_reset(self) -> None:
        self.reset_asked.emit()

    def _ask_filter(self) -> None:
        self.filter_asked.emit()

    def _key(self) -> str:
        action = self.sender()
        if not isinstance(action, QAction):
            raise TypeError("the column menu was changed by something that is no action of it")
        return str(action.data())
