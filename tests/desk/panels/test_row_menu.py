from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from dealerdesk.commands.audit_query import AuditQuery
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.row_menu import RowMenu, Subject, sort_first
from dealerdesk.desk.table import Column, ColumnRows, TableView
from dealerdesk.desk.table.chooser import ColumnMenu
from dealerdesk.desk.theme import Tone
from dealerdesk.formulas.derivation import Derivation
from dealerdesk.live.frame import Frame

from .small_broker import FakeLibrary, Memory, Spoken

COLUMNS = (Column("name", "Name"), Column("size", "Size"))
OF_EVERY_ROW = ("Sort by Name", "Then by Name", "Columns…", "Copy", "Export…")
SUBJECTS: dict[Hashable, Subject] = {
    "account": Subject(account=("MT5", 101)),
    "symbol": Subject(symbol=("MT5", "XAUUSD")),
    "nothing": Subject(),
}


def refuse(_frame: Frame, _key: Hashable) -> Derivation:
    raise LookupError("XAUUSD has no quote yet")


@pytest.fixture
def table(outer: QWidget) -> TableView:
    made = TableView("t", COLUMNS, outer, memory=Memory())
    keys = list(SUBJECTS)
    made.show_rows(ColumnRows({"name": [str(key) for key in keys], "size": ["b", "c", "a"]}, keys))
    return made


@pytest.fixture
def menu(desk: Desk, table: TableView) -> RowMenu:
    return RowMenu(desk, table, SUBJECTS.__getitem__, {"size": refuse})


def texts(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if action.text()]


def trigger(menu: QMenu, text: str) -> None:
    next(action for action in menu.actions() if action.text() == text).trigger()


def test_an_account_row_offers_its_book_its_detail_and_its_positions(menu: RowMenu) -> None:
    made = menu.menu_for("account", "size")

    assert texts(made) == [
        "Why this figure?",
        "Set book…",
        "Request…",
        "Show account",
        "Unmask…",
        "Show positions",
        *OF_EVERY_ROW,
    ]
    assert made.actions()[0].isEnabled()


def test_a_row_about_nothing_offers_copy_and_export(menu: RowMenu) -> None:
    made = menu.menu_for("nothing", "name")

    assert texts(made) == ["Why this figure?", *OF_EVERY_ROW]
    assert not made.actions()[0].isEnabled()


def test_a_dead_bridge_refuses_the_book_with_its_sentence(menu: RowMenu, spoken: Spoken) -> None:
    spoken.refusals["MT5"] = "MT5 is not connected since 14:31."
    made = menu.menu_for("account", "name")
    action = made.actions()[1]

    assert action.text() == "Set book: MT5 is not connected since 14:31."
    assert not action.isEnabled()


def test_each_entry_does_what_it_says(menu: RowMenu, desk: Desk, spoken: Spoken, table: TableView) -> None:
    made = menu.menu_for("account", "size")
    trigger(made, "Set book…")
    trigger(made, "Show account")
    trigger(made, "Show positions")
    assert spoken.books == [("MT5", 101)]
    assert spoken.opened == ["account", "positions"]
    assert desk.selection.account == ("MT5", 101)

    table.select_key("symbol")
    trigger(made, "Copy")
    assert "symbol" in QGuiApplication.clipboard().text()


def test_rows_are_sorted_by_the_current_column_without_a_mouse(menu: RowMenu, table: TableView) -> None:
    table.sort_by([("size", False)])
    made = menu.menu_for("account", "name")

    trigger(made, "Then by Name")
    assert table.contents.sort == [("size", False), ("name", False)]
    trigger(made, "Sort by Name")
    assert table.contents.sort == [("name", True)]


def test_the_columns_are_chosen_without_a_mouse(menu: RowMenu, table: TableView) -> None:
    trigger(menu.menu_for("account", "name"), "Columns…")

    (made,) = [child for child in table.findChildren(ColumnMenu) if child.isVisible()]
    assert "Hide Name" in texts(made)
    made.close()


def test_positions_of_a_symbol_follow_the_symbol(menu: RowMenu, desk: Desk) -> None:
    trigger(menu.menu_for("symbol", "name"), "Show positions")

    assert desk.selection.symbol == ("MT5", "XAUUSD")


def test_what_cannot_be_explained_is_told_in_its_own_words(menu: RowMenu, spoken: Spoken) -> None:
    menu.explain("account", "size")

    assert spoken.notes == [("Not explained: XAUUSD has no quote yet", Tone.ATTENTION)]
    assert spoken.derivations == []


def test_the_menu_opens_at_the_row_and_is_gone_when_it_closes(menu: RowMenu, table: TableView, qtbot: Any) -> None:
    table.select_key("account")
    table.menu_asked.emit("account", QPoint(5, 5))
    (made,) = [child for child in table.findChildren(QMenu) if child.isVisible()]
    with qtbot.waitSignal(made.destroyed):
        made.close()

    assert not shiboken6.isValid(made)


def test_a_table_is_sorted_for_a_person_only_until_they_arranged_it(outer: QWidget, table: TableView) -> None:
    memory = Memory()
    sort_first(table, memory, [("size", False)])
    assert table.visible_order().tolist() == [2, 0, 1]

    memory.save("t", {})
    sort_first(table, memory, [("name", False)])
    assert table.visible_order().tolist() == [2, 0, 1]


def test_who_reads_the_audit_log_gets_to_the_history_of_a_client_and_of_a_command(
    desk: Desk, table: TableView, spoken: Spoken
) -> None:
    auditor = replace(desk, role="auditor")
    asked: list[AuditQuery] = []
    desk.selection.history_asked.connect(asked.append)
    subjects = {"account": Subject(account=("MT5", 101)), "symbol": Subject(account=("MT5", 101), command_id="dd-1")}
    menu = RowMenu(auditor, table, subjects.__getitem__)

    account = menu.menu_for("account", "name")
    trigger(account, "History of the client")
    command = menu.menu_for("symbol", "name")
    trigger(command, "History of the command")

    assert "Unmask…" not in texts(account)
    assert "History of the client" not in texts(command)
    assert asked == [AuditQuery(client_id=1), AuditQuery(subject="dd-1")]
    assert spoken.opened == ["audit", "audit"]


def test_unmasking_is_asked_for_the_account_of_the_row(menu: RowMenu, desk: Desk) -> None:
    asked: list[tuple[str, int]] = []
    desk.selection.unmask_asked.connect(lambda server, login: asked.append((server, login)))

    trigger(menu.menu_for("account", "name"), "Unmask…")

    assert asked == [("MT5", 101)]


def test_rows_that_leave_the_table_go_on_record_with_the_filter(
    menu: RowMenu, table: TableView, library: FakeLibrary
) -> None:
    table.set_filter("name", "acc")
    table.given_out.emit(1, "accounts.xlsx")
    table.given_out.emit(20, "")
    table.given_out.emit(21, "")

    assert library.noted == [
        ("exported", "t", {"rows": 1, "filter": "name: acc", "to": "accounts.xlsx"}),
        ("exported", "t", {"rows": 21, "filter": "name: acc", "to": "clipboard"}),
    ]
