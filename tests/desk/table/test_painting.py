from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor, QImage, QPainter

from dealerdesk.desk.table import Column, ColumnRows
from dealerdesk.desk.table.arrangement import Arrangement
from dealerdesk.desk.table.cells import CellTexts
from dealerdesk.desk.table.painting import CURRENT, PLAIN, SELECTED, Body, paint_body
from dealerdesk.desk.theme import DARK, ROW_PX, Theme, Tone
from table.samples import COLUMNS, exposure

BY_KEY = {column.key: column for column in COLUMNS}
LEAST = {column.key: 100 for column in COLUMNS}


def painted(states: list[int], offset: int = 0, ratio: float = 1.0, focused: bool = True) -> QImage:
    placement = Arrangement.of(COLUMNS).place(BY_KEY, LEAST, 600)
    cells = CellTexts().cells(exposure(), [placed.column for placed in placement.columns], np.arange(4))
    image = QImage(round(600 * ratio), round(4 * ROW_PX * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(DARK.colour("panel"))
    with QPainter(image) as painter:
        paint_body(painter, Body(DARK, ratio, placement, offset, 600, cells, states, focused, 1))
    return image


def has(image: QImage, colour: QColor) -> bool:
    return any(image.pixelColor(x, y) == colour for x in range(image.width()) for y in range(image.height()))


def test_the_current_row_has_the_accent_edge_and_the_selections_ground(dark: Theme) -> None:
    image = painted([PLAIN, CURRENT, PLAIN, PLAIN])

    assert image.pixelColor(0, ROW_PX + 5) == DARK.colour("accent")
    assert image.pixelColor(60 + 30, ROW_PX + 2) == DARK.colour("selection")
    assert image.pixelColor(0, 5) == DARK.colour("panel")


def test_without_focus_the_edge_is_quiet(dark: Theme) -> None:
    image = painted([PLAIN, CURRENT, PLAIN, PLAIN], focused=False)

    assert image.pixelColor(0, ROW_PX + 5) == DARK.colour("secondary")


def test_a_selected_row_is_between_panel_and_selection(dark: Theme) -> None:
    image = painted([SELECTED, PLAIN, PLAIN, PLAIN])

    assert image.pixelColor(90, 2) == DARK.blend("selection", "panel", 0.6)


def test_bars_stand_around_nought_and_stop_at_the_whole(dark: Theme) -> None:
    image = painted([PLAIN] * 4)
    placed = Arrangement.of(COLUMNS).place(BY_KEY, LEAST, 600).find("used")
    assert placed is not None
    right = placed.right - 8
    zero = right - (placed.width - 16) // 2
    negative, positive = DARK.blend("negative", "panel", 0.34), DARK.blend("positive", "panel", 0.34)

    assert image.pixelColor(zero - 20, ROW_PX + 5) == negative
    assert image.pixelColor(zero + 20, 2 * ROW_PX + 4) == positive
    assert image.pixelColor(right + 2, 2 * ROW_PX + 5) == DARK.colour("panel")
    assert image.pixelColor(zero - 20, 3 * ROW_PX + 5) == DARK.colour("panel")


def test_alarm_and_sign_have_their_colours(dark: Theme) -> None:
    image = painted([PLAIN] * 4)

    assert has(image.copy(300, ROW_PX, 100, ROW_PX), DARK.colour("alarm"))
    assert has(image.copy(100, 0, 100, ROW_PX), DARK.colour("positive"))
    assert has(image.copy(100, ROW_PX, 100, ROW_PX), DARK.colour("negative"))


def test_nothing_is_painted_over_the_pinned_column_when_scrolled(dark: Theme) -> None:
    still, scrolled = painted([PLAIN] * 4), painted([PLAIN] * 4, offset=73)

    assert still.copy(0, 0, 99, 4 * ROW_PX) == scrolled.copy(0, 0, 99, 4 * ROW_PX)
    assert still != scrolled


def test_text_is_drawn_in_the_screens_own_pixels(dark: Theme) -> None:
    for ratio in (1.25, 1.5, 2.0):
        image = painted([PLAIN] * 4, ratio=ratio)
        assert has(image, DARK.colour("positive"))
        assert image.height() == round(4 * ROW_PX * ratio)


def test_struck_words_have_a_line_through_them(dark: Theme) -> None:
    column = Column("what", "What", struck_key="struck")
    rows = ColumnRows({"what": ["refused", "done"], "struck": np.array([True, False])})
    placement = Arrangement.of([column]).place({"what": column}, {"what": 100}, 100)
    cells = CellTexts().cells(rows, [column], np.arange(2))
    image = QImage(100, 2 * ROW_PX, QImage.Format.Format_RGB32)
    image.fill(DARK.colour("panel"))
    with QPainter(image) as painter:
        paint_body(painter, Body(DARK, 1.0, placement, 0, 100, cells, [PLAIN, PLAIN], False, 0))

    def has_line(row: int) -> bool:
        text = DARK.ink(Tone.NORMAL)
        return any(
            all(image.pixelColor(x, y) == text for x in range(10, 30)) for y in range(row * ROW_PX, (row + 1) * ROW_PX)
        )

    assert has_line(0)
    assert not has_line(1)
