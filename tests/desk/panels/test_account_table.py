"""A table of accounts shares its current account with the desk, and remembers its look."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panel import Panel
from dealerdesk.desk.panels.account_table import AccountTable, Look, account_subject
from dealerdesk.desk.panels.choice import Option
from dealerdesk.desk.table import Column, ColumnRows, TableView

from .small_broker import Spoken

LOOKS = (
    Look(Option("all", "all", "1"), ("account", False)),
    Look(Option("first", "the first", "2"), ("account", True), ("account", "MT5 101")),
)
KEYS = [("MT5", 101), ("MT5", 102), ("cTrader", 201)]


class OneTable(Panel):
    name = "one-table"
    title = "One table"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.table = TableView("one-table", (Column("account", "Account"),), self, memory=desk.memory, title="accounts")
        self.table.show_rows(ColumnRows({"account": [f"{server} {login}" for server, login in KEYS]}, keys=KEYS))
        self.body.addWidget(self.table)
        self.accounts = AccountTable(desk, self, self.table, "one-look", LOOKS)


@pytest.fixture
def panel(desk: Desk, qtbot: QtBot) -> OneTable:
    made = OneTable(desk)
    qtbot.addWidget(made)
    made.show()
    return made


def test_a_look_filters_and_the_next_one_takes_its_filter_away(panel: OneTable) -> None:
    panel.accounts.choice.choose("first")
    assert panel.accounts.count_words("accounts") == "1 of 3 accounts"

    panel.accounts.choice.choose("all")
    assert panel.accounts.count_words("accounts") == "3 accounts"


def test_the_current_row_is_the_desks_account_and_enter_opens_it(panel: OneTable, desk: Desk, spoken: Spoken) -> None:
    panel.table.select_key(("MT5", 102))
    assert desk.selection.account == ("MT5", 102)

    panel.table.activated.emit(("cTrader", 201))
    assert desk.selection.account == ("cTrader", 201)
    assert spoken.opened == ["account"]


def test_an_account_chosen_elsewhere_is_marked(panel: OneTable, desk: Desk) -> None:
    desk.selection.select_account("MT5", 101)

    assert panel.table.current_key() == ("MT5", 101)


def test_a_longer_key_is_about_the_account_it_begins_with() -> None:
    assert account_subject(("MT5", 7, 1_000, 3)).account == ("MT5", 7)
    assert account_subject("total").account is None
