from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from dealerdesk.desk import theme
from dealerdesk.desk.chart import Series, TimeChart
from dealerdesk.desk.numbers import MINUS, THIN
from dealerdesk.desk.theme import Tone

START_S = 1_773_352_800.0  # 2026-03-12 22:00:00 UTC
NET = Series("net", "Net lots", Tone.POSITIVE, filled=True)
PNL = Series("pnl", "P&L USD", Tone.NEGATIVE, axis="right", decimals=0)


@pytest.fixture
def chart(qtbot: QtBot, dark: theme.Theme) -> TimeChart:
    made = TimeChart("session")
    qtbot.addWidget(made)
    made.resize(600, 300)
    made.set_series([NET, PNL])
    made.show()
    x = START_S + np.arange(3_600.0)
    made.set_data("net", x, np.linspace(-195.0, 300.0, 3_600))
    made.set_data("pnl", x, np.linspace(0.0, -3_240.0, 3_600))
    QApplication.processEvents()
    return made


def keys(chart: TimeChart, qtbot: QtBot) -> Callable[[Qt.Key], tuple[float, float]]:
    def press(key: Qt.Key) -> tuple[float, float]:
        qtbot.keyClick(chart, key)
        QApplication.processEvents()
        start, end = chart.span()
        return start - START_S, end - START_S

    return press


def test_the_legend_says_the_newest_values(chart: TimeChart) -> None:
    assert chart.legend_sentence() == f"Net lots +300.00, P&L USD {MINUS}3{THIN}240, 22:59:59 UTC"


def test_the_crosshair_says_the_values_under_it(chart: TimeChart) -> None:
    chart._plot.pointed.emit(START_S + 0.5)
    assert chart.legend_sentence() == f"Net lots {MINUS}195.00, P&L USD 0, 22:00:00 UTC"
    chart._plot.pointed.emit(None)
    assert chart.legend_sentence().startswith("Net lots +300.00")


def test_before_the_first_point_there_is_no_value(chart: TimeChart) -> None:
    chart._plot.pointed.emit(START_S - 100)

    assert chart.legend_sentence().startswith("Net lots —, P&L USD —")


def test_keys_zoom_move_and_lead_home(chart: TimeChart, qtbot: QtBot) -> None:
    press = keys(chart, qtbot)

    assert press(Qt.Key.Key_Plus) == pytest.approx((3_599 * 0.2, 3_599))
    assert press(Qt.Key.Key_Left)[1] < 3_599
    assert not chart.follow()
    assert press(Qt.Key.Key_Home) == (0, 3_599)
    assert chart.follow()
    press(Qt.Key.Key_Plus)
    assert press(Qt.Key.Key_Minus) == (0, 3_599)


def test_follow_is_turned_off_and_on_by_its_key_and_told(chart: TimeChart, qtbot: QtBot) -> None:
    told: list[bool] = []
    chart.follow_changed.connect(told.append)
    qtbot.keyClick(chart, Qt.Key.Key_F)
    qtbot.keyClick(chart, Qt.Key.Key_F)
    chart.set_follow(True)

    assert told == [False, True]


def test_a_marked_span_is_shown(chart: TimeChart) -> None:
    chart._plot.box.span_marked.emit(START_S + 100, START_S + 200)

    assert chart.span() == (START_S + 100, START_S + 200)
    assert not chart.follow()


def test_the_wheel_zooms_about_the_pointer(chart: TimeChart) -> None:
    chart.set_follow(False)
    chart._plot.box.wheel_turned.emit(120.0, START_S + 1_000)

    start, end = chart.span()
    assert end - start == pytest.approx(3_599 * 0.8)
    assert (START_S + 1_000 - start) / (end - start) == pytest.approx(1_000 / 3_599)


def test_a_hidden_chart_draws_nothing(chart: TimeChart) -> None:
    chart.hide()
    chart.set_data("net", np.array([START_S]), np.array([7.0]))
    QApplication.processEvents()
    assert chart.legend_sentence().startswith("Net lots +300.00")
    chart.show()
    QApplication.processEvents()
    assert chart.legend_sentence().startswith("Net lots +7.00")


def test_an_unknown_series_is_a_mistake(chart: TimeChart) -> None:
    with pytest.raises(KeyError, match="no series is called 'gold'"):
        chart.set_data("gold", np.zeros(1), np.zeros(1))


def test_a_stale_chart_is_grey_and_says_since_when(chart: TimeChart) -> None:
    chart.set_stale("22:41:07")
    QApplication.processEvents()

    assert chart.legend_sentence().endswith("stale since 22:41:07")
    colour = chart._plot._curves["net"].opts["pen"].color()
    assert colour == theme.DARK.ink(Tone.STALE)


def test_lines_take_the_colours_of_another_theme(chart: TimeChart, qapp: QApplication) -> None:
    theme.apply(qapp, theme.LIGHT)

    assert chart._plot._curves["pnl"].opts["pen"].color() == theme.LIGHT.ink(Tone.NEGATIVE)


def test_other_series_replace_the_former_and_keep_what_stays(chart: TimeChart) -> None:
    chart.set_series([NET])
    QApplication.processEvents()

    assert chart.legend_sentence().startswith("Net lots +300.00, 22:59:59")


def test_without_points_a_sentence_is_said(qtbot: QtBot, dark: theme.Theme) -> None:
    chart = TimeChart("empty")
    qtbot.addWidget(chart)
    chart.set_series([NET])
    chart.set_empty_text("The session has just begun.")
    chart.show()
    QApplication.processEvents()

    assert chart._cover.isVisible()
    assert chart._cover.sentence() == "The session has just begun."


def test_the_axes_are_named_for_those_who_listen(chart: TimeChart) -> None:
    chart.set_titles("Net lots", "P&L USD")

    assert chart.accessibleName() == "Net lots and P&L USD"


def test_the_chart_is_written_as_picture_and_as_figures(chart: TimeChart, tmp_path: Path) -> None:
    chart.export_png(tmp_path / "chart.png")
    chart.export_csv(tmp_path / "chart.csv")
    lines = (tmp_path / "chart.csv").read_text(encoding="utf-8-sig").splitlines()

    assert (tmp_path / "chart.png").read_bytes()[:4] == b"\x89PNG"
    assert lines[0] == "Time UTC,Net lots,P&L USD"
    assert lines[1] == "2026-03-12 22:00:00.000,-195.0,0.0"
    assert len(lines) == 3_601
    with pytest.raises(OSError, match="could not be written"):
        chart.export_png(tmp_path / "nowhere" / "chart.png")


def test_pyqtgraph_is_not_imported_before_the_first_chart_is_made() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, dealerdesk.desk.chart; print('pyqtgraph' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.strip() == "False"


def test_one_point_is_no_line_yet_so_the_sentence_stays(chart: TimeChart) -> None:
    chart.set_data("pnl", np.zeros(0), np.zeros(0))
    chart.set_data("net", np.array([START_S]), np.array([5.0]))
    chart.draw_now()
    assert chart._cover.isVisible()

    chart.set_data("net", np.array([START_S, START_S + 5.0]), np.array([5.0, 6.0]))
    chart.draw_now()
    assert not chart._cover.isVisible()
