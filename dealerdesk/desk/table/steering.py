"""The table under a person's hands: the current row and cell, selection, keys, mouse and tool tips."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QHelpEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QWidget

from dealerdesk.desk.speech import say, show_tip
from dealerdesk.desk.table.canvas import TableCanvas
from dealerdesk.desk.table.cells import cell_sentence
from dealerdesk.desk.table.column import Column
from dealerdesk.desk.table.keyboard import Keyboard, find_beginning
from dealerdesk.desk.theme import ROW_PX

CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
BY_KEYBOARD = (
    Qt.FocusReason.TabFocusReason,
    Qt.FocusReason.BacktabFocusReason,
    Qt.FocusReason.ShortcutFocusReason,
)


class SteeredTable(TableCanvas):
    """Moves the cursor and says where it is. Asking for why, a menu or an export is passed on as a signal."""

    selected = Signal(object)
    """The key of the row that became current by a person's or a panel's doing, never by re-sorting."""
    activated = Signal(object)
    why_asked = Signal(object, str)
    """The key and the column whose figure is to be explained."""
    menu_asked = Signal(object, QPoint)
    export_asked = Signal()
    copy_asked = Signal()
    filter_asked = Signal()

    def __init__(
        self, columns: Sequence[Column], title: str, clock: Callable[[], float], parent: QWidget | None
    ) -> None:
        super().__init__(columns, title, clock, parent)
        self._keyboard = Keyboard(self, clock)

    def current_key(self) -> Hashable | None:
        """The key of the current row, None when there is none or it is gone."""
        return None if self.current_row() is None else self.cursor_at.key

    def current_row(self) -> int | None:
        """The source row of the current key."""
        return self.cursor_at.row(self.contents.rows)

    def current_column(self) -> Column:
        """The column the current cell is in; raises IndexError when the table has no columns."""
        columns = self.stage.placement.columns or self.stage.place(self.viewport().width()).columns
        return columns[min(self.cursor_at.column, len(columns) - 1)].column

    def selected_keys(self) -> list[Hashable]:
        """The keys of the selected rows, in the order shown."""
        return self.cursor_at.selected(self.contents.rows, self.contents.order)

    def select_key(self, key: Hashable | None, reveal: bool = True) -> bool:
        """Makes a key's row current; None selects nothing. False: there is no such row.

        It is brought into sight unless `reveal` is false.
        """
        before = self.cursor_at.key
        found = self.cursor_at.set_key(key, self.contents.rows)
        self._moved(self.cursor_at.key != before, reveal)
        return found

    def reveal_current(self) -> None:
        """Brings the current row into sight, where there is one."""
        self._moved(False)

    # -- what the keys do

    def move_rows(self, by: int, extend: bool) -> None:
        """Moves the current row by so many rows."""
        self._moved(self.cursor_at.step(by, self.contents.rows, self.contents.order, extend))

    def move_pages(self, by: int, extend: bool) -> None:
        """Moves the current row by so many pages."""
        self.move_rows(by * max(1, self.page() - 1), extend)

    def move_to_end(self, last: bool, extend: bool) -> None:
        """Goes to the first or the last row."""
        order = self.contents.order
        self._moved(self.cursor_at.move_to(len(order) - 1 if last else 0, self.contents.rows, order, extend))

    def move_columns(self, by: int) -> None:
        """Moves the current cell to a neighbouring column and brings it into sight."""
        columns = self.stage.placement.columns
        if not columns:
            return
        self.cursor_at.column = min(max(self.cursor_at.column + by, 0), len(columns) - 1)
        placed, across = columns[self.cursor_at.column], self.horizontalScrollBar()
        if not placed.frozen:
            least = placed.right - self.viewport().width()
            across.setValue(min(max(across.value(), least), placed.x - self.stage.placement.frozen_width))
        self._moved(False)

    def find_row(self, beginning: str, onward: bool) -> None:
        """Goes to the next row whose first word column begins so."""
        order, rows = self.contents.order, self.contents.rows
        words = [placed.column for placed in self.stage.placement.columns if placed.column.kind.is_words]
        if not len(order) or not words:
            return
        here = self.cursor_at.position(rows, order)
        start = 0 if here is None else here + int(onward)
        found = find_beginning(rows, words[0], order, beginning, start)
        if found is not None:
            self._moved(self.cursor_at.move_to(found, rows, order))

    def select_all(self) -> None:
        """Selects every row shown."""
        self.cursor_at.select_all(self.contents.rows, self.contents.order)
        self.viewport().update()

    def extend_by_key(self) -> None:
        """Adds the current row to the selection or takes it out."""
        position = self.cursor_at.position(self.contents.rows, self.contents.order)
        if position is not None:
            self.cursor_at.toggle(position, self.contents.rows, self.contents.order)
            self.viewport().update()

    def activate(self) -> None:
        """Opens the current row."""
        if self.current_row() is not None:
            self.activated.emit(self.cursor_at.key)

    def ask_why(self) -> None:
        """Asks where the figure in the current cell comes from."""
        if self.current_row() is not None:
            self.why_asked.emit(self.cursor_at.key, self.current_column().key)

    def ask_menu(self) -> None:
        """Asks for the current row's menu, under the row."""
        position = self.cursor_at.position(self.contents.rows, self.contents.order)
        if position is not None:
            below = self.row_rect(position).bottomLeft() + QPoint(24, 0)
            self.menu_asked.emit(self.cursor_at.key, self.viewport().mapToGlobal(below))

    def ask_copy(self) -> None:
        """Asks for the selection on the clipboard."""
        self.copy_asked.emit()

    def ask_filter(self) -> None:
        """Asks for the row of filter fields."""
        self.filter_asked.emit()

    def ask_export(self) -> None:
        """Asks for the rows in a file."""
        self.export_asked.emit()

    # -- events

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._keyboard.press(event):
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        position = self.position_at(place.y())
        if position is None:
            return
        rows, order, cursor = self.contents.rows, self.contents.order, self.cursor_at
        cursor.column = self._column_at(place.x())
        held = event.modifiers()
        if event.button() is Qt.MouseButton.RightButton and rows.key(int(order[position])) in cursor.keys:
            self._moved(False)
        elif held & CONTROL and event.button() is Qt.MouseButton.LeftButton:
            self._moved(cursor.toggle(position, rows, order))
        else:
            self._moved(cursor.move_to(position, rows, order, extend=bool(held & SHIFT)))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not event.buttons() & Qt.MouseButton.LeftButton or not len(self.contents.order):
            return
        position = self.top() + int(event.position().y()) // ROW_PX
        if position != self.cursor_at.position(self.contents.rows, self.contents.order):
            self._moved(self.cursor_at.move_to(position, self.contents.rows, self.contents.order, extend=True))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.position_at(int(event.position().y())) is not None:
            self.activate()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() is not QContextMenuEvent.Reason.Mouse:
            return  # the keyboard's menu key has come as a key already
        if self.position_at(event.pos().y()) is not None and self.current_row() is not None:
            self.menu_asked.emit(self.cursor_at.key, event.globalPos())

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            show_tip(self.viewport(), event.globalPos(), self._tip_at(event.pos()))
            return True
        return super().viewportEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.cursor_at.key is None and event.reason() in BY_KEYBOARD:
            # there is always a current row to act on, and for a screen reader to read
            self.move_to_end(False, False)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def _moved(self, changed: bool, reveal: bool = True) -> None:
        """After every move of a person: shows the row, tells the panel if it is another, tells screen readers."""
        position = self.cursor_at.position(self.contents.rows, self.contents.order)
        if position is not None and reveal:
            top = self.top()
            self.verticalScrollBar().setValue(min(max(top, position - self.page() + 1), position))
            say(self, self._sentence(position))
        self.viewport().update()
        if changed:
            self.selected.emit(self.cursor_at.key)

    def _sentence(self, position: int) -> str:
        rows, column = self.contents.rows, self.current_column()
        row = int(self.contents.order[position])
        name = self.texts.text(rows, self.stage.placement.columns[0].column, row)
        stale = rows.stale()
        greyed = self.is_stale() or (stale is not None and bool(stale[row]))
        return cell_sentence(
            name, column, self.texts.text(rows, column, row), position, len(self.contents.order), greyed
        )

    def _tip_at(self, place: QPoint) -> str:
        position, index = self.position_at(place.y()), self._column_at(place.x())
        if position is None or index >= len(self.stage.placement.columns):
            return ""
        placed, rows = self.stage.placement.columns[index], self.contents.rows
        row = int(self.contents.order[position])
        if placed.column.tip_key:
            return self.texts.text(rows, replace(placed.column, key=placed.column.tip_key), row)
        text = self.texts.text(rows, placed.column, row)
        return text if placed.column.kind.is_words and self.is_shortened(text, placed) else ""

    def _column_at(self, x: int) -> int:
        under = self.margins.header.placed_at(x)
        columns = self.stage.placement.columns
        return columns.index(under) if under is not None else max(0, len(columns) - 1)
