"""Grounds that the shell paints itself: what lies over the window, and the badge of a demo or a live broker."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QWidget

from dealerdesk.desk import theme
from dealerdesk.desk.broker_band import live_ground, live_ink
from dealerdesk.desk.theme import Tone, Weight

TOP_PX = 112
"""How far below the window's top a strip begins: under the tiles."""


class Overlay(QFrame):
    """A frame over the window: panel ground, accent edge, so that it stands out without a shadow."""

    def place_at_top(self, window: QWidget, width_px: int) -> None:
        """Puts it, so wide where there is room, at the top of the window's middle."""
        width = min(width_px, window.width())
        self.resize(width, self.sizeHint().height())
        self.move((window.width() - width) // 2, min(TOP_PX, max(0, window.height() - self.height())))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = theme.current()
        painter.fillRect(self.rect(), look.colour("panel"))
        painter.setPen(QColor(look.accent))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()


class Badge(QWidget):
    """DEMO outlined and quiet, LIVE filled in alarm red: nobody should take one for the other."""

    def __init__(self, live: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = "LIVE" if live else "DEMO"
        self._live = live
        self.setFixedSize(self.sizeHint())
        self.setAccessibleName("A live broker" if live else "A demo: no real money")

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(theme.font(theme.SMALL_PX, Weight.SEMIBOLD))
        return QSize(metrics.horizontalAdvance(self.text) + 2 * theme.PAD_PX, metrics.height() + 4)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = theme.current()
        whole = QRect(0, 0, self.width() - 1, self.height() - 1)
        if self._live:
            painter.fillRect(self.rect(), live_ground(look))
            painter.setPen(live_ink(look))
        else:
            painter.setPen(look.ink(Tone.ATTENTION, "raised"))
            painter.drawRect(whole)
        painter.setFont(theme.font(theme.SMALL_PX, Weight.SEMIBOLD))
        painter.drawText(whole, Qt.AlignmentFlag.AlignCenter, self.text)
        painter.end()
