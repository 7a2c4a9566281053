"""Margin watch: who is near a margin call or a stop-out, which price takes them there, and who crossed one today."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QWidget

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.numbers import counted, integer
from dealerdesk.desk.panel import Panel
from dealerdesk.desk.panels.account_rows import in_currency
from dealerdesk.desk.panels.accounts import account_derivations, account_subject
from dealerdesk.desk.panels.choice import Choice, Option
from dealerdesk.desk.panels.identity import labels_of
from dealerdesk.desk.panels.margin_rows import HISTORY_COLUMNS, MARGIN_COLUMNS, MarginRows, crossing_rows
from dealerdesk.desk.panels.margin_why import margin_derivations
from dealerdesk.desk.panels.row_menu import RowMenu, Subject, accounts_of, sort_first
from dealerdesk.desk.panels.staleness import stale_words
from dealerdesk.desk.table import TableView
from dealerdesk.desk.theme import Tone
from dealerdesk.live.frame import Frame

LOOKS = (
    Option("distance", "by distance", "1"),
    Option("level", "by level", "2"),
    Option("called", "called", "3"),
    Option("stopped", "at stop-out", "4"),
)
LOOK_FILTERS = {"called": ("standing", ">0"), "stopped": ("standing", ">1")}
LOOK_SORTS = {"distance": ("together", False)}
LOOK_SORT_OTHERWISE = ("level", False)
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
        sort_first(self.table, desk.memory, [LOOK_SORTS["distance"]])
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
        self.look = Choice(self, "margin-look", LOOKS, "Accounts shown")
        self.add_control(self.look)
        derivations = account_derivations(desk.state) | margin_derivations(desk.state, platforms)
        self.menu = RowMenu(desk, self.table, account_subject, derivations)
        self.history_menu = RowMenu(desk, self.history, crossing_subject, {})
        self._show_remembered_look()
        self.look.chosen.connect(self._look)
        self.table.selected.connect(self._select)
        self.table.activated.connect(self._open)
        self.table.shown_changed.connect(self._tell)
        self.history.selected.connect(self._select)
        self.history.activated.connect(self._open)
        desk.selection.account_selected.connect(self._follow)

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

    def _show_remembered_look(self) -> None:
        filters = self.table.filters()
        for look, (column_key, text) in LOOK_FILTERS.items():
            if filters.get(column_key) == text:
                self.look.choose(look)

    def _look(self, look: str) -> None:
        self.table.set_filter("standing", "")
        if look in LOOK_FILTERS:
            self.table.set_filter(*LOOK_FILTERS[look])
        self.table.sort_by([LOOK_SORTS.get(look, LOOK_SORT_OTHERWISE)])

    def _select(self, key: Hashable) -> None:
        about = crossing_subject(key).account
        if about is not None:
            self.desk.selection.select_account(*about, chosen=self._chosen)

    def _chosen(self) -> list[tuple[str, int]]:
        return accounts_of(self.table, account_subject)

    def _open(self, key: Hashable) -> None:
        self._select(key)
        self.desk.open_panel("account")

    def _follow(self, server: str, login: int) -> None:
        if self.table.current_key() != (server, login):
            self.table.select_key((server, login), reveal=False)

    def _tell(self) -> None:
        shown, all_of_them = self.table.counts()
        count = counted(all_of_them, "accounts with margin")
        count = f"{integer(shown)} of {count}" if shown != all_of_them else count
        stale = stale_words(self.desk.state)
        self.set_facts(f"{count} · {stale}" if stale else count, Tone.ATTENTION if stale else Tone.SECONDARY)


def crossing_subject(key: Hashable) -> Subject:
    """A crossing is about its account, as an account's row is."""
    if isinstance(key, tuple) and len(key) >= 2:
        server, login = key[:2]
        return Subject(account=(server, login))
    return Subject()
