"""Paints the body of a table: grounds and bars first, then every figure and word. Decides nothing; it is told all.

Grounds are drawn in logical pixels. Text is drawn in the screen's own pixels, so it is sharp at any scale factor.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter

from dealerdesk.desk.table.arrangement import Placed, Placement
from dealerdesk.desk.table.cells import CellColumn
from dealerdesk.desk.table.glyphs import GlyphSheet, sheet
from dealerdesk.desk.theme import PAD_PX, ROW_PX, TEXT_PX, Theme, Tone, Weight

PLAIN, SELECTED, CURRENT = 0, 1, 2
EDGE_PX = 2
BAR_SHARE = 0.34
BAR_INSET_PX = 3
_SHEET_COUNT = len(Tone)


@dataclass(frozen=True, slots=True)
class Body:
    """All that is to be seen: the cells of the visible rows from the top one down, and how each row stands."""

    theme: Theme
    ratio: float
    placement: Placement
    offset: int
    width: int
    cells: list[CellColumn]
    states: list[int]
    focused: bool
    current_column: int


def paint_body(painter: QPainter, body: Body) -> None:
    """Paints the whole body on a ground already filled with the panel's colour."""
    _paint_rows(painter, body, QRect(0, 0, body.width, len(body.states) * ROW_PX))
    frozen = body.placement.frozen_width
    pairs = list(zip(body.placement.columns, body.cells, strict=True))
    loose = [pair for pair in pairs if not pair[0].frozen]
    if not body.offset:
        _paint_columns(painter, body, pairs)
        return
    painter.save()
    painter.setClipRect(frozen, 0, body.width - frozen, len(body.states) * ROW_PX)
    _paint_columns(painter, body, loose)
    painter.restore()
    _paint_columns(painter, body, [pair for pair in pairs if pair[0].frozen])
    if frozen:
        painter.fillRect(frozen, 0, 1, len(body.states) * ROW_PX, body.theme.colour("line"))


def _paint_rows(painter: QPainter, body: Body, area: QRect) -> None:
    theme = body.theme
    line = theme.colour("raised")
    for index, state in enumerate(body.states):
        top = index * ROW_PX
        if state == CURRENT:
            painter.fillRect(0, top, area.width(), ROW_PX - 1, theme.colour("selection"))
            painter.fillRect(0, top, EDGE_PX, ROW_PX - 1, theme.colour("accent" if body.focused else "secondary"))
        elif state == SELECTED:
            painter.fillRect(0, top, area.width(), ROW_PX - 1, theme.blend("selection", "panel", 0.6))
        painter.fillRect(0, top + ROW_PX - 1, area.width(), 1, line)


def _paint_columns(painter: QPainter, body: Body, pairs: list[tuple[Placed, CellColumn]]) -> None:
    for placed, cells in pairs:
        if cells.shares is not None:
            _paint_bars(painter, body, placed, cells.shares)
    if body.focused:
        _paint_current_cell(painter, body, [placed for placed, _ in pairs])
    painter.save()
    painter.scale(1 / body.ratio, 1 / body.ratio)
    sheets = _sheets(body)
    for placed, cells in pairs:
        if placed.column.kind.is_words:
            _paint_words(painter, body, placed, cells, sheets)
        else:
            _paint_figures(painter, body, placed, cells, sheets)
    painter.restore()


def _sheets(body: Body) -> list[GlyphSheet]:
    """A sheet for every tone on the panel, then for every tone on the selection."""
    return [
        sheet(body.theme, tone, ground, TEXT_PX, Weight.SEMIBOLD if tone is Tone.ALARM else Weight.MEDIUM, body.ratio)
        for ground in ("panel", "selection")
        for tone in Tone
    ]


def _tops(body: Body, height: int) -> list[int]:
    ratio = body.ratio
    inset = (round((ROW_PX - 1) * ratio) - height) // 2
    return [round(index * ROW_PX * ratio) + inset for index in range(len(body.states))]


def _paint_figures(painter: QPainter, body: Body, placed: Placed, cells: CellColumn, sheets: list[GlyphSheet]) -> None:
    x = body.placement.view_x(placed, body.offset)
    right = round((x + placed.width - PAD_PX) * body.ratio)
    tops = _tops(body, sheets[0].height)
    for top, text, tone, state in zip(tops, cells.texts, cells.tones, body.states, strict=True):
        sheets[tone + _SHEET_COUNT if state else tone].draw_figure(painter, right, top, text)


def _paint_words(painter: QPainter, body: Body, placed: Placed, cells: CellColumn, sheets: list[GlyphSheet]) -> None:
    left = round((body.placement.view_x(placed, body.offset) + PAD_PX) * body.ratio)
    room = round((placed.width - 2 * PAD_PX) * body.ratio)
    tops = _tops(body, sheets[0].height)
    for top, text, tone, state in zip(tops, cells.texts, cells.tones, body.states, strict=True):
        sheets[tone + _SHEET_COUNT if state else tone].draw_words(painter, left, top, text, room)
    if cells.struck is not None:
        _strike(painter, body, cells, sheets, left, room)


def _strike(painter: QPainter, body: Body, cells: CellColumn, sheets: list[GlyphSheet], left: int, room: int) -> None:
    """Crosses out the words of the rows that say so."""
    assert cells.struck is not None
    height = sheets[0].height
    for index, (top, struck) in enumerate(zip(_tops(body, height), cells.struck, strict=True)):
        if struck:
            tone, ground = cells.tones[index], "selection" if body.states[index] else "panel"
            width = min(room, sheets[tone].words_width(cells.texts[index]))
            place = QRect(left, top + height * 11 // 20, width, max(1, round(body.ratio)))
            painter.fillRect(place, body.theme.ink(Tone(tone), ground))


def _paint_bars(painter: QPainter, body: Body, placed: Placed, shares: list[float]) -> None:
    theme = body.theme
    right = body.placement.view_x(placed, body.offset) + placed.width - PAD_PX
    half = (placed.width - 2 * PAD_PX) // 2
    zero = right - half
    height = ROW_PX - 1 - 2 * BAR_INSET_PX
    grounds = {state: "selection" if state else "panel" for state in (PLAIN, SELECTED, CURRENT)}
    for index, (share, state) in enumerate(zip(shares, body.states, strict=True)):
        if not isfinite(share):
            continue
        top = index * ROW_PX + BAR_INSET_PX
        length = round(min(abs(share), 1.0) * half)
        colour = theme.blend("positive" if share > 0 else "negative", grounds[state], BAR_SHARE)
        painter.fillRect(zero if share > 0 else zero - length, top, length, height, colour)
        painter.fillRect(zero, index * ROW_PX + 1, 1, ROW_PX - 3, theme.colour("line"))


def _paint_current_cell(painter: QPainter, body: Body, placed_columns: list[Placed]) -> None:
    if CURRENT not in body.states or body.current_column >= len(body.placement.columns):
        return
    placed = body.placement.columns[body.current_column]
    if placed not in placed_columns:
        return
    top = body.states.index(CURRENT) * ROW_PX
    painter.setPen(body.theme.blend("accent", "selection", 0.55))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    x = body.placement.view_x(placed, body.offset)
    painter.drawRect(x + 2, top, placed.width - 3, ROW_PX - 2)
