"""Digests of row sets: what both ends of a bridge compare to know that they hold the same rows.

A set's digest is its row count, its sums of volume and money, and Σ hash(key, version) mod 2^64, which does not depend
on order, so a change adds and removes one term. A `Ledger` keeps what that takes, 24 bytes a row; it never holds the
rows themselves and does not decide what happens when two digests differ.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from hashlib import blake2b
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dealerdesk.bridges.protocol import RECORD_SETS, Delta, Digest, Gone, Row, RowSet, row_key
from dealerdesk.trading import (
    Account,
    BalanceOperation,
    Client,
    DayEnd,
    Deal,
    Order,
    Position,
    Request,
    Routing,
    SessionResult,
)

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
FIRST_MULTIPLIER = 0xBF58476D1CE4E5B9
SECOND_MULTIPLIER = 0x94D049BB133111EB
VOLUME_SETS = frozenset({RowSet.POSITION, RowSet.ORDER, RowSet.REQUEST})
NEWS_MIN = 4_096
REMOVED = -1

Int64s = NDArray[np.int64]
UInt64s = NDArray[np.uint64]

_INTEGER_KEYS: dict[type, str] = {
    **dict.fromkeys((Client, Position, Order, Request, Deal, BalanceOperation), "id"),
    **dict.fromkeys((Account, Routing), "login"),
}
_AMOUNTS: dict[type, Callable[[Any], tuple[int, int]]] = {
    Position: lambda row: (row.volume, 0),
    Order: lambda row: (row.volume, 0),
    Request: lambda row: (row.volume, 0),
    Deal: lambda row: (row.volume, row.profit + row.swap + row.commission),
    Account: lambda row: (0, row.balance + row.credit),
    BalanceOperation: lambda row: (0, row.amount),
    DayEnd: lambda row: (0, row.balance),
    SessionResult: lambda row: (0, row.realised + row.start_floating),
}


def amounts(row: Row) -> tuple[int, int]:
    """What a row adds to its set's sums: (volume in 1e-8 lot, money in minor units); zeros where a set has none."""
    of = _AMOUNTS.get(type(row))
    return of(row) if of is not None else (0, 0)


def set_key(key: int | str) -> int:
    """A row's key as a signed 64-bit integer: integers as they are, text by its 64-bit BLAKE2b."""
    if isinstance(key, int):
        return key
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "little", signed=True)


def hash_row(key: int, version: int) -> int:
    """The 64-bit hash of one (key, version)."""
    return _mix((_mix((key + GOLDEN) & MASK) + version) & MASK)


def hash_sum(keys: Int64s, versions: Int64s) -> int:
    """Σ hash_row over parallel arrays, mod 2^64."""
    with np.errstate(over="ignore"):
        inner = _mix_many(keys.view(np.uint64) + np.uint64(GOLDEN))
        return int(np.add.reduce(_mix_many(inner + versions.view(np.uint64)), dtype=np.uint64))


