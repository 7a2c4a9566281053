"""The row of fields under the headings where filters are typed. Says what was typed; reads nothing into it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from dealerdesk.desk import theme as look
from dealerdesk.desk.table.arrangement import Placement
from dealerdesk.desk.table.column import Column, Kind

FILTER_ROW_PX = 24
HINTS = {
    Kind.TEXT: "contains",
    Kind.BOOK: "A,C",
    Kind.TIME: ">14:30",
    Kind.AGE: ">2s",
    Kind.PERCENT: "<100",
    Kind.BAR: ">80",
}
FIGURE_HINT = ">100"


class FilterField(QLineEdit):
    """The field of one column."""

    def __init__(self, column: Column, parent: QWidget) -> None:
        super().__init__(parent)
        self.column_key = column.key
        self.setPlaceholderText(HINTS.get(column.kind, FIGURE_HINT))
        self.setAccessibleName(f"Filter {column.title}")
        if not column.kind.is_words:
            self.setAlignment(Qt.AlignmentFlag.AlignRight)

    def show_problem(self, problem: str) -> None:
        """Marks what was typed as unreadable and says why; an empty sentence takes the mark away."""
        if bool(self.property("problem")) != bool(problem):
            self.setProperty("problem", bool(problem))
            look.restyle(self)
        self.setToolTip(problem)


class FilterRow(QWidget):
    """A field for each column shown. Down or Enter goes back to the rows, Esc clears and closes."""

    typed = Signal(str, str)
    left_for_rows = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._fields: dict[str, FilterField] = {}

    def sizeHint(self) -> QSize:
        return QSize(0, FILTER_ROW_PX)

    def show_placement(self, placement: Placement, offset: int, texts: Mapping[str, str]) -> None:
        """Puts the fields under their columns; fields of columns out of sight are hidden."""
        seen = set()
        for placed in placement.columns:
            column = placed.column
            field = self._fields.get(column.key) or self._make(column)
            x = placement.view_x(placed, offset)
            visible = placed.frozen or x >= placement.frozen_width
            field.setGeometry(x + 1, 1, placed.width - 2, FILTER_ROW_PX - 3)
            field.setVisible(visible)
            wanted = texts.get(column.key, "")
            if field.text() != wanted and not field.hasFocus():
                field.setText(wanted)
            seen.add(column.key)
        for key, field in self._fields.items():
            if key not in seen:
                field.hide()

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Marks the fields that cannot be read."""
        for key, field in self._fields.items():
            field.show_problem(problems.get(key, ""))

    def clear(self) -> None:
        """Empties every field without saying that something was typed."""
        for field in self._fields.values():
            blocked = field.blockSignals(True)
            field.clear()
            field.blockSignals(blocked)

    def forget(self) -> None:
        """Takes all fields away, for other columns."""
        for field in self._fields.values():
            field.deleteLater()
        self._fields.clear()

    def focus_field(self, key: str) -> None:
        """Puts the cursor into a column's field."""
        field = self._fields.get(key)
        if field is not None:
            field.setFocus(Qt.FocusReason.ShortcutFocusReason)
            field.selectAll()

    def field(self, key: str) -> FilterField:
        """The field of a column; raises KeyError when the column has not been shown."""
        return self._fields[key]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape:
                self.closed.emit()
            case Qt.Key.Key_Down | Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.left_for_rows.emit()
            case _:
                super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), look.current().colour("raised"))
            painter.fillRect(0, self.height() - 1, self.width(), 1, look.current().colour("line"))

    def _make(self, column: Column) -> FilterField:
        field = FilterField(column, self)
        field.textEdited.connect(self._on_edited)
        self._fields[column.key] = field
        return field

    def _on_edited(self, text: str) -> None:
        field = self.sender()
        if isinstance(field, FilterField):
            self.typed.emit(field.column_key, text)
