"""Accounts: every live account with all that one would sort or filter by, and four quick looks at them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from dealerdesk.commands.records import CommandRecord
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.numbers import account, counted, integer
from dealerdesk.desk.panel import Panel
from dealerdesk.desk.panels.account_rows import ACCOUNT_COLUMNS, AccountRows, in_currency
from dealerdesk.desk.panels.choice import Choice, Option
from dealerdesk.desk.panels.identity import labels_of
from dealerdesk.desk.panels.row_menu import Derive, RowMenu, Subject, accounts_of, sort_first
from dealerdesk.desk.panels.staleness import stale_words
from dealerdesk.desk.table import TableView
from dealerdesk.desk.theme import Tone
from dealerdesk.formulas.derivation import Derivation
from dealerdesk.live import why
from dealerdesk.live.frame import Frame
from dealerdesk.live.state import LiveState

LOOKS = (
    Option("all", "all", "1"),
    Option("call", "below margin call", "2"),
    Option("winners", "winners today", "3"),
    Option("losers", "losers today", "4"),
)
OfAccount = Callable[[LiveState, Frame, int], Derivation]
"""Why a figure of the account in a slot is what it is."""
# what a look filters by, and what it sorts by (True: greatest first)
LOOK_FILTERS = {
    "call": ("to_call", "<0"),
    "winners": ("session_reporting", ">0"),
    "losers": ("session_reporting", "<0"),
}
LOOK_SORTS = {"all": ("level", False), "call": ("level", False), "winners": ("session_reporting", True)}
LOOK_SORT_OTHERWISE = ("session_reporting", False)


class AccountsPanel(Panel):
    """The table of accounts. The current row is the desk's selected account."""

    name = "accounts"
    title = "Accounts"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        labels = labels_of(desk.state)
        self.currency = desk.preferences().currency
        self.rows = AccountRows(desk.state, desk.frame(), labels, self._open_commands, self.currency)
        columns = in_currency(ACCOUNT_COLUMNS, self.currency)
        self.table = TableView("accounts", columns, self, memory=desk.memory, title="accounts")
        self.table.set_empty_text("No account is known yet.", "They come with each bridge's snapshot: see Bridges, F8.")
        self.table.show_rows(self.rows)
        sort_first(self.table, desk.memory, [LOOK_SORTS["all"]])
        self.body.addWidget(self.table)
        self.look = Choice(self, "accounts-look", LOOKS, "Accounts shown")
        self.add_control(self.look)
        self.menu = RowMenu(desk, self.table, account_subject, account_derivations(desk.state))
        self._show_remembered_look()
        self.look.chosen.connect(self._look)
        self.table.selected.connect(self._select)
        self.table.activated.connect(self._open)
        self.table.shown_changed.connect(self._tell)
        desk.selection.account_selected.connect(self._follow)

    def beat(self, frame: Frame) -> None:
        self.rows.take(frame)
        self.table.refresh()
        self._tell()

    def refocus(self) -> None:
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.table.reveal_current()

    def _open_commands(self) -> Mapping[tuple[str, int], CommandRecord]:
        return self.desk.library.open_commands

    def _show_remembered_look(self) -> None:
        """The table remembers its filters; the look that they belong to is shown with them."""
        filters = self.table.filters()
        for look, (column_key, text) in LOOK_FILTERS.items():
            if filters.get(column_key) == text:
                self.look.choose(look)

    def _look(self, look: str) -> None:
        for column_key, _ in LOOK_FILTERS.values():
            self.table.set_filter(column_key, "")
        if look in LOOK_FILTERS:
            self.table.set_filter(*LOOK_FILTERS[look])
        self.table.sort_by([LOOK_SORTS.get(look, LOOK_SORT_OTHERWISE)])

    def _select(self, key: Hashable) -> None:
        if isinstance(key, tuple):
            server, login = key
            self.desk.selection.select_account(server, login, chosen=self._chosen)

    def _chosen(self) -> list[tuple[str, int]]:
        return accounts_of(self.table, account_subject)

    def _open(self, key: Hashable) -> None:
        self._select(key)
        self.desk.open_panel("account")

    def _follow(self, server: str, login: int) -> None:
        # marked, not scrolled to: the list stays worst first while a person walks through other panels
        # and left alone where they chose it here, perhaps among others
        if self.table.current_key() != (server, login):
            self.table.select_key((server, login), reveal=False)

    def _tell(self) -> None:
        shown, all_of_them = self.table.counts()
        count = counted(all_of_them, "accounts")
        count = f"{integer(shown)} of {count}" if shown != all_of_them else count
        unknown = self.rows.unknown()
        waiting = f" · {integer(unknown)} without figures" if unknown else ""
        stale = stale_words(self.desk.state)
        facts = f"{count}{waiting} · {stale or f'foot in {self.currency}'}"
        self.set_facts(facts, Tone.ATTENTION if stale else Tone.SECONDARY)


def account_subject(key: Hashable) -> Subject:
    """An account row is about its account."""
    return Subject(account=key) if isinstance(key, tuple) else Subject()


def account_derivations(state: LiveState) -> dict[str, Derive]:
    """The figures of an account that can say why, by their columns."""
    of_slot = {
        "equity": why.why_equity,
        "floating": why.why_floating,
        "session": why.why_session,
        "margin": why.why_margin,
        "free_margin": why.why_free_margin,
        "level": why.why_level,
    }

    return derivations_of(state, of_slot)


def derivations_of(state: LiveState, of_slot: Mapping[str, OfAccount]) -> dict[str, Derive]:
    """Derivations of an account's slot as those of its row, each named after the account."""

    def derive_with(function: OfAccount) -> Derive:
        def derive(frame: Frame, key: Hashable) -> Derivation:
            slot = state.accounts.slot(*key) if isinstance(key, tuple) else None
            if slot is None or not isinstance(key, tuple):
                raise LookupError("this account is gone")
            found = function(state, frame, slot)
            return replace(found, figure=f"{found.figure} of {account(*key)}")

        return derive

    return {column: derive_with(function) for column, function in of_slot.items()}
