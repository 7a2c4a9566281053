"""The headings of a table: a click sorts, Shift and a click adds to the sort, an edge resizes, dragging reorders."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from dealerdesk.desk import theme as look
from dealerdesk.desk.table.arrangement import Placed, Placement
from dealerdesk.desk.table.column import Column
from dealerdesk.desk.table.order import SortKey
from dealerdesk.desk.theme import HEADER_PX, PAD_PX, SMALL_PX, Tone, Weight

GRIP_PX = 4
_ALIGN_FIGURE = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ALIGN_WORDS = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
ARROWS = {True: "↓", False: "↑"}


class Header(QWidget):
    """Draws the headings and turns mouse work on them into signals."""

    sort_clicked = Signal(str, bool)
    """The column and whether it is added to the sort."""
    resized = Signal(str, int)
    """The column and its new width; nought gives the width back to the table."""
    moved = Signal(str, object)
    """The column and the key of the one it now stands before, None at the end."""
    menu_asked = Signal(object, QPoint)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self._placement = Placement()
        self._offset = 0
        self._sort: Sequence[SortKey] = ()
        self._filtered: frozenset[str] = frozenset()
        self._pressed: Placed | None = None
        self._resizing = False
        self._press_x = 0
        self._drag_x: int | None = None

    def sizeHint(self) -> QSize:
        return QSize(0, HEADER_PX)

    def show_placement(
        self, placement: Placement, offset: int, sort: Sequence[SortKey], filtered: frozenset[str]
    ) -> None:
        """Takes over where the columns stand, the sort and which columns are filtered."""
        self._placement, self._offset, self._sort, self._filtered = placement, offset, tuple(sort), filtered
        self.update()

    def least_width(self, column: Column) -> int:
        """The width a heading needs, with its arrow, in logical pixels."""
        metrics = QFontMetrics(look.font(SMALL_PX, Weight.MEDIUM))
        return metrics.horizontalAdvance(column.heading) + 2 * PAD_PX + 1

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            theme = look.current()
            painter.fillRect(self.rect(), theme.colour("panel"))
            painter.fillRect(0, self.height() - 1, self.width(), 1, theme.colour("line"))
            frozen = self._placement.frozen_width
            painter.setClipRect(frozen, 0, self.width() - frozen, self.height())
            for placed in self._placement.columns:
                if not placed.frozen:
                    self._paint_heading(painter, placed)
            painter.setClipping(False)
            for placed in self._placement.columns:
                if placed.frozen:
                    self._paint_heading(painter, placed)
            if self._drag_x is not None:
                before = self._drop_before(self._drag_x)
                x = self._view_x(before) if before else self._placement.width - self._offset
                painter.fillRect(x - 1, 0, 2, self.height(), theme.colour("accent"))

    def _paint_heading(self, painter: QPainter, placed: Placed) -> None:
        theme, column = look.current(), placed.column
        place = next((n for n, (key, _) in enumerate(self._sort) if key == column.key), None)
        dragged = self._drag_x is not None and self._pressed is not None and placed == self._pressed
        tone = Tone.NORMAL if place is not None or column.key in self._filtered else Tone.SECONDARY
        painter.setFont(look.font(SMALL_PX, Weight.MEDIUM))
        painter.setPen(theme.ink(Tone.FAINT if dragged else tone))
        x, width = self._view_x(placed), placed.width
        rect = QRect(x + PAD_PX, 0, width - 2 * PAD_PX, self.height() - 1)
        words = column.kind.is_words
        painter.drawText(rect, _ALIGN_WORDS if words else _ALIGN_FIGURE, column.heading)
        advance = painter.fontMetrics().horizontalAdvance(column.heading)
        if place is not None:
            arrow = ARROWS[self._sort[place][1]] + (str(place + 1) if len(self._sort) > 1 else "")
            painter.setPen(theme.colour("accent"))
            self._paint_mark(painter, rect, advance, words, arrow)
        if column.key in self._filtered:
            painter.fillRect(rect.x(), self.height() - 2, rect.width(), 2, theme.colour("accent"))

    def _paint_mark(self, painter: QPainter, rect: QRect, advance: int, words: bool, arrow: str) -> None:
        """The arrow of a sort: beside the heading where there is room, else in the padding at the far side."""
        arrow_width = painter.fontMetrics().horizontalAdvance(arrow)
        if words:
            painter.drawText(rect.x() + advance + 3, 0, arrow_width + 2, rect.height(), _ALIGN_WORDS, arrow)
        else:
            right = rect.right() - advance - 2
            painter.drawText(right - arrow_width, 0, arrow_width + 1, rect.height(), _ALIGN_WORDS, arrow)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        self._press_x = event.position().toPoint().x()
        grip = self._grip_at(self._press_x)
        self._resizing = grip is not None
        self._pressed = grip or self.placed_at(self._press_x)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().toPoint().x()
        if self._pressed is None:
            over = self._grip_at(x) is not None
            self.setCursor(Qt.CursorShape.SplitHCursor if over else Qt.CursorShape.ArrowCursor)
        elif self._resizing:
            self.resized.emit(self._pressed.column.key, max(1, x - self._view_x(self._pressed)))
        elif self._drag_x is not None or abs(x - self._press_x) >= QApplication.startDragDistance():
            self._drag_x = x
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, drag_x, resizing = self._pressed, self._drag_x, self._resizing
        self._pressed, self._drag_x, self._resizing = None, None, False
        if pressed is None or resizing:
            return
        if drag_x is None:
            added = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.sort_clicked.emit(pressed.column.key, added)
        else:
            before = self._drop_before(drag_x)
            self.moved.emit(pressed.column.key, before.column.key if before else None)
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        grip = self._grip_at(event.position().toPoint().x())
        if grip is not None:
            self.resized.emit(grip.column.key, 0)
        else:
            self.mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        placed = self.placed_at(event.pos().x())
        self.menu_asked.emit(placed.column.key if placed else None, event.globalPos())

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip:
            place = self.mapFromGlobal(self.cursor().pos())
            placed = self.placed_at(place.x())
            QToolTip.showText(self.cursor().pos(), self._tip(placed) if placed else "", self)
            return True
        return super().event(event)

    def _tip(self, placed: Placed) -> str:
        said = placed.column.tip or placed.column.title
        left = ", ".join(column.title for column in self._placement.left_out)
        return f"{said}\nNo room for: {left}" if left else said

    def placed_at(self, x: int) -> Placed | None:
        """The column whose heading is at `x` of this widget."""
        frozen = self._placement.frozen_width
        for placed in self._placement.columns:
            if (placed.frozen or x >= frozen) and self._view_x(placed) <= x < self._view_x(placed) + placed.width:
                return placed
        return None

    def _grip_at(self, x: int) -> Placed | None:
        for placed in reversed(self._placement.columns):
            if abs(self._view_x(placed) + placed.width - x) <= GRIP_PX:
                return placed
        return None

    def _drop_before(self, x: int) -> Placed | None:
        for placed in self._placement.columns:
            if x < self._view_x(placed) + placed.width // 2:
                return placed
        return None

    def _view_x(self, placed: Placed) -> int:
        return self._placement.view_x(placed, self._offset)
