"""Growing column tables: numpy arrays side by side, rows reused after they die. Knows nothing of what a row means.

A row's number (its slot) never changes while it lives. Arrays are replaced when the table grows, so nobody keeps one
beyond the moment. Beside each column `x` stands `x_at`, a memoryview of the same bytes: single elements are read and
written through it twice as fast as through the array.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from typing import ClassVar, Self, overload

import numpy as np
from numpy.typing import NDArray

GROWTH = 1.25


class Table:
    """Columns of one length; `count` is one more than the highest slot in use, `alive` tells which slots live."""

    COLUMNS: ClassVar[Mapping[str, str]] = {}
    TEXTS: ClassVar[tuple[str, ...]] = ()
    alive: NDArray[np.bool_]
    alive_at: memoryview

    def __init__(self, capacity: int = 64) -> None:
        self.count = 0
        self.capacity = 0
        self.living = 0
        self._free: list[int] = []
        for name, kind in {**self.COLUMNS, "alive": "?"}.items():
            self._hold(name, np.zeros(0, kind))
        for name in self.TEXTS:
            setattr(self, name, [])
        self.reserve(capacity)

    def reserve(self, capacity: int) -> None:
        """Makes room for at least `capacity` rows."""
        if capacity <= self.capacity:
            return
        capacity = max(capacity, int(self.capacity * GROWTH))
        for name in (*self.COLUMNS, "alive"):
            old: NDArray[np.generic] = getattr(self, name)
            new = np.zeros(capacity, old.dtype)
            new[: self.capacity] = old
            self._hold(name, new)
        for name in self.TEXTS:
            getattr(self, name).extend([""] * (capacity - self.capacity))
        self.capacity = capacity

    def take(self) -> int:
        """A slot for a new row, alive; its columns still hold whatever was there before."""
        if self._free:
            slot = self._free.pop()
        else:
            slot = self.count
            if slot >= self.capacity:
                self.reserve(slot + 1)
            self.count = slot + 1
        self.alive_at[slot] = True
        self.living += 1
        return slot

    def take_many(self, rows: int) -> NDArray[np.int64]:
        """Slots for `rows` new rows, alive; freed ones first."""
        reused = min(rows, len(self._free))
        again = self._free[len(self._free) - reused :]
        del self._free[len(self._free) - reused :]
        fresh = rows - reused
        self.reserve(self.count + fresh)
        slots = np.concatenate((np.array(again, np.int64), np.arange(self.count, self.count + fresh, dtype=np.int64)))
        self.count += fresh
        self.alive[slots] = True
        self.living += rows
        return slots

    def release(self, slot: int) -> None:
        """The row is gone; its slot will be reused."""
        self.alive_at[slot] = False
        self._free.append(slot)
        self.living -= 1

    def release_many(self, slots: NDArray[np.int64]) -> None:
        """The rows are gone; their slots will be reused."""
        self.alive[slots] = False
        self._free.extend(slots[::-1].tolist())
        self.living -= len(slots)

    def copied(self) -> Self:
        """The rows as they are now, to be read while this table goes on changing; columns only, without an index."""
        made = copy(self)
        for name in (*self.COLUMNS, "alive"):
            column: NDArray[np.generic] = getattr(self, name)
            made._hold(name, column[: self.count].copy())
        for name in self.TEXTS:
            setattr(made, name, getattr(self, name)[: self.count])
        made.capacity = self.count
        return made

    def living_slots(self) -> NDArray[np.int64]:
        """The slots of all living rows, ascending."""
        return np.flatnonzero(self.alive[: self.count])

    def _hold(self, name: str, array: NDArray[np.generic]) -> None:
        setattr(self, name, array)
        setattr(self, f"{name}_at", memoryview(array))  # type: ignore[arg-type]


class TextOf(Sequence[str]):
    """The text of each row of a code column, looked up when asked: `TextOf(positions.symbol, symbols.name)`."""

    def __init__(self, codes: NDArray[np.integer], names: Sequence[str]) -> None:
        self._codes = codes
        self._names = names

    def __len__(self) -> int:
        return len(self._codes)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> list[str]: ...
    def __getitem__(self, row: int | slice) -> str | list[str]:
        if isinstance(row, slice):
            return [self._names[code] for code in self._codes[row].tolist()]
        return self._names[int(self._codes[row])]
