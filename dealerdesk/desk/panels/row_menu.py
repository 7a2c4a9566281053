"""What a person may do with a row of any panel: Why?, Set book, Request, Show account, Show positions, Copy, Export.

One menu for every table. It opens panels and asks the desk; what is allowed the desk says.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from dealerdesk.commands.audit_query import READERS, AuditQuery
from dealerdesk.commands.fields import openable
from dealerdesk.commands.roles import Role
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.numbers import integer
from dealerdesk.desk.request_terms import offered
from dealerdesk.desk.table import TableMemory, TableView
from dealerdesk.desk.theme import Tone
from dealerdesk.formulas.derivation import Derivation
from dealerdesk.live.frame import Frame, compute

Derive = Callable[[Frame, Hashable], Derivation]
COPIED_MAX = 20
"""So many rows may be copied without an entry in the audit log."""
NOT_COMPUTED = "Why? explains figures that are computed; this one is as its source sent it."


@dataclass(frozen=True, slots=True)
class Subject:
    """What a row is about: an account (server, login), a symbol (server, name), a position of the account,
    a command, several or none of them."""

    account: tuple[str, int] | None = None
    symbol: tuple[str, str] | None = None
    command_id: str = ""
    position: int | None = None


SubjectOf = Callable[[Hashable], Subject]


def accounts_of(table: TableView, subject_of: SubjectOf) -> list[tuple[str, int]]:
    """The accounts of a table's selected rows, in the order shown; one with several rows comes several times."""
    subjects = map(subject_of, table.selected_keys())
    return [subject.account for subject in subjects if subject.account is not None]


def sort_first(table: TableView, memory: TableMemory, keys: Sequence[tuple[str, bool]]) -> None:
    """Sorts a table that a person has not arranged yet; what they arranged themselves stands."""
    if memory.load(table.objectName()) is None:
        table.sort_by(keys)


