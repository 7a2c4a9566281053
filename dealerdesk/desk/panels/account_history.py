"""The lists of an account that the database keeps: deals, balance operations, commands. Read when looked at."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from dealerdesk.clock import SECOND_US
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.command_rows import COMMAND_COLUMNS, command_rows
from dealerdesk.desk.panels.history_rows import BALANCE_COLUMNS, DEAL_COLUMNS, balance_rows, deal_rows
from dealerdesk.desk.panels.identity import AccountLabels
from dealerdesk.desk.panels.row_menu import RowMenu, Subject
from dealerdesk.desk.table import ColumnRows, TableView
from dealerdesk.store.connection_trouble import unanswered

READ_EVERY_US = 3 * SECOND_US
EMPTY = {
    "deals": "No deals of this account are recorded yet.",
    "balance": "No deposits, withdrawals or corrections of this account are recorded yet.",
    "commands": "Nothing has been asked for this account yet.",
}
NEXT_STEP = {
    "deals": "The hub records them as they happen: see Bridges, F8.",
    "balance": "The hub records them as they happen: see Bridges, F8.",
    "commands": "Ctrl+B sets its book.",
}


class AccountHistory(QObject):
    """Three tables and what fills them for the account in view."""

    def __init__(self, desk: Desk, labels: AccountLabels, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._labels = labels
        self._reading: set[str] = set()
        self._read_us: dict[str, int] = {}
        self.tables = {
            "deals": TableView("account-deals", DEAL_COLUMNS, parent, memory=desk.memory, title="deals"),
            "balance": TableView("account-balance", BALANCE_COLUMNS, parent, memory=desk.memory, title="operations"),
            "commands": TableView("account-commands", COMMAND_COLUMNS, parent, memory=desk.memory, title="commands"),
        }
        self._menus = [RowMenu(desk, table, about_nothing) for table in self.tables.values()]
        desk.library.commands_changed.connect(self._commands_changed)

    def forget(self) -> None:
        """Another account is in view: what is shown is not about it."""
        self._read_us.clear()
        self.tables["deals"].show_rows(deal_rows([], "USD"))
        self.tables["balance"].show_rows(balance_rows([], "USD"))
        self.tables["commands"].show_rows(command_rows([], self._labels, {}, 0))
        for table in self.tables.values():
            table.set_loading("Reading from the database.")

    def keep_fresh(self, which: str) -> None:
        """Reads a list for the account in view, again each few seconds while it is looked at."""
        account = self._desk.selection.account
        if account is None:
            self.tables[which].set_loading(None)
            self.tables[which].set_empty_text("No account is in view.", "Choose one in Accounts, F3, or with Ctrl+K.")
            return
        now_us = self._desk.clock()
        if which in self._reading or now_us - self._read_us.get(which, 0) < READ_EVERY_US:
            return
        self._reading.add(which)
        self._read_us[which] = now_us
        self._desk.run(self._read(which, account))

    def _commands_changed(self) -> None:
        self._read_us.pop("commands", None)

    async def _read(self, which: str, account: tuple[str, int]) -> None:
        table = self.tables[which]
        try:
            rows = await self._rows(which, account)
        except OSError as trouble:
            table.set_failed(unanswered(trouble), "It is tried again by itself.")
            return
        finally:
            self._reading.discard(which)
        if self._desk.selection.account != account:
            self._read_us.pop(which, None)
            return
        table.set_loading(None)
        table.set_failed(None)
        table.set_empty_text(EMPTY[which], NEXT_STEP[which])
        table.show_rows(rows)

    async def _rows(self, which: str, account: tuple[str, int]) -> ColumnRows:
        library = self._desk.library
        match which:
            case "deals":
                return deal_rows(await library.deals_of(*account), self._currency(account))
            case "balance":
                return balance_rows(await library.balance_operations_of(*account), self._currency(account))
            case _:
                inbox, records = self._desk.inbox, await library.commands_of(*account)
                return command_rows(records, self._labels, inbox.names, inbox.now_us())

    def _currency(self, account: tuple[str, int]) -> str:
        accounts = self._desk.state.accounts
        slot = accounts.slot(*account)
        return accounts.currency_code[slot] if slot is not None else "USD"


def about_nothing(_key: Hashable) -> Subject:
    """A record of the past opens nothing."""
    return Subject()
