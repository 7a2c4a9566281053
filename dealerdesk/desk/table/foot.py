"""The foot of a table: totals of all rows, above them of the filtered ones, and since when the rows are stale."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from dealerdesk.desk import theme as look
from dealerdesk.desk.table.arrangement import Placement
from dealerdesk.desk.table.cells import tone_of_sign
from dealerdesk.desk.table.contents import FootLine
from dealerdesk.desk.table.glyphs import GlyphSheet, sheet
from dealerdesk.desk.theme import PAD_PX, ROW_PX, TEXT_PX, Tone, Weight


class Foot(QWidget):
    """Draws the foot's lines under the columns they belong to."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._lines: list[FootLine] = []
        self._placement = Placement()
        self._offset = 0

    @property
    def lines(self) -> list[FootLine]:
        return self._lines

    def show_lines(self, lines: list[FootLine], placement: Placement, offset: int) -> None:
        """Takes over what to draw; the height is the caller's, a row for each line."""
        shown = (lines, placement, offset)
        if shown != (self._lines, self._placement, self._offset):
            self._lines, self._placement, self._offset = shown
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            theme = look.current()
            painter.fillRect(self.rect(), theme.colour("raised"))
            painter.fillRect(0, 0, self.width(), 1, theme.colour("line"))
            ratio = self.devicePixelRatioF()
            # figures are set as in the rows above, in the screen's own pixels, so that digits stand in one column
            painter.scale(1 / ratio, 1 / ratio)
            for index, line in enumerate(self._lines):
                self._paint_line(painter, line, index * ROW_PX + 1, ratio)

    def _paint_line(self, painter: QPainter, line: FootLine, top: int, ratio: float) -> None:
        room = self.width()
        for placed in self._placement.columns:
            text = line.totals.get(placed.column.key)
            x = self._placement.view_x(placed, self._offset)
            if text is None or (self._offset and not placed.frozen and x < self._placement.frozen_width):
                continue
            signs = self._sheet(tone_of_sign(text) if placed.column.kind.is_signed else Tone.NORMAL, ratio)
            right = x + placed.width - PAD_PX
            signs.draw_figure(painter, round(right * ratio), _text_top(top, signs, ratio), text)
            room = min(room, right - round(signs.width(text) / ratio))
        signs = self._sheet(line.tone, ratio)
        wide = round(max(0, room - 2 * PAD_PX) * ratio)
        signs.draw_words(painter, round(PAD_PX * ratio), _text_top(top, signs, ratio), line.words, wide)

    def _sheet(self, tone: int, ratio: float) -> GlyphSheet:
        return sheet(look.current(), tone, "raised", TEXT_PX, Weight.SEMIBOLD, ratio)


def _text_top(top: int, signs: GlyphSheet, ratio: float) -> int:
    return round(top * ratio) + (round((ROW_PX - 1) * ratio) - signs.height) // 2
