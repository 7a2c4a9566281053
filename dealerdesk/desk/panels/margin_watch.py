"""Margin watch: who is near a margin call or a stop-out, which price takes them there, and who crossed one today."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panel import Panel
from dealerdesk.desk.panels.account_rows import in_currency
from dealerdesk.desk.panels.account_table import AccountTable, Look, account_subject
from dealerdesk.desk.panels.accounts import account_derivations
from dealerdesk.desk.panels.choice import Option
from dealerdesk.desk.panels.identity import labels_of
from dealerdesk.desk.panels.margin_rows import HISTORY_COLUMNS, MARGIN_COLUMNS, MarginRows, crossing_rows
from dealerdesk.desk.panels.margin_why import margin_derivations
from dealerdesk.desk.panels.row_menu import RowMenu
from dealerdesk.desk.panels.staleness import stale_words
from dealerdesk.desk.table import TableView
from dealerdesk.desk.theme import Tone
from dealerdesk.live.frame import Frame

LOOKS = (
    Look(Option("distance", "by distance", "1"), ("together", False)),
    Look(Option("level", "by level", "2"), ("level", False)),
    Look(Option("called", "called", "3"), ("level", False), ("standing", "called")),
    Look(Option("stopped", "at stop-out", "4"), ("level", False), ("standing", "stop-out")),
)
WATCH_PX, HISTORY_PX = 700, 300


class MarginWatchPanel(Panel):
    """Accounts by their distance above, the crossings of this run below. The current row is the desk's account."""

    name = "margin-watch"
    title = "Margin watch"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        currency = desk.preferences().currency
        platforms = {endpoint.server: endpoint.platform for endpoint in desk.profile.endpoints}
        self.rows = MarginRows(
            desk.state, desk.frame(), labels_of(desk.state), lambda: desk.library.open_commands, platforms, currency
        )
        columns = in_currency(MARGIN_COLUMNS, currency)
        self.table = TableView("margin-watch", columns, self, memory=desk.memory, title="accounts with margin")
        self.table.set_empty_text("No account uses margin.", "Accounts without open positions are not listed.")
        self.table.show_rows(self.rows)
        self.history = TableView("margin-history", HISTORY_COLUMNS, self, memory=desk.memory, title="crossings")
        self.history.set_empty_text("Nobody has crossed a level.", "Since this desk began to look.")
        self._shown_revision = -1
        both = QSplitter(Qt.Orientation.Vertical, self)
        both.setObjectName("margin-splitter")
        both.setChildrenCollapsible(False)
        both.addWidget(self.table)
        both.addWidget(self.history)
        both.setSizes([WATCH_PX, HISTORY_PX])
        self.body.addWidget(both)
        self.accounts = AccountTable(desk, self, self.table, "margin-look", LOOKS)
        self.accounts.follow_rows_of(self.history)
        self.look = self.accounts.choice
        derivations = account_derivations(desk.state) | margin_derivations(desk.state, platforms)
        self.menu = RowMenu(desk, self.table, account_subject, derivations)
        self.history_menu = RowMenu(desk, self.history, account_subject, {})
        self.table.shown_changed.connect(self._tell)

    def beat(self, frame: Frame) -> None:
        self.rows.take(frame)
        self.table.refresh()
        calls = self.desk.calls
        if calls.revision != self._shown_revision:
            self._shown_revision = calls.revision
            self.history.show_rows(crossing_rows(tuple(calls.crossings)))
        self._tell()

    def refocus(self) -> None:
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.table.reveal_current()

    def _tell(self) -> None:
        count = self.accounts.count_words("accounts with margin")
        stale = stale_words(self.desk.state)
        self.set_facts(f"{count} · {stale}" if stale else count, Tone.ATTENTION if stale else Tone.SECONDARY)
