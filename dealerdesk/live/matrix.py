"""A sparse matrix that is multiplied every frame and changed all day: packed rows (CSR) and a short tail (COO).

Rows stand in blocks. A new entry goes to its block's tail; when a tail is full, that block alone is packed anew, so
one change never waits for more than one block. Within a block rows are packed shortest first: neighbours of one length
spare the processor a wrong guess at the end of each row, which halves the time of a product. Entries count their
contributors and are exactly zero without any.
Column 0 is nobody's: the vector holds 0 there, and freed entries point to it. Knows nothing of money.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

BLOCK_ROWS = 4096
TAIL_MIN = 256
TAIL_SHARE = 8
KEY_BITS = 32

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


class Block:
    """BLOCK_ROWS rows; entries before `packed` stand row by row, later ones carry their row."""

    def __init__(self) -> None:
        none = np.zeros(0, np.int64)
        self.fill(none, none, np.zeros(0), none)

    def fill(self, rows: Ints, columns: Ints, values: Floats, uses: Ints) -> None:
        """Replaces all entries; `rows` count from the block's first row and ascend."""
        self.packed = self.count = len(rows)
        capacity = self.packed + max(TAIL_MIN, self.packed // TAIL_SHARE)
        target = self._arrange(rows)
        self._row = np.zeros(capacity - self.packed, np.int32)
        self._column = _placed(columns, target, capacity, np.dtype(np.int32))
        self._value = _placed(values, target, capacity, np.dtype(np.float64))
        self._uses = _placed(uses, target, capacity, np.dtype(np.int32))
        self._tail: dict[int, int] = {}
        self._tail_column = self._column[self.packed :]
        self._tail_value = self._value[self.packed :]
        self._start_at: Any = memoryview(self._start)  # type: ignore[arg-type]
        self._rank_at: Any = memoryview(self._rank)  # type: ignore[arg-type]
        self._column_at: Any = memoryview(self._column)  # type: ignore[arg-type]
        self._value_at: Any = memoryview(self._value)  # type: ignore[arg-type]
        self._uses_at: Any = memoryview(self._uses)  # type: ignore[arg-type]
        self._multiply = _kernels()

    def _arrange(self, rows: Ints) -> Ints:
        """Ranks the rows by length and returns the place of each entry."""
        lengths = np.bincount(rows, minlength=BLOCK_ROWS)
        self._order = np.argsort(lengths, kind="stable")
        self._rank = np.empty(BLOCK_ROWS, np.int64)
        self._rank[self._order] = np.arange(BLOCK_ROWS)
        self._start = np.zeros(BLOCK_ROWS + 1, np.int32)
        np.cumsum(lengths[self._order], out=self._start[1:])
        first = np.cumsum(lengths) - lengths
        return self._start[self._rank[rows]] + np.arange(len(rows)) - first[rows]

    def add(self, row: int, column: int, change: float, uses: int) -> None:
        """Adds to one entry; `uses` is how many contributors came (+) or went (−)."""
        rank = self._rank_at[row]
        first = self._start_at[rank]
        standing = self._column_at[first : self._start_at[rank + 1]].tolist()
        if column in standing:
            place = first + standing.index(column)
        else:
            key = row << KEY_BITS | column
            found = self._tail.get(key)
            place = self._new(row, column, first, standing) if found is None else found
        left = self._uses_at[place] + uses
        self._uses_at[place] = left
        if left:
            self._value_at[place] += change
        else:
            self._value_at[place] = 0.0
            self._column_at[place] = 0
            self._tail.pop(row << KEY_BITS | column, None)

    def multiply(self, vector: Floats, out: Floats) -> None:
        """out = block × vector."""
        packed, tail = self._multiply
        ranked = np.zeros(BLOCK_ROWS)
        packed(BLOCK_ROWS, len(vector), self._start, self._column, self._value, vector, ranked)
        np.take(ranked, self._rank, out=out, mode="clip")
        if self.count > self.packed:
            tail(self.count - self.packed, self._row, self._tail_column, self._tail_value, vector, out)

    def entries(self) -> tuple[Ints, Ints, Floats, Ints]:
        """Rows, columns, values and uses of all entries in use, rows ascending."""
        lengths = np.diff(self._start)
        tail = self._row[: self.count - self.packed]
        rows = np.concatenate((np.repeat(self._order, lengths), tail.astype(np.int64)))
        held = np.flatnonzero(self._uses[: self.count])
        # 16 bits are enough for the rows of a block, and numpy sorts them by radix
        order = held[np.argsort(rows[held].astype(np.uint16), kind="stable")]
        return rows[order], self._column[order].astype(np.int64), self._value[order], self._uses[order].astype(np.int64)

    def pack(self) -> None:
        """Brings the tail into row order and drops freed entries."""
        self.fill(*self.entries())

    def _new(self, row: int, column: int, first: int, standing: list[int]) -> int:
        if 0 in standing:
            place: int = first + standing.index(0)
        else:
            if self.count == len(self._column):
                self.pack()
            place = self.count
            self._row[place - self.packed] = row
            self._tail[row << KEY_BITS | column] = place
            self.count += 1
        self._column_at[place] = column
        self._value_at[place] = 0.0
        self._uses_at[place] = 0
        return place


class RowMatrix:
    """Blocks of rows, counted through."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []

    def reserve(self, rows: int) -> None:
        """Makes room for `rows` rows."""
        while len(self.blocks) * BLOCK_ROWS < rows:
            self.blocks.append(Block())

    def multiply(self, vector: Floats, rows: int) -> Floats:
        """The product of the first `rows` rows (a multiple of BLOCK_ROWS) with `vector`."""
        out = np.empty(rows)
        for number in range(rows // BLOCK_ROWS):
            first = number * BLOCK_ROWS
            self.blocks[number].multiply(vector, out[first : first + BLOCK_ROWS])
        return out

    def entry_count(self) -> int:
        """Entries that a product walks over."""
        return sum(block.count for block in self.blocks)


_loaded: list[Any] = []


def _kernels() -> Any:
    # scipy.sparse takes a third of a second to import: it is fetched with the first figures, not with the first window
    if not _loaded:
        from scipy.sparse import _sparsetools

        _loaded.append((_sparsetools.csr_matvec, _sparsetools.coo_matvec))
    return _loaded[0]


def _placed(values: NDArray[Any], target: Ints, capacity: int, kind: np.dtype[Any]) -> NDArray[Any]:
    out = np.zeros(capacity, kind)
    out[target] = values
    return out