class RowMenu(QObject):
    """The context menu and the Why key of one table. `derivations` says which columns can be explained, and how."""

    def __init__(
        self, desk: Desk, table: TableView, subject_of: SubjectOf, derivations: Mapping[str, Derive] | None = None
    ) -> None:
        super().__init__(table)
        self._desk = desk
        self._table = table
        self._subject_of = subject_of
        self._derivations = dict(derivations or {})
        self._subject = Subject()
        table.menu_asked.connect(self._open)
        table.why_asked.connect(self.explain)
        table.exported.connect(desk.notify)
        table.given_out.connect(self._record)

    def explain(self, key: Hashable, column_key: str) -> None:
        """Opens why a figure is what it is, at this moment's prices; or says that it is not a computed one."""
        derive = self._derivations.get(column_key)
        if derive is None:
            self._desk.notify(NOT_COMPUTED, Tone.ATTENTION)
            return
        try:
            derivation = derive(compute(self._desk.state, self._desk.clock()), key)
        except (LookupError, ValueError) as problem:
            self._desk.notify(f"Not explained: {problem}", Tone.ATTENTION)
            return
        self._desk.why(derivation)

    def menu_for(self, key: Hashable, column_key: str) -> QMenu:
        """The menu on a cell; what is refused now stands in it greyed, with the reason."""
        self._subject = self._subject_of(key)
        menu = QMenu(self._table)
        if self._derivations:
            why = self._add(menu, "Why this figure?", self._why, "Ctrl+?")
            why.setEnabled(column_key in self._derivations)
        if self._subject.account is not None:
            self._add_book(menu, self._subject.account[0])
            if offered(self._desk.role):
                self._add(menu, "Request…", self._request, "Ctrl+R")
            self._add(menu, "Show account", self._show_account, "F6")
            if self._desk.role in frozenset(Role) and openable(Role(self._desk.role)):
                self._add(menu, "Unmask…", self._unmask, "Ctrl+U")
        if self._subject.account is not None or self._subject.symbol is not None:
            self._add(menu, "Show positions", self._show_positions, "F4")
        self._add_history(menu)
        menu.addSeparator()
        title = self._table.current_column().title.replace("&", "&&")
        self._add(menu, f"Sort by {title}", self._sort)
        self._add(menu, f"Then by {title}", self._sort_too)
        self._add(menu, "Columns…", self._table.open_column_menu)
        menu.addSeparator()
        self._add(menu, "Copy", self._table.copy_selection, "Ctrl+C")
        self._add(menu, "Export…", self._export, "Ctrl+Shift+E")
        return menu

    def _record(self, rows: int, file: str) -> None:
        """Puts on record that rows left the table; a few on the clipboard are a person's everyday work."""
        if not file and rows <= COPIED_MAX:
            return
        filters = " · ".join(f"{key}: {typed}" for key, typed in self._table.filters().items() if typed)
        detail: dict[str, str | int] = {"rows": rows, "filter": filters, "to": file or "clipboard"}
        self._desk.run(self._desk.library.note("exported", self._table.objectName(), **detail))

    def _open(self, key: Hashable, position: QPoint) -> None:
        column = self._table.current_column()
        menu = self.menu_for(key, column.key)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(position)

    def _add_book(self, menu: QMenu, server: str) -> None:
        refusal, count = self._desk.refusal(server), len(self._accounts())
        if count > 1:
            self._add(menu, f"Set book of {integer(count)} accounts…", self._set_books, "Ctrl+B")
            return
        action = self._add(menu, "Set book…" if not refusal else f"Set book: {refusal}", self._set_book, "Ctrl+B")
        action.setEnabled(not refusal)

    def _add(self, menu: QMenu, text: str, slot: Callable[[], object], key: str = "") -> QAction:
        # the key is shown, not bound: the shell and the table own it
        action = QAction(text, menu)
        action.setShortcut(QKeySequence(key))
        action.setShortcutVisibleInContextMenu(True)
        action.triggered.connect(slot)
        menu.addAction(action)
        return action

    def _add_history(self, menu: QMenu) -> None:
        """The audit log's own rows lead to histories by their own keys."""
        if self._desk.role not in READERS or self._table.objectName() == "audit":
            return
        if self._subject.command_id:
            self._add(menu, "History of the command", self._show_history)
        elif self._subject.account is not None:
            self._add(menu, "History of the client", self._show_history, "Ctrl+H")

    def _show_history(self) -> None:
        if self._subject.command_id:
            self._desk.selection.ask_history(AuditQuery(subject=self._subject.command_id))
        elif self._subject.account is not None:
            slot = self._desk.state.accounts.slot(*self._subject.account)
            client_id = int(self._desk.state.accounts.client_id[slot]) if slot is not None else None
            server, login = self._subject.account
            query = AuditQuery(server=server, login=login) if client_id is None else AuditQuery(client_id=client_id)
            self._desk.selection.ask_history(query)
        self._desk.open_panel("audit")

    def _request(self) -> None:
        if self._subject.account is not None:
            self._desk.selection.ask_request(*self._subject.account, self._subject.position)

    def _unmask(self) -> None:
        if self._subject.account is not None:
            self._desk.selection.ask_unmask(*self._subject.account)

    def _sort(self) -> None:
        self._table.sort_by_current()

    def _sort_too(self) -> None:
        self._table.sort_by_current(added=True)

    def _why(self) -> None:
        self.explain(self._table.current_key(), self._table.current_column().key)

    def _export(self) -> None:
        self._table.export_asked.emit()

    def _set_book(self) -> None:
        if self._subject.account is not None:
            self._desk.set_book(*self._subject.account)

    def _set_books(self) -> None:
        self._desk.selection.ask_books(self._accounts())

    def _accounts(self) -> list[tuple[str, int]]:
        """The accounts of the rows that are selected."""
        return list(dict.fromkeys(accounts_of(self._table, self._subject_of)))

    def _show_account(self) -> None:
        if self._subject.account is not None:
            self._desk.selection.select_account(*self._subject.account)
            self._desk.open_panel("account")

    def _show_positions(self) -> None:
        if self._subject.account is not None:
            self._desk.selection.select_account(*self._subject.account)
        elif self._subject.symbol is not None:
            self._desk.selection.select_symbol(*self._subject.symbol)
        self._desk.open_panel("positions")
