from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.desk.panels.fact_grid import Fact, FactGrid
from dealerdesk.desk.theme import ROW_PX, Tone

FACTS = tuple(Fact(str(i), f"Label {i}", f"{i}.00", Tone.NORMAL, explained=i == 0) for i in range(6))


@pytest.fixture
def grid(outer: QWidget) -> FactGrid:
    made = FactGrid(outer)
    layout = QVBoxLayout(outer)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(made)
    layout.addStretch(1)
    outer.resize(400, 300)
    made.set_facts(FACTS)
    outer.show()
    return made


def test_a_narrow_grid_is_taller_than_a_wide_one(grid: FactGrid) -> None:
    assert grid.heightForWidth(200) > grid.heightForWidth(400) > grid.heightForWidth(1_200)
    assert grid.height() == grid.heightForWidth(grid.width())


def test_arrows_go_down_a_column_and_across_columns(grid: FactGrid, qtbot: QtBot) -> None:
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    assert grid.current() == FACTS[1]
    assert grid.accessibleDescription() == "Label 1: 1.00"

    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.current() == FACTS[4]

    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.current() == FACTS[4]


def test_enter_and_the_why_key_ask_about_the_current_fact(grid: FactGrid, qtbot: QtBot) -> None:
    with qtbot.waitSignal(grid.why_asked) as asked:
        qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert asked.args == ["0"]
    with qtbot.waitSignal(grid.why_asked):
        qtbot.keyClick(grid, Qt.Key.Key_Question, Qt.KeyboardModifier.ControlModifier)


def test_a_click_chooses_the_fact_under_it_and_a_double_click_asks(grid: FactGrid, qtbot: QtBot) -> None:
    qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=QPoint(20, ROW_PX * 2))
    assert grid.current() == FACTS[1]
    with qtbot.waitSignal(grid.why_asked) as asked:
        qtbot.mouseDClick(grid, Qt.MouseButton.LeftButton, pos=QPoint(20, ROW_PX * 2))
    assert asked.args == ["1"]


def test_columns_grow_for_a_longer_figure_and_are_never_cut(grid: FactGrid) -> None:
    assert grid.heightForWidth(380) < grid.heightForWidth(200)
    long = Fact("0", "Label", "1 234 567 890 123 456 789.00 USD and more")
    grid.set_facts((long, *FACTS[1:]))

    assert grid.heightForWidth(380) == grid.heightForWidth(200)


def test_in_a_low_panel_the_last_facts_are_left_out(grid: FactGrid, qtbot: QtBot) -> None:
    grid.set_lines_max(2)
    whole = grid.height()
    for _ in range(6):
        qtbot.keyClick(grid, Qt.Key.Key_Down)

    assert grid.current() == FACTS[3]
    grid.set_lines_max(20)
    assert grid.height() > whole


def test_the_same_facts_again_change_nothing_and_a_changed_one_shows(grid: FactGrid) -> None:
    before = grid.grab().toImage()
    grid.set_facts(FACTS)
    assert grid.grab().toImage() == before

    grid.set_facts((Fact("0", "Label 0", "9.99", Tone.ALARM), *FACTS[1:]))
    assert grid.facts()[0].text == "9.99"
    assert grid.grab().toImage() != before


def test_without_facts_there_is_nothing_to_ask(grid: FactGrid, qtbot: QtBot) -> None:
    grid.set_facts(())
    assert grid.current() is None
    with qtbot.assertNotEmitted(grid.why_asked):
        qtbot.keyClick(grid, Qt.Key.Key_Return)
