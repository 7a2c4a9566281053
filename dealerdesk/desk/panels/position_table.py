"""The table of positions as several panels show it: all, of an account, or those behind a figure.

It keeps the rows narrowed to what its panel wants, brings the part in view up to date on each beat, and explains P&L.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.identity import AccountLabels
from dealerdesk.desk.panels.position_rows import POSITION_COLUMNS, PositionRows
from dealerdesk.desk.panels.row_menu import RowMenu, Subject, accounts_of
from dealerdesk.desk.table import Column, TableView
from dealerdesk.desk.table.rows import Index
from dealerdesk.formulas.derivation import Derivation
from dealerdesk.live.frame import Frame
from dealerdesk.live.why import why_position

ROWS_IN_VIEW_MAX = 200
Wanted = Callable[[], Index | None]


class PositionTableView(QObject):
    """A TableView over positions. `name` is what its widths and filters are remembered under."""

    def __init__(
        self,
        desk: Desk,
        name: str,
        labels: AccountLabels,
        parent: QWidget,
        columns: Sequence[Column] = POSITION_COLUMNS,
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self.rows = PositionRows(desk.state, desk.frame(), labels, desk.preferences().currency)
        columns = [replace(column, whole=True) if column.key == "account" else column for column in columns]
        self.table = TableView(name, columns, parent, memory=desk.memory, title="positions")
        self.table.set_empty_text("No open positions here.", "Others are a filter or a selection away: Ctrl+F.")
        self.menu = RowMenu(desk, self.table, self.subject, {"floating": self._why_floating})
        self.rows.take_in_view(desk.frame(), self._in_view())
        self.table.show_rows(self.rows)
        self._positions_version = -1
        self._looked_us = 0
        self.table.selected.connect(self._select)

    def renew(self, frame: Frame, wanted: Wanted) -> None:
        """Narrows to what is wanted now, whatever stood before."""
        self._looked_us, self._positions_version = frame.time_us, self._desk.state.version.positions
        # first of all: what is wanted now may be of symbols that the frame before did not know
        self.rows.take(frame)
        self.rows.narrow(wanted())
        self.rows.take_in_view(frame, self._in_view())
        self.table.show_rows(self.rows)

    def forget(self) -> None:
        """Something else is wanted: the next beat asks what, however hidden the table was meanwhile."""
        self._positions_version, self._looked_us = -1, 0

    def beat(self, frame: Frame, wanted: Wanted) -> None:
        """Draws a newer frame; looks for opened and closed positions at most once a second."""
        if self._positions_version != self._desk.state.version.positions and frame.time_us - self._looked_us > 900_000:
            self._looked_us, self._positions_version = frame.time_us, self._desk.state.version.positions
            if self.rows.narrow(wanted()):
                self.rows.take_in_view(frame, self._in_view())
                self.table.show_rows(self.rows)
                return
        self.rows.take_in_view(frame, self._in_view())
        self.table.refresh()

    def subject(self, key: Hashable) -> Subject:
        """The account and the symbol of a position; neither when it is closed by now."""
        slot = self._slot(key)
        if slot is None:
            return Subject()
        state = self._desk.state
        account, symbol = int(state.positions.account[slot]), int(state.positions.symbol[slot])
        server = state.servers[int(state.positions.server[slot])]
        return Subject(
            account=(server, int(state.accounts.login[account])),
            symbol=(server, state.symbols.name[symbol]),
            position=int(state.positions.id[slot]),
        )

    def _in_view(self) -> Index:
        order = self.table.visible_order()
        first = self.table.top()
        return order[max(0, first - 1) : first + ROWS_IN_VIEW_MAX]

    def _select(self, key: Hashable) -> None:
        subject = self.subject(key)
        if subject.symbol is not None and subject.account is not None:
            self._desk.selection.select_symbol(*subject.symbol)
            self._desk.selection.select_account(*subject.account, subject.position, self._chosen)

    def _chosen(self) -> list[tuple[str, int]]:
        return accounts_of(self.table, self.subject)

    def _slot(self, key: Hashable) -> int | None:
        return self._desk.state.positions.slot(*key) if isinstance(key, tuple) else None

    def _why_floating(self, frame: Frame, key: Hashable) -> Derivation:
        slot = self._slot(key)
        if slot is None:
            raise LookupError("this position is closed")
        return why_position(self._desk.state, frame, slot)
