from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.account_detail import AccountDetailPanel

from .small_broker import FakeLibrary, Spoken, command
from .test_history_rows import DEAL


def positions(panel: AccountDetailPanel) -> set[Any]:
    rows = panel.positions.rows
    return {rows.key(row) for row in panel.positions.table.visible_order().tolist()}


def fact(panel: AccountDetailPanel, key: str) -> str:
    return next(fact.text for fact in panel.facts.facts() if fact.key == key)


def test_without_an_account_it_says_how_to_choose_one(show: Any) -> None:
    panel = show(AccountDetailPanel)

    assert not panel.facts.isVisible()
    assert panel.header.title.text() == "Account detail"
    assert panel.positions.table.notices.empty.sentence == "No account is in view."


def test_it_follows_the_account_in_view(show: Any, desk: Desk) -> None:
    panel = show(AccountDetailPanel)
    desk.selection.select_account("MT5", 101)

    assert panel.header.title.text() == "MT5 101 · Ada Abel"
    assert fact(panel, "equity") == "11\u2009000.00"
    assert positions(panel) == {("MT5", 9001), ("MT5", 9002)}

    desk.selection.select_account("MT5", 102)
    assert positions(panel) == {("MT5", 9003)}
    assert panel.positions.rows.currency == "EUR"


def test_an_account_chosen_while_it_was_hidden_shows_with_the_next_beat(show: Any, desk: Desk) -> None:
    panel = show(AccountDetailPanel)
    desk.selection.select_account("MT5", 101)
    panel.hide()
    desk.selection.select_account("cTrader", 201)
    panel.show()
    panel.beat(desk.frame())

    assert positions(panel) == {("cTrader", 1)}
    assert fact(panel, "book") == "C · 40% covered"


def test_digits_change_the_list(show: Any, desk: Desk, qtbot: QtBot, library: FakeLibrary) -> None:
    library.deals = [DEAL]
    panel = show(AccountDetailPanel)
    desk.selection.select_account("MT5", 101)
    qtbot.keyClick(panel.positions.table, Qt.Key.Key_2)

    assert panel.lists.currentWidget() is panel.history.tables["deals"]
    assert panel.history.tables["deals"].counts() == (1, 1)


def test_why_works_on_its_equity_and_says_what_it_is_not_for(
    show: Any, desk: Desk, qtbot: QtBot, spoken: Spoken
) -> None:
    panel = show(AccountDetailPanel)
    desk.selection.select_account("MT5", 101)
    qtbot.keyClick(panel.facts, Qt.Key.Key_Return)
    assert spoken.derivations[0].total() == 11_000

    panel.facts.why_asked.emit("country")
    assert "as its source sent it" in spoken.notes[0][0]


def test_a_change_under_way_shows_on_the_book(show: Any, desk: Desk, library: FakeLibrary) -> None:
    library.open_commands[("MT5", 101)] = command()
    panel = show(AccountDetailPanel)
    desk.selection.select_account("MT5", 101)

    assert fact(panel, "command") == "● waits for approval"


def test_a_dead_bridge_says_so_where_the_keys_stood(show: Any, desk: Desk, spoken: Spoken) -> None:
    panel = show(AccountDetailPanel)
    desk.selection.select_account("MT5", 101)
    assert panel.header.facts.text() == "Ctrl+R request · Ctrl+U unmask"

    spoken.refusals["MT5"] = "MT5 is not connected since 14:31."
    panel.beat(desk.frame())
    assert panel.header.facts.text() == "MT5 is not connected since 14:31."


def test_a_low_panel_leaves_room_for_its_list(show: Any, desk: Desk) -> None:
    panel = show(AccountDetailPanel, 400, 260)
    desk.selection.select_account("MT5", 101)

    assert panel.facts.height() <= panel.height() // 2 + 21
