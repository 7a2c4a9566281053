from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.desk.table.arrangement import Arrangement
from dealerdesk.desk.table.filter_row import FILTER_ROW_PX, FilterRow
from table.samples import COLUMNS

LEAST = {column.key: 100 for column in COLUMNS}
PLACEMENT = Arrangement.of(COLUMNS).place({column.key: column for column in COLUMNS}, LEAST, 600)


@pytest.fixture
def row(outer: QWidget) -> FilterRow:
    row = FilterRow(outer)
    row.resize(600, FILTER_ROW_PX)
    outer.show()
    row.show_placement(PLACEMENT, 0, {"net": ">5"})
    return row


def test_each_column_has_a_field_under_it(row: FilterRow) -> None:
    assert row.field("net").x() == 101
    assert row.field("net").text() == ">5"
    assert row.field("net").accessibleName() == "Filter Net"
    assert row.field("book").placeholderText() == "A,C"


def test_what_is_typed_is_said_with_its_column(row: FilterRow, qtbot: QtBot) -> None:
    said: list[tuple[str, str]] = []
    row.typed.connect(lambda key, text: said.append((key, text)))
    qtbot.keyClicks(row.field("book"), "AB")

    assert said == [("book", "A"), ("book", "AB")]


@pytest.mark.parametrize("key", [Qt.Key.Key_Down, Qt.Key.Key_Return])
def test_down_and_enter_lead_back_to_the_rows(row: FilterRow, qtbot: QtBot, key: Qt.Key) -> None:
    with qtbot.waitSignal(row.left_for_rows) as left:
        qtbot.keyClick(row.field("net"), key)

    assert left.signal_triggered


def test_escape_closes(row: FilterRow, qtbot: QtBot) -> None:
    with qtbot.waitSignal(row.closed) as closed:
        qtbot.keyClick(row.field("net"), Qt.Key.Key_Escape)

    assert closed.signal_triggered


def test_fields_of_columns_out_of_sight_are_hidden(row: FilterRow) -> None:
    row.show_placement(PLACEMENT, 150, {})

    assert row.field("symbol").isVisible()
    assert not row.field("net").isVisible()
    assert row.field("level").isVisible()


def test_clearing_says_nothing(row: FilterRow, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(row.typed):
        row.clear()
    assert row.field("net").text() == ""


def test_a_problem_is_marked_and_goes_again(row: FilterRow) -> None:
    row.show_problems({"net": "lots is no figure"})
    assert row.field("net").property("problem") is True
    row.show_problems({})
    assert row.field("net").property("problem") is False
    assert row.field("net").toolTip() == ""


def test_the_fields_of_other_columns_are_forgotten(row: FilterRow) -> None:
    row.forget()

    with pytest.raises(KeyError):
        row.field("net")
