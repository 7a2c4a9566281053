"""The company's P&L over the size of a shock, from its reverse to the whole of it. Painted; computes nothing."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from dealerdesk.desk import theme
from dealerdesk.desk.notice import Notice, paint_notice
from dealerdesk.desk.numbers import compact, integer
from dealerdesk.desk.speech import say
from dealerdesk.desk.theme import PAD_PX, SMALL_PX, Tone
from dealerdesk.live.stress import Curve

HEIGHT_PX = 150
HEAD_PX = 18
FOOT_PX = 18
LINE_PX = 2
VALUE_PX = 58
ALL_FEET_PX = 560
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_CENTRE = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter


class StressCurve(QWidget):
    """Two lines: before compensations, quiet, and after them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.curve: Curve | None = None
        self._words = ("", "")
        self._is_old = False
        self._notice = Notice("The curve follows the figures.")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT_PX)
        self.setAccessibleName("P&L of the company over the size of the shock")

    def sizeHint(self) -> QSize:
        return QSize(400, HEIGHT_PX)

    def show_curve(self, curve: Curve | None, currency: str, title: str) -> None:
        """Shows a curve of this scenario; None while it is being computed."""
        self.curve, self._words = curve, (currency, title)
        if curve is not None:
            pairs = zip(curve.factors.tolist(), curve.after.tolist(), strict=True)
            say(self, ", ".join(f"{factor:+.0%}: {compact(after)} {currency}" for factor, after in pairs))
        self.update()

    def set_old(self, is_old: bool) -> None:
        """Greys the lines when the market has gone on."""
        if is_old is not self._is_old:
            self._is_old = is_old
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            look = theme.current()
            painter.fillRect(self.rect(), look.colour("panel"))
            painter.fillRect(0, 0, self.width(), 1, look.colour("line"))
            if self.curve is None:
                paint_notice(painter, self.rect(), self._notice)
                return
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            area = self.rect().adjusted(PAD_PX, HEAD_PX + 4, -PAD_PX - VALUE_PX, -FOOT_PX)
            self._paint_axes(painter, area, self.curve)
            after, before = (Tone.STALE, Tone.STALE) if self._is_old else (Tone.POSITIVE, Tone.SECONDARY)
            self._paint_line(painter, area, self.curve.before, before)
            self._paint_line(painter, area, self.curve.after, after)
            self._paint_words(painter, area, self.curve)

    def _range(self, curve: Curve) -> tuple[float, float]:
        values = np.concatenate((curve.before, curve.after, [0.0]))
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        return (low, high) if high > low else (low - 1, high + 1)

    def _y(self, area: QRect, value: float) -> float:
        assert self.curve is not None
        low, high = self._range(self.curve)
        return area.bottom() - (value - low) / (high - low) * area.height()

    def _x(self, area: QRect, factor: float) -> float:
        return area.left() + (factor + 1) / 2 * area.width()

    def _paint_axes(self, painter: QPainter, area: QRect, curve: Curve) -> None:
        look = theme.current()
        painter.setPen(QPen(look.colour("line"), 1))
        zero = self._y(area, 0.0)
        painter.drawLine(QPointF(area.left(), zero), QPointF(area.right(), zero))
        painter.setFont(theme.font(SMALL_PX))
        for factor, stopped in zip(curve.factors.tolist(), curve.stopped.tolist(), strict=True):
            x = self._x(area, factor)
            painter.setPen(QPen(look.colour("line"), 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            if factor in (-1.0, 0.0, 1.0) or (area.width() > ALL_FEET_PX and round(factor * 5) % 2 == 0):
                self._paint_foot(painter, area, x, _share(factor), int(stopped))

    def _paint_foot(self, painter: QPainter, area: QRect, x: float, share: str, stopped: int) -> None:
        words = f"{share}, {integer(stopped)} out" if stopped else share
        width = painter.fontMetrics().horizontalAdvance(words) + 2
        left = min(max(round(x) - width // 2, area.left()), area.right() + VALUE_PX - width)
        painter.setPen(theme.current().ink(Tone.SECONDARY))
        painter.drawText(QRect(left, area.bottom() + 1, width, FOOT_PX), _CENTRE, words)

    def _paint_line(self, painter: QPainter, area: QRect, values: np.ndarray, tone: Tone) -> None:
        assert self.curve is not None
        points = zip(self.curve.factors.tolist(), values.tolist(), strict=True)
        line = QPolygonF([QPointF(self._x(area, factor), self._y(area, value)) for factor, value in points])
        painter.setPen(QPen(theme.current().ink(tone), LINE_PX))
        painter.drawPolyline(line)

    def _paint_words(self, painter: QPainter, area: QRect, curve: Curve) -> None:
        look, (currency, title) = theme.current(), self._words
        head = QRect(area.left(), 2, area.width() + VALUE_PX, HEAD_PX)
        painter.setFont(theme.font(SMALL_PX))
        painter.setPen(look.ink(Tone.SECONDARY))
        painter.drawText(head, _LEFT, f"Company {currency}, {title}; grey: before compensation")
        low, high = self._range(curve)
        for value, top in ((high, area.top()), (low, area.bottom() - HEAD_PX)):
            painter.drawText(QRect(area.right(), top, VALUE_PX, HEAD_PX), _RIGHT, compact(value))


def _share(factor: float) -> str:
    return f"{factor:+.0%}".replace("-", "−") if factor else "0%"
