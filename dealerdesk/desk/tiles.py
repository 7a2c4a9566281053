"""The row of large figures on top: what the day amounts to, in one look. Painted in one go; computes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from dealerdesk.desk import numbers, theme
from dealerdesk.desk.theme import Tone, Weight

HEIGHT_PX = 68
LEFT_PX = 12
SMALLEST_PX = 6


@dataclass(frozen=True, slots=True)
class Tile:
    """A title, one figure in its tone, and one line of detail."""

    title: str
    figure: str = numbers.NONE
    detail: str = ""
    tone: Tone = Tone.NORMAL
    brief: str = ""
    """The detail in fewer words, for a tile in which it has no room."""


TITLES = ("P&L today", "Floating", "Net uncovered", "Deposits net", "Below margin call", "To approve", "Bridges live")


class Tiles(QWidget):
    """The row; what is not yet known reads "—"."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles: tuple[Tile, ...] = tuple(Tile(title) for title in TITLES)
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("The day in figures")

    def sizeHint(self) -> QSize:
        return QSize(800, HEIGHT_PX)

    def show_tiles(self, tiles: tuple[Tile, ...]) -> None:
        """Shows these tiles, if they differ from the ones shown."""
        if tiles != self.tiles:
            self.tiles = tiles
            self.setAccessibleDescription(". ".join(f"{t.title} {t.figure}, {t.detail}" for t in tiles))
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = theme.current()
        painter.fillRect(self.rect(), look.colour("background"))
        count = len(self.tiles)
        whole = self.width() - theme.GAP_PX * (count + 1)
        for place, tile in enumerate(self.tiles):
            left = theme.GAP_PX * (place + 1) + whole * place // count
            right = theme.GAP_PX * (place + 1) + whole * (place + 1) // count
            _paint_tile(painter, QRect(left, 0, right - left, self.height() - 1), tile)
        painter.end()


def _paint_tile(painter: QPainter, rect: QRect, tile: Tile) -> None:
    look = theme.current()
    detail = detail_that_fits(tile, rect.width() - LEFT_PX - theme.PAD_PX)
    painter.fillRect(rect, look.colour("panel"))
    painter.setPen(look.colour("line"))
    painter.drawRect(rect.adjusted(0, 0, -1, -1))
    inside = rect.adjusted(LEFT_PX, 6, -theme.PAD_PX, -6)
    lines: Sequence[tuple[int, int, str, int, Weight, Tone]] = (
        (0, 16, tile.title, theme.SMALL_PX, Weight.MEDIUM, Tone.SECONDARY),
        (16, 24, tile.figure, theme.TILE_PX, Weight.SEMIBOLD, tile.tone),
        (40, 16, detail, theme.SMALL_PX, Weight.REGULAR, Tone.SECONDARY),
    )
    for top, height, text, pixels, weight, tone in lines:
        is_figure = text is tile.figure
        # a figure is made smaller rather than cut; words may end in dots
        painter.setFont(theme.font(_fitting(text, inside.width(), pixels, weight) if is_figure else pixels, weight))
        painter.setPen(look.ink(tone))
        place = QRect(inside.left(), inside.top() + top, inside.width(), height)
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, inside.width())
        shown = text if is_figure else elided
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


def detail_that_fits(tile: Tile, width: int) -> str:
    """The detail of a tile, in its fewer words where it is wider than `width`."""
    metrics = QFontMetrics(theme.font(theme.SMALL_PX))
    return tile.brief if tile.brief and metrics.horizontalAdvance(tile.detail) > width else tile.detail


def _fitting(text: str, width: int, pixels: int, weight: Weight) -> int:
    """The font size at which `text` fits, as far down as can be read."""
    while pixels > SMALLEST_PX and QFontMetrics(theme.font(pixels, weight)).horizontalAdvance(text) > width:
        pixels -= 1
    return pixels
