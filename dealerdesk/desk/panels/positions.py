"""Positions: every open position, or those of the account or the symbol in view."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.numbers import integer
from dealerdesk.desk.panel import Panel
from dealerdesk.desk.panels.choice import Choice, Option
from dealerdesk.desk.panels.identity import labels_of
from dealerdesk.desk.panels.position_table import PositionTableView
from dealerdesk.desk.panels.staleness import stale_words
from dealerdesk.desk.table.rows import Index
from dealerdesk.desk.theme import Tone
from dealerdesk.live.exposure import Dimension, rows_behind
from dealerdesk.live.frame import Frame

FOLLOWS = (
    Option("all", "all", "1"),
    Option("account", "of the account in view", "2"),
    Option("symbol", "of the symbol in view", "3"),
)


class PositionsPanel(Panel):
    """The table of positions; it follows the desk's selection only when told to."""

    name = "positions"
    title = "Positions"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.labels = labels_of(desk.state)
        self.positions = PositionTableView(desk, "positions", self.labels, self)
        self.positions.table.activated.connect(self._open)
        self.positions.table.shown_changed.connect(self._tell)
        self.body.addWidget(self.positions.table)
        self.follow = Choice(self, "positions-follow", FOLLOWS, "Positions shown")
        self.add_control(self.follow)
        self.follow.chosen.connect(self._narrow)
        desk.selection.account_selected.connect(self._narrow)
        desk.selection.symbol_selected.connect(self._narrow)

    def beat(self, frame: Frame) -> None:
        self.positions.beat(frame, self._wanted)
        self._tell()

    def refocus(self) -> None:
        self.positions.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _wanted(self) -> Index | None:
        """The slots of the account or symbol in view; None for all."""
        selection, state = self.desk.selection, self.desk.state
        match self.follow.value:
            case "account":
                slot = state.accounts.slot(*selection.account) if selection.account else None
                return np.sort(state.positions_of(slot)) if slot is not None else np.empty(0, dtype=np.intp)
            case "symbol":
                if selection.symbol is None:
                    return np.empty(0, dtype=np.intp)
                return np.sort(rows_behind(state, Dimension.SYMBOL, selection.symbol))
            case _:
                return None

    def _narrow(self) -> None:
        self.positions.forget()
        if self.isVisible():
            self.positions.renew(self.desk.frame(), self._wanted)
            self._tell()

    def _open(self, key: Hashable) -> None:
        subject = self.positions.subject(key)
        if subject.account is not None:
            self.desk.selection.select_account(*subject.account)
            self.desk.open_panel("account")

    def _tell(self) -> None:
        shown, everything = self.positions.table.counts()
        count = f"{integer(shown)} of {integer(everything)}" if shown != everything else integer(everything)
        self.set_title(f"Positions{self._of()}")
        stale = stale_words(self.desk.state)
        facts = f"{count} open · {stale or f'foot in {self.positions.rows.currency}'}"
        self.set_facts(facts, Tone.ATTENTION if stale else Tone.SECONDARY)

    def _of(self) -> str:
        selection = self.desk.selection
        if self.follow.value == "account" and selection.account is not None:
            return f" · {self.labels.of(*selection.account)}"
        if self.follow.value == "symbol" and selection.symbol is not None:
            return f" · {selection.symbol[1]} on {selection.symbol[0]}"
        return ""
