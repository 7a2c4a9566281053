"""What every table of accounts does: its quick looks, and one account in view in all panels. Computes no figures."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.numbers import counted, integer
from dealerdesk.desk.panel import Panel
from dealerdesk.desk.panels.choice import Choice, Option
from dealerdesk.desk.panels.row_menu import Subject, accounts_of, sort_first
from dealerdesk.desk.table import TableView


@dataclass(frozen=True, slots=True)
class Look:
    """A quick look: the column it sorts by (True: greatest first), and the one filter it sets, if any."""

    option: Option
    sort: tuple[str, bool]
    filter: tuple[str, str] | None = None


class AccountTable(QObject):
    """Joins a table of accounts to the desk: the current row is the desk's account, Enter opens it.

    The table remembers its filters; the look that they belong to is shown with them.
    """

    def __init__(self, desk: Desk, panel: Panel, table: TableView, name: str, looks: Sequence[Look]) -> None:
        super().__init__(table)
        self._desk = desk
        self._table = table
        self._looks = {look.option.value: look for look in looks}
        sort_first(table, desk.memory, [looks[0].sort])
        self.choice = Choice(panel, name, [look.option for look in looks], "Accounts shown")
        panel.add_control(self.choice)
        self._show_remembered()
        self.choice.chosen.connect(self._show)
        self.follow_rows_of(table)
        desk.selection.account_selected.connect(self._follow)

    def follow_rows_of(self, table: TableView) -> None:
        """Makes the account of a row the one in view, and Enter open it; of another table of the panel too."""
        table.selected.connect(self._select)
        table.activated.connect(self._open)

    def count_words(self, things: str) -> str:
        """How many rows are shown, of how many where a filter hides some."""
        shown, every = self._table.counts()
        words = counted(every, things)
        return f"{integer(shown)} of {words}" if shown != every else words

    def _show_remembered(self) -> None:
        filters = self._table.filters()
        for look in self._looks.values():
            if look.filter is not None and filters.get(look.filter[0]) == look.filter[1]:
                self.choice.choose(look.option.value)

    def _show(self, name: str) -> None:
        for look in self._looks.values():
            if look.filter is not None:
                self._table.set_filter(look.filter[0], "")
        chosen = self._looks[name]
        if chosen.filter is not None:
            self._table.set_filter(*chosen.filter)
        self._table.sort_by([chosen.sort])

    def _select(self, key: Hashable) -> None:
        about = account_subject(key).account
        if about is not None:
            self._desk.selection.select_account(*about, chosen=self._chosen)

    def _chosen(self) -> list[tuple[str, int]]:
        return accounts_of(self._table, account_subject)

    def _open(self, key: Hashable) -> None:
        self._select(key)
        self._desk.open_panel("account")

    def _follow(self, server: str, login: int) -> None:
        # marked, not scrolled to: the list stays worst first while a person walks through other panels
        # and left alone where they chose it here, perhaps among others
        if self._table.current_key() != (server, login):
            self._table.select_key((server, login), reveal=False)


def account_subject(key: Hashable) -> Subject:
    """A row whose key begins with a server and a login is about that account."""
    if isinstance(key, tuple) and len(key) >= 2:
        server, login = key[:2]
        return Subject(account=(server, login))
    return Subject()