class Ledger:
    """The keys, versions and sums of one set. State sets keep a table of their rows; record sets, which only grow,
    keep the sums alone."""

    def __init__(self, row_set: RowSet) -> None:
        self.row_set = row_set
        self._keeps_rows = row_set not in RECORD_SETS
        self._by_volume = row_set in VOLUME_SETS
        self._clear()

    def _clear(self) -> None:
        self._keys = array("q")
        self._versions = array("q")
        self._amounts = array("q")
        self._news: dict[int, tuple[int, int]] = {}
        self._rows = 0
        self._volume = 0
        self._money = 0
        self._hash = 0

    def __len__(self) -> int:
        return self._rows

    def load(self, keys: Int64s, versions: Int64s, volumes: Int64s, money: Int64s) -> None:
        """Replaces everything; parallel arrays, keys as `set_key` gives them, each once."""
        self._clear()
        self._rows = len(keys)
        self._volume = int(volumes.sum())
        self._money = int(money.sum())
        self._hash = hash_sum(keys, versions)
        if self._keeps_rows:
            self._sort_in(keys, versions, volumes if self._by_volume else money)

    def load_rows(self, rows: Sequence[Row], versions: Sequence[int]) -> None:
        """Replaces everything with these rows."""
        self.load(*columns(rows, versions))

    def put(self, key: int | str, version: int, volume: int, money: int) -> bool:
        """A row is new or has changed. False, and nothing done, when `version` is not above the one held."""
        number = key if isinstance(key, int) else set_key(key)
        if self._keeps_rows:
            amount = volume if self._by_volume else money
            position = self._position(number)
            if position is not None and self._versions[position] != REMOVED:
                if not self._replace(number, version, self._versions[position], self._amounts[position]):
                    return False
            elif (held := self._news.get(number)) is not None and not self._replace(number, version, *held):
                return False
            if position is None:
                self._note(number, version, amount)
            else:
                self._versions[position] = version
                self._amounts[position] = amount
        self._rows += 1
        self._volume += volume
        self._money += money
        self._hash = (self._hash + hash_row(number, version)) & MASK
        return True

    def remove(self, key: int | str, version: int) -> bool:
        """A row has gone, at `version`. False when it is not here or is held at that version or a later one."""
        number = key if isinstance(key, int) else set_key(key)
        position = self._position(number)
        if position is None:
            held = self._news.get(number)
            if held is None or not self._replace(number, version, *held):
                return False
            del self._news[number]
            return True
        if self._versions[position] == REMOVED:
            return False
        if not self._replace(number, version, self._versions[position], self._amounts[position]):
            return False
        self._versions[position] = REMOVED
        return True

    def apply(self, delta: Delta) -> bool:
        """Follows one change of this set; False when the change is older than what is held."""
        row = delta.row
        if isinstance(row, Gone):
            return self.remove(row.key, delta.version)
        volume, money = amounts(row)
        return self.put(row_key(row), delta.version, volume, money)

    def digest(self) -> Digest:
        """The set as it stands."""
        return Digest(self._rows, self._volume, self._money, f"{self._hash:016x}")

    def _replace(self, key: int, version: int, held_version: int, amount: int) -> bool:
        """Takes a held row out of the sums; False when it is not older than `version`."""
        if held_version >= version:
            return False
        self._rows -= 1
        if self._by_volume:
            self._volume -= amount
        else:
            self._money -= amount
        self._hash = (self._hash - hash_row(key, held_version)) & MASK
        return True

    def _note(self, key: int, version: int, amount: int) -> None:
        self._news[key] = (version, amount)
        if len(self._news) > NEWS_MIN + (len(self._keys) >> 4):
            self._fold()

    def _position(self, key: int) -> int | None:
        keys = self._keys
        position = bisect_left(keys, key)
        return position if position < len(keys) and keys[position] == key else None

    def _fold(self) -> None:
        """Sorts the news into the table, and drops what was removed."""
        versions = np.frombuffer(self._versions, np.int64)
        alive = versions != REMOVED
        news = np.fromiter((n for k, v in self._news.items() for n in (k, *v)), np.int64).reshape(-1, 3)
        keys = np.concatenate((np.frombuffer(self._keys, np.int64)[alive], news[:, 0]))
        amounts_ = np.concatenate((np.frombuffer(self._amounts, np.int64)[alive], news[:, 2]))
        self._news = {}
        self._sort_in(keys, np.concatenate((versions[alive], news[:, 1])), amounts_)

    def _sort_in(self, keys: Int64s, versions: Int64s, amounts_: Int64s) -> None:
        order = np.argsort(keys, kind="stable")
        self._keys = array("q", keys[order].tobytes())
        self._versions = array("q", versions[order].tobytes())
        self._amounts = array("q", amounts_[order].tobytes())


def columns(rows: Sequence[Row], versions: Sequence[int]) -> tuple[Int64s, Int64s, Int64s, Int64s]:
    """Rows of one set as the arrays that `Ledger.load` takes: keys, versions, volumes, money."""
    count = len(rows)
    keys = np.fromiter(_keys(rows), np.int64, count)
    if any(type(row) in _AMOUNTS for row in rows):
        sums = np.fromiter((n for row in rows for n in amounts(row)), np.int64, 2 * count).reshape(-1, 2)
    else:
        sums = np.zeros((count, 2), np.int64)
    return keys, np.array(versions, np.int64), sums[:, 0], sums[:, 1]


def _keys(rows: Sequence[Row]) -> Iterator[int]:
    """The keys as 64-bit integers; the attribute is looked up once where all rows are of one kind."""
    kinds = {type(row) for row in rows}
    if len(kinds) == 1 and (name := _INTEGER_KEYS.get(kinds.pop())) is not None:
        return map(attrgetter(name), rows)
    return (set_key(row_key(row)) for row in rows)


def _mix(z: int) -> int:
    """The finaliser of splitmix64: every input bit moves every output bit."""
    z = ((z ^ (z >> 30)) * FIRST_MULTIPLIER) & MASK
    z = ((z ^ (z >> 27)) * SECOND_MULTIPLIER) & MASK
    return z ^ (z >> 31)


def _mix_many(z: UInt64s) -> UInt64s:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(FIRST_MULTIPLIER)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(SECOND_MULTIPLIER)
    return z ^ (z >> np.uint64(31))
