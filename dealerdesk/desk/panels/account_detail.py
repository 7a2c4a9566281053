"""Account detail: the account in view, whole: its facts, positions, deals, balance operations and commands."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from dealerdesk.commands.fields import openable
from dealerdesk.commands.roles import Role
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.numbers import plain
from dealerdesk.desk.panel import Panel
from dealerdesk.desk.panels.account_facts import account_facts
from dealerdesk.desk.panels.account_history import AccountHistory
from dealerdesk.desk.panels.accounts import account_derivations
from dealerdesk.desk.panels.choice import Choice, Option
from dealerdesk.desk.panels.fact_grid import FactGrid
from dealerdesk.desk.panels.identity import labels_of
from dealerdesk.desk.panels.position_rows import POSITION_COLUMNS
from dealerdesk.desk.panels.position_table import PositionTableView
from dealerdesk.desk.panels.row_menu import NOT_COMPUTED
from dealerdesk.desk.table.rows import Index
from dealerdesk.desk.theme import ROW_PX, Tone
from dealerdesk.live.frame import Frame, compute

LISTS = (
    Option("positions", "positions", "1"),
    Option("deals", "deals", "2"),
    Option("balance", "balance operations", "3"),
    Option("commands", "book and commands", "4"),
)
LINES_MIN = 3
SAME_IN_EVERY_ROW = frozenset(("account", "client", "currency", "book"))
COLUMNS = tuple(
    replace(column, shown=False) if column.key in SAME_IN_EVERY_ROW else column for column in POSITION_COLUMNS
)
HINT = "Ctrl+B book · Ctrl+R request"
HINT_TO_UNMASK = "Ctrl+R request · Ctrl+U unmask"


class AccountDetailPanel(Panel):
    """Facts on top, one of four lists below."""

    name = "account"
    title = "Account detail"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.labels = labels_of(desk.state)
        self.facts = FactGrid(self)
        self.which = Choice(self, "account-list", LISTS, "List shown")
        self.positions = PositionTableView(desk, "account-positions", self.labels, self, COLUMNS)
        self.history = AccountHistory(desk, self.labels, self)
        self.lists = QStackedWidget(self)
        self._derivations = account_derivations(desk.state)
        may_open = desk.role in frozenset(Role) and openable(Role(desk.role))
        self._hint = HINT_TO_UNMASK if may_open else HINT
        self._build()
        self.which.chosen.connect(self._show_list)
        self.facts.why_asked.connect(self._why)
        desk.selection.account_selected.connect(self._account_changed)
        self._show_list(self.which.value)

    def _build(self) -> None:
        self.add_control(self.which)
        self.positions.table.set_empty_text("No account is in view.", "Choose one in Accounts, F3, or with Ctrl+K.")
        self.body.addWidget(self.facts)
        self.body.addWidget(self.lists, 1)
        for widget in (self.positions.table, *self.history.tables.values()):
            self.lists.addWidget(widget)

    def beat(self, frame: Frame) -> None:
        slot = self._slot()
        self.facts.setVisible(slot is not None and slot < frame.count)
        if slot is not None and slot < frame.count:
            key = self.desk.selection.account
            command = self.desk.library.open_commands.get(key) if key else None
            self.facts.set_facts(account_facts(self.desk.state, frame, slot, command))
        if self.which.value == "positions":
            self.positions.beat(frame, self._slots)
        else:
            self.history.keep_fresh(self.which.value)
        self._tell()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.facts.set_lines_max(max(LINES_MIN, self.height() // 2 // ROW_PX))

    def refocus(self) -> None:
        current = self.lists.currentWidget()
        if current is not None:
            current.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _slot(self) -> int | None:
        account = self.desk.selection.account
        return self.desk.state.accounts.slot(*account) if account is not None else None

    def _slots(self) -> Index:
        slot = self._slot()
        empty = np.empty(0, dtype=np.intp)
        return empty if slot is None else np.sort(np.asarray(self.desk.state.positions_of(slot), dtype=np.intp))

    def _account_changed(self) -> None:
        self.positions.table.set_empty_text("This account has no open positions.", "Its deals are one key away: 2.")
        self.history.forget()
        self.positions.forget()
        slot = self._slot()
        if slot is not None:
            self.positions.rows.currency = self.desk.state.accounts.currency_code[slot]
        if self.isVisible():
            frame = self.desk.frame()
            self.positions.renew(frame, self._slots)
            self.beat(frame)

    def _show_list(self, which: str) -> None:
        table = self.history.tables.get(which, self.positions.table)
        self.lists.setCurrentWidget(table)
        if which == "positions":
            self.positions.renew(self.desk.frame(), self._slots)
        else:
            self.history.keep_fresh(which)

    def _why(self, key: Hashable) -> None:
        derive, account = self._derivations.get(str(key)), self.desk.selection.account
        if derive is None or account is None:
            self.desk.notify(NOT_COMPUTED, Tone.ATTENTION)
            return
        try:
            self.desk.why(derive(compute(self.desk.state, self.desk.clock()), account))
        except (LookupError, ValueError) as problem:
            self.desk.notify(f"Not explained: {problem}", Tone.ATTENTION)

    def _tell(self) -> None:
        account, slot = self.desk.selection.account, self._slot()
        if account is None or slot is None:
            self.set_title("Account detail")
            self.set_facts("")
            return
        name = plain(self.desk.state.accounts.name[slot])
        self.set_title(f"{self.labels.of(*account)} · {name}" if name else self.labels.of(*account))
        refusal = self.desk.refusal(account[0])
        self.set_facts(refusal or self._hint, Tone.ATTENTION if refusal else Tone.SECONDARY)
