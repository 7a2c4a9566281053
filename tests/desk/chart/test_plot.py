from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication, QWidget

from dealerdesk.desk.chart.plot import Plot, TimeAxis, ValueAxis
from dealerdesk.desk.chart.series import Series
from dealerdesk.desk.numbers import MINUS
from dealerdesk.desk.theme import DARK

START_S = 1_773_352_800.0  # 2026-03-12 22:00:00 UTC


@pytest.fixture
def plot(outer: QWidget) -> Plot:
    made = Plot(outer)
    made.resize(500, 300)
    made.set_series([Series("net", "Net"), Series("pnl", "P&L", axis="right")])
    made.set_look(DARK, stale=False)
    outer.resize(500, 300)
    outer.show()
    made.set_ranges(START_S, START_S + 3_600, (-100.0, 100.0), (-5.0, 5.0))
    QApplication.processEvents()
    return made


def test_times_stand_at_round_steps(qapp: object) -> None:
    axis = TimeAxis("bottom")
    (step, values), *_ = axis.tickValues(START_S + 100, START_S + 36_000, 600)

    assert step == 7_200
    assert axis.tickStrings(values, 1, step) == ["00:00", "02:00", "04:00", "06:00", "08:00"]
    assert axis.tickStrings([START_S], 1, 15) == ["22:00:00"]
    assert axis.tickStrings([START_S], 1, 86_400) == ["12 Mar 2026"]


def test_values_are_written_as_everywhere_on_the_desk(qapp: object) -> None:
    axis = ValueAxis("left")

    assert axis.tickStrings([-200.0, 0.0, 100.0], 1, 100) == [f"{MINUS}200", "0", "100"]
    assert axis.tickStrings([-10_000.0, 20_000.0], 1, 10_000) == [f"{MINUS}10 k", "20 k"]
    assert axis.tickStrings([500_000.0, 1_000_000.0, 1_500_000.0], 1, 500_000) == ["500 k", "1 M", "1.5 M"]
    assert axis.tickStrings([0.25], 1, 0.05) == ["0.25"]


def test_each_axis_has_its_range(plot: Plot) -> None:
    assert plot.box.viewRange()[1] == [-100.0, 100.0]
    assert plot._right.viewRange()[1] == [-5.0, 5.0]
    assert plot._right.viewRange()[0] == plot.box.viewRange()[0]


def test_the_time_under_the_pointer_is_told(plot: Plot) -> None:
    told: list[object] = []
    plot.pointed.connect(told.append)
    middle = plot.box.sceneBoundingRect().center()
    plot.scene().sigMouseMoved.emit(middle)
    plot.scene().sigMouseMoved.emit(QPointF(-50, -50))

    assert told[0] == pytest.approx(START_S + 1_800, abs=15)
    assert told[1] is None


def test_lines_are_drawn_on_their_axis(plot: Plot) -> None:
    x = START_S + np.arange(10.0)
    plot.set_points("net", x, np.ones(10))
    plot.set_points("pnl", x, np.ones(10))

    assert plot._curves["net"].getViewBox() is plot.box
    assert plot._curves["pnl"].getViewBox() is plot._right


def test_the_hair_stands_where_it_is_put_and_goes(plot: Plot) -> None:
    plot.show_hair(START_S + 5)
    assert plot._hair.isVisible()
    assert plot._hair.value() == START_S + 5
    plot.show_hair(None)
    assert not plot._hair.isVisible()
