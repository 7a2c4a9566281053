"""Text drawn quickly: each sign of a figure is rendered once in a colour and then only copied to its place.

Figures are set sign by sign on whole device pixels, right-aligned, so their digits stand in columns; words are rendered
whole. Shaping and rasterising figures anew for every cell costs several times as much as everything else in a table.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap

from dealerdesk.desk.numbers import THIN
from dealerdesk.desk.theme import Theme, Tone, Weight, font

KEPT_WORDS = 400
THIN_EM = 0.3
"""The least width of the space between thousands: Inter's own is too thin to part them at 12 pixels."""
_MARGIN = 2
"""Device pixels around a tile for what hangs over a sign's advance."""

Tile = tuple[QPixmap, int]
"""A rendered sign or word, and how far it moves the pen, in device pixels."""


def device_font(pixels: int, weight: Weight, ratio: float) -> QFont:
    """The font whose pixels are the screen's own."""
    return font(max(1, round(pixels * ratio)), weight)


class GlyphSheet:
    """The signs and words of one font in one colour."""

    def __init__(self, face: QFont, colour: QColor) -> None:
        self._face = face
        self._colour = colour
        self._metrics = QFontMetricsF(face)
        self.height = ceil(self._metrics.ascent() + self._metrics.descent())
        self._signs: dict[str, Tile] = {}
        self._words: dict[str, Tile] = {}
        self._shortened: dict[tuple[str, int], str] = {}

    def width(self, figure: str) -> int:
        """How wide a figure is, in device pixels."""
        signs = self._signs
        return sum((signs.get(sign) or self._sign(sign))[1] for sign in figure)

    def draw_figure(self, painter: QPainter, right: int, top: int, figure: str) -> None:
        """Draws a figure ending at `right`."""
        signs = self._signs
        draw = painter.drawPixmap
        x = right - _MARGIN
        for sign in reversed(figure):
            tile = signs.get(sign) or self._sign(sign)
            x -= tile[1]
            draw(x, top, tile[0])

    def draw_words(self, painter: QPainter, left: int, top: int, words: str, room: int) -> None:
        """Draws words from `left`; what does not fit into `room` ends in an ellipsis."""
        tile = self._words.get(words) or self._word(words)
        if tile[1] > room:
            tile = self._word(self._shorten(words, room))
        painter.drawPixmap(left - _MARGIN, top, tile[0])

    def words_width(self, words: str) -> int:
        """How wide words are, in device pixels."""
        return (self._words.get(words) or self._word(words))[1]

    def _shorten(self, words: str, room: int) -> str:
        short = self._shortened.get((words, room))
        if short is None:
            if len(self._shortened) > KEPT_WORDS:
                self._shortened.clear()
            short = self._metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)
            self._shortened[words, room] = short
        return short

    def _sign(self, sign: str) -> Tile:
        # a digit's advance is rounded, so that digits keep whole pixels and one look; narrower signs keep their air
        advance = self._metrics.horizontalAdvance(sign)
        if sign == THIN:
            advance = max(advance, THIN_EM * self._face.pixelSize())
        tile = self._signs[sign] = self._render(sign, round(advance) if advance > 4 else ceil(advance))
        return tile

    def _word(self, words: str) -> Tile:
        if len(self._words) > KEPT_WORDS:
            self._words.clear()
        tile = self._words[words] = self._render(words, ceil(self._metrics.horizontalAdvance(words)))
        return tile

    def _render(self, text: str, advance: int) -> Tile:
        pixmap = QPixmap(max(1, advance) + 2 * _MARGIN, self.height)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setFont(self._face)
        painter.setPen(self._colour)
        painter.drawText(_MARGIN, round(self._metrics.ascent()), text)
        painter.end()
        return pixmap, advance


@lru_cache(maxsize=96)
def sheet(theme: Theme, tone: int, ground: str, pixels: int, weight: Weight, ratio: float) -> GlyphSheet:
    """The sheet for a tone on a ground at a size in logical pixels, for a screen of this device pixel ratio."""
    return GlyphSheet(device_font(pixels, weight, ratio), theme.ink(Tone(tone), ground))
