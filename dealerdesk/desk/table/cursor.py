"""Where a person stands in a table and what they have selected, by key, so that live re-sorting moves neither.

Knows rows and their order, no widgets. A current row that goes away leaves its place: the next move starts from there.
"""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np

from dealerdesk.desk.table.rows import Index, Rows


class Cursor:
    """The current key, the selected keys and the current column's place."""

    def __init__(self) -> None:
        self.key: Hashable | None = None
        self.keys: set[Hashable] = set()
        self.column = 0
        self._row: int | None = None
        self._anchor: Hashable | None = None
        self._position = 0

    def row(self, rows: Rows) -> int | None:
        """The source row of the current key, None when there is none."""
        if self.key is None:
            return None
        if self._row is None or self._row >= rows.count() or rows.key(self._row) != self.key:
            self._row = rows.row_of(self.key)
        alive = rows.alive()
        if self._row is not None and alive is not None and not alive[self._row]:
            return None
        return self._row

    def position(self, rows: Rows, order: Index) -> int | None:
        """Where the current row is shown, None when it is filtered out or gone."""
        row = self.row(rows)
        if row is None:
            return None
        found = np.flatnonzero(order == row)
        if not len(found):
            return None
        self._position = int(found[0])
        return self._position

    def move_to(self, position: int, rows: Rows, order: Index, extend: bool = False) -> bool:
        """Makes the row shown at `position` (clamped) current; with `extend` selects from the anchor to it.
        True when the current key changed."""
        if not len(order):
            return False
        position = min(max(position, 0), len(order) - 1)
        row = int(order[position])
        before = self.key
        self.key, self._row, self._position = rows.key(row), row, position
        if not extend:
            self._anchor = self.key
            self.keys = {self.key}
        else:
            self.keys = self._range(rows, order, position)
        return self.key != before

    def step(self, by: int, rows: Rows, order: Index, extend: bool = False) -> bool:
        """Moves by so many rows from the current row, or from where it last stood."""
        here = self.position(rows, order)
        if here is None:
            start = self._position if self.key is not None else -1 if by > 0 else 0
            return self.move_to(start if self.key is not None else start + by, rows, order)
        return self.move_to(here + by, rows, order, extend)

    def toggle(self, position: int, rows: Rows, order: Index) -> bool:
        """Adds the row at `position` to the selection or takes it out, and makes it current."""
        row = int(order[position])
        key = rows.key(row)
        changed = key != self.key
        self.key, self._row, self._position, self._anchor = key, row, position, key
        self.keys ^= {key}
        return changed

    def select_all(self, rows: Rows, order: Index) -> None:
        """Selects every row that is shown."""
        self.keys = {rows.key(row) for row in order.tolist()}

    def set_key(self, key: Hashable | None, rows: Rows) -> bool:
        """Makes the row of a key current; False when there is no such row."""
        row = None if key is None else rows.row_of(key)
        self.key = None if row is None else key
        self._row, self._anchor = row, self.key
        self.keys = set() if row is None else {key}
        return row is not None

    def selected(self, rows: Rows, order: Index) -> list[Hashable]:
        """The selected keys in the order shown."""
        if len(self.keys) <= 1:
            return list(self.keys) if self.position(rows, order) is not None or self.key is None else []
        return [key for key in map(rows.key, order.tolist()) if key in self.keys]

    def _range(self, rows: Rows, order: Index, position: int) -> set[Hashable]:
        anchor_row = None if self._anchor is None else rows.row_of(self._anchor)
        found = np.flatnonzero(order == (-1 if anchor_row is None else anchor_row))
        start = int(found[0]) if len(found) else position
        low, high = sorted((start, position))
        return {rows.key(row) for row in order[low : high + 1].tolist()}
