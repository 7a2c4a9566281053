"""The band that says at a glance whether real money is at stake: alarm red with LIVE and the broker's name, or a quiet
DEMO. It only paints what it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from dealerdesk.desk import theme
from dealerdesk.desk.numbers import plain
from dealerdesk.desk.theme import Theme, Tone, Weight

if TYPE_CHECKING:
    from dealerdesk.config import Profile

BAND_PX = 22
FRAME_PX = 3
"""How wide a live desk's red frame is."""


def live_ground(look: Theme) -> QColor:
    """The ground of everything that says LIVE."""
    return look.colour("alarm")


def live_ink(look: Theme) -> QColor:
    """The colour of words on that ground."""
    return look.colour("background" if look is theme.DARK else "panel")


class BrokerBand(QWidget):
    """A strip across a window. Without a profile it is empty and takes the same room."""

    def __init__(self, profile: Profile | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = ""
        self._live = False
        self.setFixedHeight(BAND_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_profile(profile)

    def sizeHint(self) -> QSize:
        return QSize(400, BAND_PX)

    def show_profile(self, profile: Profile | None) -> None:
        """Says whose this is."""
        self._live = profile is not None and profile.live
        if profile is None:
            self.words = ""
        else:
            money = "real money" if profile.live else "no real money"
            self.words = f"{profile.kind}  ·  {plain(profile.title)}  ·  {money}"
        self.setAccessibleName(self.words)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = theme.current()
        painter.fillRect(self.rect(), live_ground(look) if self._live else look.colour("raised"))
        if not self._live:
            painter.fillRect(QRect(0, self.height() - 1, self.width(), 1), look.colour("line"))
        painter.setPen(live_ink(look) if self._live else look.ink(Tone.ATTENTION, "raised"))
        painter.setFont(theme.font(theme.TEXT_PX, Weight.SEMIBOLD))
        text = painter.fontMetrics().elidedText(
            self.words, Qt.TextElideMode.ElideRight, self.width() - 2 * theme.PAD_PX
        )
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, text)
        painter.end()
