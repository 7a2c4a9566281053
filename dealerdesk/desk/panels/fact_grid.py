"""A grid of facts: a quiet label, a clear value. Painted, so that twenty live figures cost less than twenty widgets.

Arrows move from figure to figure; Enter or Ctrl+? asks why. It computes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from dealerdesk.desk import theme
from dealerdesk.desk.theme import PAD_PX, ROW_PX, Tone, Weight

COLUMN_PX_MIN = 176
EDGE_PX = 2
LINES_MAX = 40


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. `explained`: it can say why it is what it is."""

    key: str
    label: str
    text: str
    tone: Tone = Tone.NORMAL
    explained: bool = False


class FactGrid(QWidget):
    """As many columns as fit, filled from the top of each; facts are never cut, a narrow grid grows taller."""

    why_asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Facts")
        self._facts: tuple[Fact, ...] = ()
        self._current = 0
        self._longest = 0
        self._lines_max = LINES_MAX
        self._column_px = COLUMN_PX_MIN

    def set_facts(self, facts: Sequence[Fact]) -> None:
        """Shows these facts; repaints only those that changed."""
        before, self._facts = self._facts, tuple(facts)
        self._current = min(self._current, max(0, len(facts) - 1))
        if self._widened() or len(before) != len(facts):
            self._fit()
            self.update()
            return
        for index, (old, new) in enumerate(zip(before, facts, strict=True)):
            if old != new:
                self.update(self._cell(index))

    def set_lines_max(self, lines: int) -> None:
        """Leaves out the last facts where so many lines do not hold them all."""
        if lines != self._lines_max:
            self._lines_max = max(1, lines)
            self._fit()
            self.update()

    def facts(self) -> tuple[Fact, ...]:
        """What is shown."""
        return self._facts

    def current(self) -> Fact | None:
        """The fact under the cursor."""
        return self._facts[self._current] if self._facts else None

    def sizeHint(self) -> QSize:
        return QSize(COLUMN_PX_MIN * 2, self.heightForWidth(max(self.width(), COLUMN_PX_MIN)))

    def minimumSizeHint(self) -> QSize:
        return QSize(COLUMN_PX_MIN, ROW_PX)

    def heightForWidth(self, width: int) -> int:
        return self._lines(self._columns(width)) * ROW_PX + PAD_PX

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, region = theme.current(), event.region()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.colour("panel"))
        fonts = theme.font(), theme.font(weight=Weight.MEDIUM)
        for index, fact in enumerate(self._facts[: self._shown()]):
            cell = self._cell(index)
            if region.intersects(cell):
                self._paint_fact(painter, cell, fact, index == self._current, fonts)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        lines = self._lines(self._columns(self.width()))
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -lines, Qt.Key.Key_Right: lines}
        fact = self.current()
        if event.key() in steps:
            self._go(self._current + steps[Qt.Key(event.key())])
        elif fact is not None and (event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or self._is_why(event)):
            self.why_asked.emit(fact.key)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._go(self._at(event.position().toPoint()))

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        fact = self.current()
        if fact is not None:
            self.why_asked.emit(fact.key)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.update()

    def _is_why(self, event: QKeyEvent) -> bool:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        return control and event.key() in (Qt.Key.Key_Question, Qt.Key.Key_Slash)

    def _go(self, index: int) -> None:
        if 0 <= index < self._shown():
            self._current = index
            fact = self._facts[index]
            self.setAccessibleDescription(f"{fact.label}: {fact.text}")
            self.update()

    def _fit(self) -> None:
        self.setFixedHeight(self.heightForWidth(max(self.width(), COLUMN_PX_MIN)))

    def _columns(self, width: int) -> int:
        return max(1, (width - PAD_PX) // self._column_px)

    def _widened(self) -> bool:
        """Whether a fact became longer than any before: then the columns grow, and they do not shrink again."""
        longest = max((len(fact.label) + len(fact.text) for fact in self._facts), default=0)
        if longest <= self._longest:
            return False
        self._longest = longest
        metrics = QFontMetrics(theme.font(weight=Weight.MEDIUM))
        widest = max(metrics.horizontalAdvance(fact.label + fact.text) for fact in self._facts)
        self._column_px = max(self._column_px, widest + 4 * PAD_PX)
        return True

    def _lines(self, columns: int) -> int:
        return min(self._lines_max, max(1, -(-len(self._facts) // columns)))

    def _shown(self) -> int:
        columns = self._columns(self.width())
        return min(len(self._facts), columns * self._lines(columns))

    def _cell(self, index: int) -> QRect:
        columns = self._columns(self.width())
        lines = self._lines(columns)
        width = self.width() // columns
        return QRect(index // lines * width, PAD_PX // 2 + index % lines * ROW_PX, width, ROW_PX)

    def _at(self, point: QPoint) -> int:
        return next((i for i in range(self._shown()) if self._cell(i).contains(point)), -1)

    def _paint_fact(
        self, painter: QPainter, cell: QRect, fact: Fact, current: bool, fonts: tuple[QFont, QFont]
    ) -> None:
        look = theme.current()
        ground = "selection" if current and self.hasFocus() else "panel"
        if ground == "selection":
            painter.fillRect(cell, look.colour("selection"))
            painter.fillRect(cell.x(), cell.y(), EDGE_PX, cell.height(), look.colour("accent"))
        inner = cell.adjusted(PAD_PX, 0, -PAD_PX, 0)
        painter.setFont(fonts[0])
        painter.setPen(look.ink(Tone.SECONDARY, ground))
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, fact.label)
        painter.setFont(fonts[1])
        painter.setPen(look.ink(fact.tone, ground))
        painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, fact.text)
