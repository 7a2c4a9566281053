from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.desk import theme
from dealerdesk.desk.theme import DARK, FAINT_CONTRAST, GROUNDS, LIGHT, QUIET, TEXT_CONTRAST, THEMES, Tone


def test_the_tokens_are_those_of_the_look() -> None:
    assert (DARK.background, DARK.panel, DARK.raised, DARK.line) == ("#0F1318", "#151A21", "#1C232C", "#252E39")
    assert (DARK.text, DARK.secondary, DARK.faint) == ("#D5DCE5", "#8593A3", "#566373")
    assert (DARK.positive, DARK.negative, DARK.alarm) == ("#4AA3F0", "#F28C38", "#FF4D5E")
    assert (DARK.attention, DARK.running, DARK.selection) == ("#F2C744", "#3FBF8F", "#22364D")
    assert (LIGHT.background, LIGHT.panel, LIGHT.raised, LIGHT.line) == ("#EEF1F4", "#FFFFFF", "#F5F7F9", "#DCE2E8")
    assert (LIGHT.text, LIGHT.secondary, LIGHT.faint) == ("#1B2530", "#5F6E7E", "#9AA7B4")
    assert (LIGHT.positive, LIGHT.negative, LIGHT.alarm) == ("#0B66B8", "#B8540B", "#C9182B")
    assert (LIGHT.attention, LIGHT.running, LIGHT.selection) == ("#9A7400", "#0F7A56", "#DCEBFA")


@pytest.mark.parametrize("look", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("tone", Tone)
def test_every_tone_is_readable_on_every_ground(look: theme.Theme, ground: str, tone: Tone) -> None:
    wanted = FAINT_CONTRAST if tone in QUIET else TEXT_CONTRAST

    assert theme.contrast(look.ink(tone, ground).name().upper(), look.token(ground)) >= wanted


def test_a_token_that_is_readable_is_used_as_it_is() -> None:
    assert DARK.ink(Tone.NEGATIVE).name().upper() == "#F28C38"
    assert LIGHT.ink(Tone.POSITIVE).name().upper() == "#0B66B8"


def test_a_token_that_is_too_weak_is_nudged_only_until_it_can_be_read() -> None:
    nudged = LIGHT.ink(Tone.ATTENTION).name().upper()

    assert nudged != LIGHT.attention
    assert TEXT_CONTRAST <= theme.contrast(nudged, LIGHT.panel) < TEXT_CONTRAST + 0.35


def test_contrast_of_black_and_white_is_21() -> None:
    assert theme.contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert theme.contrast("#777777", "#777777") == 1.0


def test_an_unknown_token_is_named() -> None:
    with pytest.raises(KeyError, match="no colour token is called 'pink'"):
        DARK.colour("pink")
    with pytest.raises(KeyError, match="'name'"):
        DARK.colour("name")


def test_digits_all_have_one_width(dark: theme.Theme) -> None:
    for weight in theme.Weight:
        metrics = QFontMetricsF(theme.font(theme.TEXT_PX, weight))
        widths = [metrics.horizontalAdvance(digit) for digit in "0123456789"]
        assert max(widths) - min(widths) < 1 / 32


def test_the_desk_is_set_in_inter_at_12_pixels(qapp: QApplication, dark: theme.Theme) -> None:
    assert qapp.font().family() == "Inter"
    assert qapp.font().pixelSize() == 12


@pytest.mark.parametrize("look", THEMES.values(), ids=THEMES)
def test_the_style_sheet_has_no_name_left_unfilled(look: theme.Theme) -> None:
    sheet = theme.style_sheet(look)

    assert "@" not in sheet
    assert look.panel in sheet


def test_applying_a_theme_changes_what_is_current(qapp: QApplication, dark: theme.Theme) -> None:
    theme.apply(qapp, LIGHT)

    assert theme.current() is LIGHT
    assert qapp.palette().window().color().name().upper() == LIGHT.background


def test_a_label_takes_the_look_of_its_new_tone(qapp: QApplication, dark: theme.Theme, qtbot: object) -> None:
    label = QLabel("58%")
    label.setProperty("tone", "alarm")
    theme.restyle(label)

    assert label.palette().windowText().color().name().upper() == DARK.alarm
    label.deleteLater()


@pytest.mark.parametrize("look", THEMES.values(), ids=THEMES)
def test_a_button_with_the_focus_looks_different_even_if_it_is_the_first_of_its_row(
    qapp: QApplication, qtbot: QtBot, look: theme.Theme
) -> None:
    theme.apply(qapp, look)
    row = QWidget()
    qtbot.addWidget(row)
    column = QVBoxLayout(row)
    primary, other = QPushButton("Unlock"), QPushButton("Quit")
    primary.setProperty("role", "primary")
    column.addWidget(primary)
    column.addWidget(other)
    row.show()
    row.activateWindow()
    qtbot.waitUntil(row.isActiveWindow)
    primary.setFocus()
    focused = primary.grab().toImage()
    other.setFocus()

    assert primary.grab().toImage() != focused


def test_a_list_to_choose_from_shows_that_it_is_one(qapp: QApplication, qtbot: QtBot) -> None:
    theme.apply(qapp, theme.DARK)
    box = QComboBox()
    qtbot.addWidget(box)
    box.resize(160, 24)
    image = box.grab().toImage()

    arrow = {image.pixelColor(x, y).name() for x in range(142, 156) for y in range(4, 20)}
    assert len(arrow) > 2
