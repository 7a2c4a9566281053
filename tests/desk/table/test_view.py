from __future__ import annotations

from pathlib import Path

import numpy as np
import openpyxl
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from dealerdesk.desk.table import Column, ColumnRows, Kind, TableView
from table.conftest import MakeTable
from table.samples import COLUMNS, KeptInHand, exposure


def shown(table: TableView) -> list[object]:
    return [table.contents.rows.key(row) for row in table.visible_order().tolist()]


def test_sort_and_filter_decide_what_is_shown(table: TableView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(table.shown_changed):
        table.set_filter("book", "B,C")
    table.sort_by([("net", True), ("nosuch", False)])

    assert shown(table) == ["GBPUSD", "US500", "XAUUSD"]
    assert table.counts() == (3, 4)
    assert table.filters() == {"book": "B,C"}
    table.clear_filters()
    assert table.counts() == (4, 4)


def test_a_filter_on_no_column_of_the_table_changes_nothing(table: TableView) -> None:
    table.set_filter("nosuch", ">5")

    assert table.filters() == {}


def test_what_a_person_arranged_is_there_again_next_time(make_table: MakeTable, memory: KeptInHand) -> None:
    table = make_table()
    table.sort_by([("net", True)])
    table.set_filter("book", "B")
    table.margins.header.moved.emit("net", "symbol")
    table.margins.header.resized.emit("net", 190)
    again = make_table()

    assert memory.records.keys() == {"exposure"}
    assert shown(again) == ["GBPUSD", "XAUUSD"]
    assert again.stage.arrangement.order[0] == "net"
    assert again.stage.arrangement.widths == {"net": 190}
    assert not again.margins.filter_row.isHidden()


def test_a_double_click_on_an_edge_gives_the_width_back(table: TableView) -> None:
    table.margins.header.resized.emit("net", 190)
    table.margins.header.resized.emit("net", 0)

    assert table.stage.arrangement.widths == {}


def test_columns_as_delivered_are_one_step_away(table: TableView) -> None:
    table.margins.header.moved.emit("net", "symbol")
    table._reset_columns()

    assert table.stage.arrangement.order == [column.key for column in COLUMNS]


def test_a_heading_sorts_and_shift_adds_to_the_sort(table: TableView) -> None:
    table.margins.header.sort_clicked.emit("book", False)
    table.margins.header.sort_clicked.emit("net", True)

    assert table.contents.sort == [("book", False), ("net", True)]
    assert shown(table) == ["EURUSD", "GBPUSD", "XAUUSD", "US500"]


def test_the_filter_row_is_typed_into_and_closed_with_escape(table: TableView, qtbot: QtBot) -> None:
    qtbot.keyClick(table, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    field = table.margins.filter_row.field("symbol")
    assert table.margins.filter_row.isVisible()
    qtbot.keyClicks(field, "usd")
    assert shown(table) == ["EURUSD", "XAUUSD", "GBPUSD"]
    qtbot.keyClick(field, Qt.Key.Key_Escape)

    assert table.filters() == {}
    assert field.text() == ""
    assert not table.margins.filter_row.isVisible()


def test_a_filter_that_cannot_be_read_is_marked_with_the_reason(table: TableView) -> None:
    table.show_filter_row(True)
    table.set_filter("net", "lots")
    field = table.margins.filter_row.field("net")

    assert field.property("problem") is True
    assert "no figure" in field.toolTip()
    assert table.counts() == (4, 4)


def test_other_columns_keep_what_they_share_with_the_former(table: TableView) -> None:
    table.sort_by([("net", True)])
    table.set_filter("book", "B")
    table.set_columns([Column("symbol", "Group"), Column("net", "Net", Kind.SIGNED, total=True)])
    table.show_rows(exposure())

    assert table.contents.sort == [("net", True)]
    assert table.filters() == {}
    assert [placed.column.title for placed in table.stage.placement.columns] == ["Group", "Net"]


def test_the_selection_is_copied_with_its_headings(table: TableView, qtbot: QtBot) -> None:
    table.sort_by([("net", True)])
    table.select_key("GBPUSD")
    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    lines = QGuiApplication.clipboard().text().splitlines()
    assert [line.split("\t")[:2] for line in lines] == [
        ["Symbol", "Net lots"],
        ["GBPUSD", "227.62"],
        ["EURUSD", "36.77"],
    ]


def test_one_selected_row_is_copied_even_among_many(table: TableView) -> None:
    table.select_key("US500")
    table.copy_selection()

    assert len(QGuiApplication.clipboard().text().splitlines()) == 2


def test_files_hold_the_rows_and_columns_that_a_person_sees(table: TableView, tmp_path: Path) -> None:
    table.set_filter("book", "B")
    table.stage.arrangement.set_hidden("age", True)
    table.export_xlsx(tmp_path / "out.xlsx")
    table.export_csv(tmp_path / "out.csv")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active

    assert sheet is not None
    assert [row[0].value for row in sheet.iter_rows()] == ["Symbol", "XAUUSD", "GBPUSD"]
    assert sheet.max_column == 5
    assert (tmp_path / "out.csv").read_text(encoding="utf-8-sig").count("\n") == 3


def test_the_states_without_rows_each_say_their_sentence(table: TableView) -> None:
    table.set_empty_text("No exposure.", "Waiting for the first position.")
    table.set_loading("Loading …")
    table.set_failed("The bridge is dead.", "Tried again every second.")
    assert table.notices.choose(0, False) == table.notices.failed
    table.set_failed(None)
    assert table.notices.choose(0, False) == table.notices.loading
    table.set_loading(None)

    notice = table.notices.choose(0, False)
    assert notice is not None
    assert (notice.sentence, notice.next_step) == ("No exposure.", "Waiting for the first position.")


def test_the_headings_menu_hides_and_pins(table: TableView, qtbot: QtBot) -> None:
    table.stage.arrangement.set_hidden("book", True)
    table._on_arranged()
    assert table.stage.placement.find("book") is None
    table.stage.arrangement.set_frozen("net", True)
    table._on_arranged()

    assert [placed.column.key for placed in table.stage.placement.columns if placed.frozen] == ["symbol", "net"]


def test_figures_that_change_leave_key_and_scroll_where_they_are(make_table: MakeTable, clock: object) -> None:
    net = np.arange(200.0)
    many = exposure(
        symbol=[f"S{n:03d}" for n in range(200)],
        net=net,
        book=["A"] * 200,
        level=net,
        level_tone=np.zeros(200, dtype=np.int8),
        used=net / 200,
        age=net,
    )
    many._keys = range(200)
    many._rows = {n: n for n in range(200)}
    table = make_table(many)
    table.sort_by([("net", False)])
    table.select_key(100)
    told: list[object] = []
    table.selected.connect(told.append)
    top = table.verticalScrollBar().value()
    net[:] = net[::-1].copy()
    clock.now_s += 5.0  # type: ignore[attr-defined]
    table.refresh()

    assert table.visible_order()[0] == 199
    assert table.current_key() == 100
    assert table.verticalScrollBar().value() == top > 0
    assert told == []


def test_after_another_filter_the_top_is_in_sight_or_the_current_row_if_it_is_left(make_table: MakeTable) -> None:
    names = [f"EUR{number:03d}" if number % 2 else f"USD{number:03d}" for number in range(200)]
    noughts = np.zeros(len(names))
    figures = dict.fromkeys(("net", "level", "level_tone", "used", "age"), noughts)
    table = make_table(ColumnRows({**figures, "symbol": names, "book": ["A"] * len(names)}, names), height=150)
    table.select_key("USD100")

    table.set_filter("symbol", "EUR")
    assert table.top() == 0
    table.set_filter("symbol", "")
    table.select_key("EUR151")
    table.set_filter("symbol", "EUR")
    position = table.visible_order().tolist().index(151)
    assert table.top() <= position < table.top() + table.page()
