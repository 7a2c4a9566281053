from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from dealerdesk.desk import theme
from dealerdesk.desk.chart import Bar, BarChart
from dealerdesk.desk.chart.bar_chart import BAR_SHARE
from dealerdesk.desk.theme import DARK, ROW_PX

BARS = [Bar("EURUSD", "EURUSD", 36.77), Bar("XAUUSD", "XAUUSD", -195.27), Bar("US500", "US500", 0.0)]


@pytest.fixture
def chart(qtbot: QtBot, dark: theme.Theme) -> BarChart:
    made = BarChart("exposure")
    qtbot.addWidget(made)
    made.resize(400, 5 * ROW_PX)
    made.set_bars(BARS)
    made.show()
    QApplication.processEvents()
    return made


def bar_pixels(chart: BarChart, row: int, token: str, ground: str = "panel") -> list[int]:
    image = chart.viewport().grab().toImage()
    colour = DARK.blend(token, ground, BAR_SHARE)
    return [x for x in range(image.width()) if image.pixelColor(x, row * ROW_PX + 8) == colour]


def test_bars_stand_on_either_side_of_nought_in_proportion(chart: BarChart) -> None:
    right, left = bar_pixels(chart, 0, "positive"), bar_pixels(chart, 1, "negative")

    assert max(left) < min(right)
    assert len(right) / len(left) == pytest.approx(36.77 / 195.27, abs=0.03)
    assert bar_pixels(chart, 2, "positive") == bar_pixels(chart, 2, "negative") == []


def test_bars_of_one_sign_use_the_whole_width(chart: BarChart) -> None:
    both = len(bar_pixels(chart, 1, "negative"))
    chart.set_bars([Bar(bar.key, bar.label, -abs(bar.value)) for bar in BARS])

    assert len(bar_pixels(chart, 1, "negative")) == pytest.approx(2 * both, abs=3)


def test_a_click_and_the_arrow_keys_choose_a_bar(chart: BarChart, qtbot: QtBot) -> None:
    told: list[object] = []
    chart.selected.connect(told.append)
    qtbot.mouseClick(chart.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(50, ROW_PX + 5))
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp):
        qtbot.keyClick(chart, key)

    assert told == ["XAUUSD", "US500", "EURUSD", "US500", "EURUSD"]
    assert chart.current() == "EURUSD"
    assert chart.accessibleDescription() == "EURUSD: +36.77, 1 of 3"


def test_a_panel_marks_a_bar_without_being_told_of_it(chart: BarChart, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(chart.selected):
        chart.set_current("XAUUSD")

    assert chart.viewport().grab().toImage().pixelColor(398, ROW_PX + 2) == DARK.colour("selection")


def test_a_stale_chart_is_grey_and_says_since_when(chart: BarChart) -> None:
    chart.set_stale("16:42:07")
    image = chart.viewport().grab().toImage()
    colours = {image.pixelColor(x, y).name().upper() for x in range(image.width()) for y in range(20, 20 + ROW_PX)}

    assert DARK.positive not in colours
    assert DARK.blend("faint", "panel", BAR_SHARE).name().upper() in colours


def test_without_bars_a_sentence_is_said(chart: BarChart) -> None:
    chart.set_bars([])
    chart.set_empty_text("No exposure.")
    painted = chart.viewport().grab().toImage()
    chart.set_empty_text("")

    assert painted != chart.viewport().grab().toImage()


def test_what_is_not_a_number_has_no_bar(chart: BarChart) -> None:
    chart.set_bars([Bar("a", "A", float("nan")), Bar("b", "B", 1.0)])

    assert bar_pixels(chart, 0, "positive") == []


def test_more_bars_than_room_are_scrolled_to(chart: BarChart, qtbot: QtBot) -> None:
    chart.set_title("Net, USD")
    chart.set_bars([Bar(n, f"S{n}", float(n)) for n in range(40)])
    qtbot.keyClick(chart, Qt.Key.Key_End)

    assert chart.current() == 39
    assert chart.verticalScrollBar().value() == chart.verticalScrollBar().maximum() == 36
    assert chart.accessibleName() == "Net, USD"


def test_labels_from_outside_are_plain_text_in_tips(chart: BarChart) -> None:
    chart.set_bars([Bar("a", "<i>A</i>", 1.0)])
    tip = QHelpEvent(QEvent.Type.ToolTip, QPoint(20, 5), chart.viewport().mapToGlobal(QPoint(20, 5)))
    QApplication.sendEvent(chart.viewport(), tip)

    assert QToolTip.text() == "<span>&lt;i&gt;A&lt;/i&gt;: +1.00</span>"
    QToolTip.hideText()


def test_the_chart_is_written_as_picture_and_as_figures(chart: BarChart, tmp_path: Path) -> None:
    chart.export_png(tmp_path / "bars.png")
    chart.export_csv(tmp_path / "bars.csv")

    assert (tmp_path / "bars.png").stat().st_size > 200
    assert len((tmp_path / "bars.csv").read_text(encoding="utf-8-sig").splitlines()) == 4


def test_the_theme_changes_under_an_open_chart(chart: BarChart, qapp: QApplication) -> None:
    theme.apply(qapp, theme.LIGHT)

    assert chart.viewport().grab().toImage().pixelColor(5, 90).name().upper() == theme.LIGHT.panel
