"""The line above a chart: each series' name and its value, now or under the pointer. Names are plain text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from dealerdesk.desk import theme as look
from dealerdesk.desk.theme import PAD_PX, SMALL_PX, Tone, Weight

LEGEND_PX = 20
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Entry:
    """One series: its colour, name and value."""

    colour: QColor
    title: str
    value: str


class Legend(QWidget):
    """Draws the entries from the left; the moment they are of, or a remark, at the right."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedHeight(LEGEND_PX)
        self._entries: Sequence[Entry] = ()
        self._remark = ""
        self._remark_tone = Tone.SECONDARY
        self._focused = False

    def sizeHint(self) -> QSize:
        return QSize(0, LEGEND_PX)

    def show_entries(self, entries: Sequence[Entry], remark: str, remark_tone: Tone) -> None:
        """Takes over what to draw."""
        self._entries, self._remark, self._remark_tone = entries, remark, remark_tone
        self.update()

    def set_focused(self, focused: bool) -> None:
        """Shows whether the chart has the keys."""
        self._focused = focused
        self.update()

    def sentence(self) -> str:
        """The same in words, for screen readers and tests."""
        parts = [f"{entry.title} {entry.value}" for entry in self._entries]
        return ", ".join([*parts, self._remark] if self._remark else parts)

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            theme = look.current()
            painter.fillRect(self.rect(), theme.colour("panel"))
            painter.setFont(look.font(SMALL_PX, Weight.MEDIUM))
            metrics = painter.fontMetrics()
            remark_width = metrics.horizontalAdvance(self._remark)
            painter.setPen(theme.ink(self._remark_tone))
            area = self.rect().adjusted(PAD_PX, 0, -PAD_PX, 0)
            painter.drawText(area, _RIGHT, self._remark)
            x, end = area.left(), area.right() - remark_width - PAD_PX
            for entry in self._entries:
                width = 14 + metrics.horizontalAdvance(f"{entry.title}  {entry.value}")
                if x + width > end:
                    break
                painter.fillRect(x, self.height() // 2 - 1, 9, 2, entry.colour)
                painter.setPen(theme.ink(Tone.SECONDARY))
                painter.drawText(x + 14, 0, width, self.height(), _LEFT, entry.title)
                painter.setPen(entry.colour)
                offset = 14 + metrics.horizontalAdvance(f"{entry.title}  ")
                painter.drawText(x + offset, 0, width, self.height(), _LEFT, entry.value)
                x += width + 16
            if self._focused:
                painter.fillRect(0, 0, self.width(), 1, theme.colour("accent"))
