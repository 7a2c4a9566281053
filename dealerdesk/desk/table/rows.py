"""What a panel hands to a table: columns in source order, and who each row is. Holds no widgets and sorts nothing."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Mask = npt.NDArray[np.bool_]
Index = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A column of words as codes into labels. A negative code is an empty word."""

    codes: npt.NDArray[np.integer[Any]]
    labels: Sequence[str]

    def text(self, row: int) -> str:
        """The word of a row."""
        code = int(self.codes[row])
        return self.labels[code] if code >= 0 else ""


Values = npt.NDArray[Any] | Sequence[str] | Coded


class Rows(Protocol):
    """Rows as columns. Subclass it: all but the first three have an answer that suits small tables."""

    def count(self) -> int:
        """The number of source rows, dead ones included."""
        ...

    def column(self, key: str) -> Values:
        """A column, at least `count` long: a numpy array, a list of words, or codes. A view, not a copy."""
        ...

    def key(self, row: int) -> Hashable:
        """The lasting identity of a source row."""
        ...

    def alive(self) -> Mask | None:
        """Which source rows exist; None: all."""
        return None

    def stale(self) -> Mask | None:
        """Which source rows are greyed because their source is dead; None: none."""
        return None

    def kin(self) -> Index | None:
        """For each source row the one beside which it stays in any sort, itself or one above it; None: all alone."""
        return None

    def row_of(self, key: Hashable) -> int | None:
        """The source row of a key, None when it is gone. The default looks at every row."""
        return next((row for row in range(self.count()) if self.key(row) == key), None)

    def revision(self) -> int:
        """Changes whenever rows came or went or a list of words changed."""
        return 0

    def total(self, key: str, rows: Index) -> float:
        """What the foot shows for a column over these rows: their sum, not counting NaN."""
        values = self.column(key)
        if not isinstance(values, np.ndarray):
            return float("nan")
        return float(np.nansum(values[rows], dtype=np.float64))


class ColumnRows(Rows):
    """Rows that stand ready in arrays and lists; the keys are the row numbers unless given."""

    def __init__(
        self,
        columns: Mapping[str, Values],
        keys: Sequence[Hashable] | None = None,
        stale: Mask | None = None,
        alive: Mask | None = None,
        kin: Index | None = None,
    ) -> None:
        self._columns = columns
        self._stale = stale
        self._alive = alive
        self._kin = kin
        first = next(iter(columns.values()), [])
        size = len(first.codes if isinstance(first, Coded) else first)
        self._keys: Sequence[Hashable] = range(size) if keys is None else keys
        self._rows = {key: row for row, key in enumerate(self._keys)}

    def count(self) -> int:
        return len(self._keys)

    def column(self, key: str) -> Values:
        return self._columns[key]

    def key(self, row: int) -> Hashable:
        return self._keys[row]

    def alive(self) -> Mask | None:
        return self._alive

    def stale(self) -> Mask | None:
        return self._stale

    def kin(self) -> Index | None:
        return self._kin

    def row_of(self, key: Hashable) -> int | None:
        return self._rows.get(key)
