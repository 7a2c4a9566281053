"""What a client holds of a bridge's sets, as far as digests need it: it outlives connections, not the process.

Only sets whose whole content is known are followed: those that came in a complete snapshot, or that the listener says
it already has. Rows themselves are the listener's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from dealerdesk.bridges.digest import Int64s, Ledger, columns, set_key
from dealerdesk.bridges.protocol import Delta, Digest, Gone, ResumePoint, RowSet, SnapshotChunk, row_set

Columns = tuple[Int64s, Int64s, Int64s, Int64s]


@dataclass(frozen=True, slots=True)
class Held:
    """One set as a listener already holds it: parallel columns; volumes and money as `digest.amounts` gives them."""

    set: RowSet
    keys: Sequence[int | str]
    versions: Sequence[int]
    volumes: Sequence[int]
    money: Sequence[int]


class Holdings:
    """Ledgers of the followed sets as of `point`, and those being loaded."""

    def __init__(self) -> None:
        self.point: ResumePoint | None = None
        self._ledgers: dict[RowSet, Ledger] = {}
        self._loading: dict[RowSet, list[Columns]] = {}

    @property
    def followed(self) -> frozenset[RowSet]:
        return frozenset(self._ledgers)

    def clear(self) -> None:
        """Nothing is known any more."""
        self.point = None
        self._ledgers = {}
        self._loading = {}

    def restore(self, point: ResumePoint, held: Iterable[Held]) -> None:
        """Follows what a listener holds at `point`, as if it had come in a snapshot."""
        self.clear()
        self.point = point
        for part in held:
            keys = np.fromiter((set_key(key) for key in part.keys), np.int64, len(part.keys))
            rest = (np.array(column, np.int64) for column in (part.versions, part.volumes, part.money))
            ledger = Ledger(part.set)
            ledger.load(keys, *rest)
            self._ledgers[part.set] = ledger

    def begin(self, sets: Iterable[RowSet]) -> None:
        """A snapshot of these sets begins; what was half loaded is dropped, and until its end there is no `point`:
        a listener that is replacing rows stands at none."""
        self.point = None
        self._loading = {row_set_: [] for row_set_ in sets}

    def loaded(self, row_set_: RowSet) -> int:
        """Rows of a set that have come so far."""
        return sum(len(part[0]) for part in self._loading[row_set_])

    def add(self, chunk: SnapshotChunk) -> None:
        self._loading[chunk.set].append(columns(chunk.rows, chunk.versions))

    def end(self, rows: dict[RowSet, int], digests: dict[RowSet, Digest]) -> list[RowSet]:
        """Takes the loaded sets over if every one is whole; otherwise names those that are not, and keeps none."""
        fresh: dict[RowSet, Ledger] = {}
        torn: list[RowSet] = []
        for row_set_, parts in self._loading.items():
            ledger = Ledger(row_set_)
            if parts:
                keys, versions, volumes, money = (np.concatenate(column) for column in zip(*parts, strict=True))
                if len(np.unique(keys)) != len(keys):
                    torn.append(row_set_)
                    continue
                ledger.load(keys, versions, volumes, money)
            if len(ledger) != rows[row_set_] or digests.get(row_set_, ledger.digest()) != ledger.digest():
                torn.append(row_set_)
            fresh[row_set_] = ledger
        self._loading = {}
        if not torn:
            self._ledgers |= fresh
        return torn

    def apply(self, delta: Delta) -> bool:
        """Follows one delta; False when the row is held at that version or a later one."""
        row = delta.row
        ledger = self._ledgers.get(row.set if isinstance(row, Gone) else row_set(row))
        return ledger is None or ledger.apply(delta)

    def differing(self, digests: dict[RowSet, Digest]) -> list[RowSet]:
        """The followed sets that are not as the bridge says."""
        return [s for s, digest in digests.items() if s in self._ledgers and self._ledgers[s].digest() != digest]
