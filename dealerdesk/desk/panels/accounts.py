"""Accounts: every live account with all that one would sort or filter by, and four quick looks at them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from dealerdesk.commands.records import CommandRecord
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.numbers import account, integer
from dealerdesk.desk.panel import Panel
from dealerdesk.desk.panels.account_rows import ACCOUNT_COLUMNS, AccountRows, in_currency
from dealerdesk.desk.panels.account_table import AccountTable, Look, account_subject
from dealerdesk.desk.panels.choice import Option
from dealerdesk.desk.panels.identity import labels_of
from dealerdesk.desk.panels.row_menu import Derive, RowMenu
from dealerdesk.desk.panels.staleness import stale_words
from dealerdesk.desk.table import TableView
from dealerdesk.desk.theme import Tone
from dealerdesk.formulas.derivation import Derivation
from dealerdesk.live import why
from dealerdesk.live.frame import Frame
from dealerdesk.live.state import LiveState

LOOKS = (
    Look(Option("all", "all", "1"), ("level", False)),
    Look(Option("call", "below margin call", "2"), ("level", False), ("to_call", "<0")),
    Look(Option("winners", "winners today", "3"), ("session_reporting", True), ("session_reporting", ">0")),
    Look(Option("losers", "losers today", "4"), ("session_reporting", False), ("session_reporting", "<0")),
)
OfAccount = Callable[[LiveState, Frame, int], Derivation]
"""Why a figure of the account in a slot is what it is."""


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
        self.body.addWidget(self.table)
        self.accounts = AccountTable(desk, self, self.table, "accounts-look", LOOKS)
        self.look = self.accounts.choice
        self.menu = RowMenu(desk, self.table, account_subject, account_derivations(desk.state))
        self.table.shown_changed.connect(self._tell)

    def beat(self, frame: Frame) -> None:
        self.rows.take(frame)
        self.table.refresh()
        self._tell()

    def refocus(self) -> None:
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.table.reveal_current()

    def _open_commands(self) -> Mapping[tuple[str, int], CommandRecord]:
        return self.desk.library.open_commands

    def _tell(self) -> None:
        count = self.accounts.count_words("accounts")
        unknown = self.rows.unknown()
        waiting = f" · {integer(unknown)} without figures" if unknown else ""
        stale = stale_words(self.desk.state)
        facts = f"{count}{waiting} · {stale or f'foot in {self.currency}'}"
        self.set_facts(facts, Tone.ATTENTION if stale else Tone.SECONDARY)


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
