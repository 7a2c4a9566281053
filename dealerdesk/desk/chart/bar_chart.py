"""Horizontal signed bars around nought: net exposure by whatever it is grouped by. Painted without a plotting library.

A bar's label stands at the left, its value at the right, so neither is ever covered. A click or the arrow keys select.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from math import isfinite
from pathlib import Path

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from dealerdesk.desk import numbers
from dealerdesk.desk import theme as look
from dealerdesk.desk.chart.export import write_bars_csv
from dealerdesk.desk.chart.series import Bar
from dealerdesk.desk.notice import Notice, paint_notice
from dealerdesk.desk.speech import say, show_tip
from dealerdesk.desk.theme import PAD_PX, ROW_PX, TEXT_PX, Tone, Weight

BAR_SHARE = 0.55
INSET_PX = 4
TITLE_PX = 20
LABEL_SHARE = 0.34
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class BarChart(QAbstractScrollArea):
    """Bars with labels and values; the current one is marked as the current row of a table is."""

    selected = Signal(object)
    """The key of the bar a person chose."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: Sequence[Bar] = ()
        self._current: Hashable | None = None
        self._title = ""
        self._stale_since: str | None = None
        self._notice = Notice("Nothing to compare yet.")
        self.setObjectName(name)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def sizeHint(self) -> QSize:
        return QSize(320, 12 * ROW_PX)

    def bars(self) -> Sequence[Bar]:
        """The bars as last set."""
        return self._bars

    def set_bars(self, bars: Sequence[Bar]) -> None:
        """Takes over the bars, in the order to be shown."""
        self._bars = tuple(bars)
        self._set_range()
        self.viewport().update()

    def current(self) -> Hashable | None:
        """The key of the current bar."""
        return self._current

    def set_current(self, key: Hashable | None) -> None:
        """Marks a bar, without telling anybody."""
        self._current = key
        self.viewport().update()

    def set_title(self, title: str) -> None:
        """What the bars measure, shown above them."""
        self._title = title
        self.setAccessibleName(title or self.objectName())
        self._set_range()
        self.viewport().update()

    def set_stale(self, since_text: str | None) -> None:
        """Greys every bar and says since when; None: fresh again."""
        self._stale_since = since_text
        self._set_range()
        self.viewport().update()

    def set_empty_text(self, sentence: str) -> None:
        """What is said where there are no bars."""
        self._notice = Notice(sentence)
        self.viewport().update()

    def export_png(self, path: Path | str) -> None:
        """Writes the chart as it is seen; raises OSError where it cannot be written."""
        if not self.grab().save(str(path), "PNG"):
            raise OSError(f"{path}: the picture could not be written")

    def export_csv(self, path: Path | str) -> None:
        """Writes labels and values; raises OSError where the file cannot be written."""
        write_bars_csv(self._bars, Path(path))

    # -- painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self.viewport()) as painter:
            theme = look.current()
            painter.fillRect(self.viewport().rect(), theme.colour("panel"))
            if not self._bars:
                paint_notice(painter, self.viewport().rect(), self._notice)
            else:
                self._paint_bars(painter)
                self._paint_title(painter)

    def _paint_title(self, painter: QPainter) -> None:
        theme, area = look.current(), QRect(0, 0, self.viewport().width(), self._head())
        if not area.height():
            return
        painter.fillRect(area, theme.colour("panel"))
        painter.setFont(look.font(look.SMALL_PX, Weight.MEDIUM))
        inner = area.adjusted(PAD_PX, 0, -PAD_PX, 0)
        painter.setPen(theme.ink(Tone.SECONDARY))
        painter.drawText(inner, _LEFT, self._title)
        if self._stale_since is not None:
            painter.setPen(theme.ink(Tone.ATTENTION))
            painter.drawText(inner, _RIGHT, f"stale since {self._stale_since}")

    def _paint_bars(self, painter: QPainter) -> None:
        painter.setFont(look.font(TEXT_PX, Weight.MEDIUM))
        metrics = painter.fontMetrics()
        largest = max((abs(bar.value) for bar in self._bars if isfinite(bar.value)), default=0.0) or 1.0
        below = min((bar.value for bar in self._bars if isfinite(bar.value)), default=0.0) < 0
        above = max((bar.value for bar in self._bars if isfinite(bar.value)), default=0.0) > 0
        left, right = self._plot_edges(metrics)
        zero = (left + right) // 2 if below and above else right if below else left
        scale = ((right - left) / (2 if below and above else 1)) / largest
        top = self.verticalScrollBar().value()
        for place in range(top, min(len(self._bars), top + self._page() + 1)):
            row = QRect(0, self._head() + (place - top) * ROW_PX, self.viewport().width(), ROW_PX)
            self._paint_bar(painter, self._bars[place], row, left, zero, scale)

    def _paint_bar(self, painter: QPainter, bar: Bar, row: QRect, left: int, zero: int, scale: float) -> None:
        theme = look.current()
        current = bar.key == self._current
        ground = "selection" if current else "panel"
        tone = Tone.STALE if self._stale_since is not None else bar.shown_tone
        if current:
            painter.fillRect(row.adjusted(0, 0, 0, -1), theme.colour("selection"))
            edge = "accent" if self.hasFocus() else "secondary"
            painter.fillRect(row.x(), row.y(), 2, row.height() - 1, theme.colour(edge))
        painter.fillRect(row.x(), row.bottom(), row.width(), 1, theme.colour("raised"))
        if isfinite(bar.value):
            length = round(abs(bar.value) * scale)
            colour = theme.blend(look.TOKEN_OF_TONE[tone], ground, BAR_SHARE)
            x = zero if bar.value > 0 else zero - length
            painter.fillRect(x, row.y() + INSET_PX, length, row.height() - 1 - 2 * INSET_PX, colour)
        painter.fillRect(zero, row.y(), 1, row.height(), theme.colour("line"))
        painter.setPen(theme.ink(Tone.STALE if tone is Tone.STALE else Tone.NORMAL, ground))
        room = left - 2 * PAD_PX
        label = painter.fontMetrics().elidedText(numbers.plain(bar.label), Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(PAD_PX, row.y(), room, row.height() - 1), _LEFT, label)
        painter.setPen(theme.ink(tone, ground))
        painter.drawText(row.adjusted(0, 0, -PAD_PX, -1), _RIGHT, bar.words)

    def _plot_edges(self, metrics: QFontMetrics) -> tuple[int, int]:
        """Between the longest label (shortened where it would take too much) and the widest value."""
        width = self.viewport().width()
        labels = max(metrics.horizontalAdvance(numbers.plain(bar.label)) for bar in self._bars)
        values = max(metrics.horizontalAdvance(bar.words) for bar in self._bars)
        left = min(labels + 2, round(width * LABEL_SHARE)) + 2 * PAD_PX
        return left, max(left + 8, width - values - 2 * PAD_PX)

    def _head(self) -> int:
        return TITLE_PX if self._title or self._stale_since is not None else 0

    def _page(self) -> int:
        return max(1, (self.viewport().height() - self._head()) // ROW_PX)

    def _set_range(self) -> None:
        self.verticalScrollBar().setRange(0, max(0, len(self._bars) - self._page()))
        self.verticalScrollBar().setPageStep(self._page())

    # -- events

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._set_range()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = self._place_at(int(event.position().y()))
        if place is not None and event.button() is Qt.MouseButton.LeftButton:
            self._choose(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        here = next((n for n, bar in enumerate(self._bars) if bar.key == self._current), -1)
        last = len(self._bars) - 1
        steps = {
            int(Qt.Key.Key_Down): here + 1,
            int(Qt.Key.Key_Up): here - 1,
            int(Qt.Key.Key_Home): 0,
            int(Qt.Key.Key_End): last,
            int(Qt.Key.Key_PageDown): here + self._page(),
            int(Qt.Key.Key_PageUp): here - self._page(),
        }
        if event.key() in steps and self._bars:
            self._choose(min(max(steps[event.key()], 0), last))
        else:
            super().keyPressEvent(event)

    def _choose(self, place: int) -> None:
        bar = self._bars[place]
        changed, self._current = bar.key != self._current, bar.key
        down = self.verticalScrollBar()
        down.setValue(min(max(down.value(), place - self._page() + 1), place))
        say(self, f"{numbers.plain(bar.label)}: {bar.words}, {place + 1} of {len(self._bars)}")
        self.viewport().update()
        if changed:
            self.selected.emit(bar.key)

    def _place_at(self, y: int) -> int | None:
        place = self.verticalScrollBar().value() + (y - self._head()) // ROW_PX
        return place if y >= self._head() and place < len(self._bars) else None

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._place_at(event.pos().y())
            text = "" if place is None else f"{numbers.plain(self._bars[place].label)}: {self._bars[place].words}"
            show_tip(self.viewport(), event.globalPos(), text)
            return True
        return super().viewportEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.viewport().update()
