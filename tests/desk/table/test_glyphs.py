from __future__ import annotations

import pytest
from PySide6.QtGui import QImage, QPainter

from dealerdesk.desk.table.glyphs import KEPT_WORDS, GlyphSheet, device_font, sheet
from dealerdesk.desk.theme import DARK, TEXT_PX, Theme, Tone, Weight


@pytest.fixture
def signs(dark: Theme) -> GlyphSheet:
    return GlyphSheet(device_font(TEXT_PX, Weight.MEDIUM, 1.0), dark.colour("text"))


def drawn(draw: object) -> QImage:
    image = QImage(200, 24, QImage.Format.Format_RGB32)
    image.fill(DARK.colour("panel"))
    with QPainter(image) as painter:
        draw(painter)  # type: ignore[operator]
    return image


def test_figures_of_as_many_digits_are_equally_wide(signs: GlyphSheet) -> None:
    assert signs.width("+11 111.11") == signs.width("+88 888.88") == signs.width("−40 506.07")


def test_a_figure_ends_where_it_is_told(signs: GlyphSheet) -> None:
    image = drawn(lambda painter: signs.draw_figure(painter, 150, 2, "+36.77"))
    inked = [x for x in range(200) if any(image.pixelColor(x, y) != DARK.colour("panel") for y in range(24))]

    assert 147 <= max(inked) <= 150
    assert min(inked) >= 150 - signs.width("+36.77") - 1


def test_digits_stand_in_columns(signs: GlyphSheet) -> None:
    one = drawn(lambda painter: signs.draw_figure(painter, 150, 2, "1.00"))
    other = drawn(lambda painter: signs.draw_figure(painter, 150, 2, "+999.00"))
    width = signs.width(".00")

    assert one.copy(150 - width, 0, width, 24) == other.copy(150 - width, 0, width, 24)


def test_words_too_long_for_their_room_end_in_an_ellipsis(signs: GlyphSheet) -> None:
    name = "Olivia O'Neill-Fitzgerald"
    image = drawn(lambda painter: signs.draw_words(painter, 8, 2, name, 60))
    inked = [x for x in range(200) if any(image.pixelColor(x, y) != DARK.colour("panel") for y in range(24))]

    assert signs.words_width(name) > 60
    assert max(inked) <= 8 + 60


def test_kept_words_stay_within_bounds(signs: GlyphSheet) -> None:
    for number in range(1_000):
        signs.words_width(f"client {number}")

    assert len(signs._words) <= KEPT_WORDS + 1


def test_a_sheet_is_made_once_for_a_look(dark: Theme) -> None:
    first = sheet(dark, Tone.POSITIVE, "panel", TEXT_PX, Weight.MEDIUM, 1.5)

    assert sheet(dark, Tone.POSITIVE, "panel", TEXT_PX, Weight.MEDIUM, 1.5) is first
    assert first.height > signs_height(dark)


def signs_height(dark: Theme) -> int:
    return sheet(dark, Tone.POSITIVE, "panel", TEXT_PX, Weight.MEDIUM, 1.0).height
