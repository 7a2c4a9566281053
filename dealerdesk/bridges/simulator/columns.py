"""Growable tables of numpy columns with free slots: the shape in which the simulated server keeps its rows.

A table is a set of equally long arrays; a row is a slot. It knows nothing of what the columns mean, and it pickles to
exactly the rows in use.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

Slots = NDArray[np.int64]


class Columns:
    """Slots 0..`count`-1 have been used; `alive` says which still are. A freed slot is used again, lowest first."""

    SPEC: ClassVar[dict[str, DTypeLike]] = {}
    alive: NDArray[np.bool_]

    def __init__(self, capacity: int = 64) -> None:
        self.count = 0
        self._free: list[int] = []
        self._capacity = max(capacity, 1)
        self.alive = np.zeros(self._capacity, np.bool_)
        for name, kind in self.SPEC.items():
            setattr(self, name, np.zeros(self._capacity, kind))

    def __len__(self) -> int:
        return self.count - len(self._free)

    def column(self, name: str) -> NDArray[Any]:
        """A column up to the last slot that was ever used."""
        used: NDArray[Any] = getattr(self, name)[: self.count]
        return used

    def add(self, **values: int | bool) -> int:
        """Puts one row in and returns its slot; columns that are not named are zero."""
        slot = self._free.pop() if self._free else self._next_slot()
        for name in self.SPEC:
            getattr(self, name)[slot] = values.get(name, 0)
        self.alive[slot] = True
        return slot

    def extend(self, rows: int, **columns: NDArray[Any]) -> Slots:
        """Appends `rows` rows at once and returns their slots; columns that are not named are zero."""
        first, self.count = self.count, self.count + rows
        self._grow_to(self.count)
        for name, values in columns.items():
            getattr(self, name)[first : self.count] = values
        self.alive[first : self.count] = True
        return np.arange(first, self.count)

    def remove(self, slot: int) -> None:
        """Frees a slot; raises ValueError if it is not in use."""
        if not self.alive[slot]:
            raise ValueError(f"slot {slot} is not in use")
        self.alive[slot] = False
        self._free.append(slot)

    def slots(self) -> Slots:
        """The slots in use, ascending."""
        return np.flatnonzero(self.alive[: self.count])

    def find(self, column: str, value: int) -> int | None:
        """The first slot in use whose `column` equals `value`."""
        for slot in self.where(column, value).tolist():
            return int(slot)
        return None

    def where(self, column: str, value: int) -> Slots:
        """The slots in use whose `column` equals `value`, ascending."""
        hits = np.flatnonzero(getattr(self, column)[: self.count] == value)
        return hits[self.alive[hits]]

    def copy(self) -> Self:
        """The rows in use, in slot order and without gaps, in arrays of their own."""
        twin = type(self)(len(self))
        slots = self.slots()
        twin.extend(len(slots), **{name: getattr(self, name)[slots] for name in self.SPEC})
        return twin

    def _next_slot(self) -> int:
        self._grow_to(self.count + 1)
        self.count += 1
        return self.count - 1

    def _grow_to(self, rows: int) -> None:
        if rows <= self._capacity:
            return
        self._capacity = max(rows, self._capacity + self._capacity // 4 + 64)
        for name in ("alive", *self.SPEC):
            old = getattr(self, name)
            new = np.zeros(self._capacity, old.dtype)
            new[: len(old)] = old
            setattr(self, name, new)

    def __getstate__(self) -> dict[str, Any]:
        used = {name: getattr(self, name)[: self.count].copy() for name in ("alive", *self.SPEC)}
        return {**self.__dict__, **used, "_capacity": self.count}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
