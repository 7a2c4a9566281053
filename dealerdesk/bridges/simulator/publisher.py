"""Numbers what changes: each changed row becomes a delta with the next sequence, which is also the row's version.

It collects one step's deltas; who sends them is not its business.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dealerdesk.bridges.protocol import Delta, Gone, Row, RowSet
from dealerdesk.bridges.simulator.columns import Columns, Slots
from dealerdesk.bridges.simulator.rows import RowWriter
from dealerdesk.bridges.simulator.state import ServerState


class Publisher:
    """`seq` is the number of the last delta. Times on the deltas are the state's."""

    def __init__(self, state: ServerState) -> None:
        self.seq = 0
        self._state = state
        self._writer = RowWriter(state)
        self._deltas: list[Delta] = []

    def take(self) -> list[Delta]:
        """The deltas since the last call, in order."""
        taken, self._deltas = self._deltas, []
        return taken

    def accounts(self, *slots: int) -> None:
        """These accounts' rows have changed."""
        self._changed(RowSet.ACCOUNT, self._state.accounts, slots)

    def routing(self, *slots: int) -> None:
        """These accounts' books have changed."""
        self._changed(RowSet.ROUTING, self._state.accounts, slots, "routing_version")

    def positions(self, *slots: int) -> None:
        """These positions are new or have changed."""
        self._changed(RowSet.POSITION, self._state.positions, slots)

    def orders(self, *slots: int) -> None:
        """These pending orders are new or have changed."""
        self._changed(RowSet.ORDER, self._state.orders, slots)

    def requests(self, *slots: int) -> None:
        """These dealing requests are new or have changed."""
        self._changed(RowSet.REQUEST, self._state.requests, slots)

    def deals(self, *slots: int) -> None:
        """These deals were made."""
        self._changed(RowSet.DEAL, self._state.deals, slots)

    def operations(self, *slots: int) -> None:
        """These balance operations were booked."""
        self._changed(RowSet.BALANCE_OPERATION, self._state.operations, slots)

    def samples(self, slots: Sequence[int]) -> None:
        """These quote samples were taken."""
        self._changed(RowSet.QUOTE_SAMPLE, self._state.samples, slots)

    def day_ends(self, slots: Sequence[int]) -> None:
        """These days were closed."""
        self._changed(RowSet.DAY_END, self._state.day_ends, slots)

    def results(self, *slots: int) -> None:
        """These session results have changed."""
        self._changed(RowSet.SESSION_RESULT, self._state.results, slots)

    def row(self, row: Row) -> int:
        """A row that stands in no table is new; returns its version."""
        self._append(row)
        return self.seq

    def gone(self, row_set: RowSet, key: int | str) -> None:
        """The row with `key` has left its set."""
        self._append(Gone(row_set, key))

    def row_of(self, row_set: RowSet, table: Columns, slot: int) -> Row:
        """The row at a slot as it stands."""
        return self._writer.rows(row_set, table, np.array([slot]))[0]

    def _changed(self, row_set: RowSet, table: Columns, slots: Sequence[int], version: str = "version") -> None:
        places: Slots = np.array(slots, np.int64)
        rows = self._writer.rows(row_set, table, places)
        getattr(table, version)[places] = self.seq + 1 + np.arange(len(rows))
        for row in rows:
            self._append(row)

    def _append(self, row: Row | Gone) -> None:
        self.seq += 1
        self._deltas.append(Delta(self.seq, self.seq, self._state.time_us, row))
