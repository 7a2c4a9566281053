"""Sums of cells by kind of account and symbol, kept current with every change. Integers are exact.

Accounts of one kind share the deposit currency, the book and the covered percent; every aggregate over symbols,
instruments, asset classes, servers and books, for clients and for the dealer, is a weighted sum of these rows.
"""

from __future__ import annotations

from collections.abc import MutableSequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dealerdesk.live.holdings import CellTable
from dealerdesk.live.tables import BOOKS, AccountTable

INTEGERS = ("long_volume", "short_volume", "positions", "cells", "realised", "start_floating", "accrued")
FLOATS = ("long_cost", "short_cost")
SUMMED = ("long_volume", "short_volume", "positions", "realised", "start_floating", "accrued", *FLOATS)


class Totals:
    """Columns [kind × symbol], flat, `width` symbols a kind; and the net volume by book and symbol."""

    long_volume: NDArray[np.int64]
    short_volume: NDArray[np.int64]
    long_cost: NDArray[np.float64]
    short_cost: NDArray[np.float64]
    positions: NDArray[np.int64]
    cells: NDArray[np.int64]
    """Cells with open positions: accounts that hold the symbol."""
    realised: NDArray[np.int64]
    start_floating: NDArray[np.int64]
    accrued: NDArray[np.int64]
    net: NDArray[np.int64]
    long_volume_at: MutableSequence[int]
    short_volume_at: MutableSequence[int]
    long_cost_at: MutableSequence[float]
    short_cost_at: MutableSequence[float]
    positions_at: MutableSequence[int]
    cells_at: MutableSequence[int]
    realised_at: MutableSequence[int]
    start_floating_at: MutableSequence[int]
    accrued_at: MutableSequence[int]
    net_at: MutableSequence[int]

    def __init__(self) -> None:
        self.width = 0
        self.kinds: list[tuple[int, int, int]] = []
        self._numbers: dict[tuple[int, int, int], int] = {}
        self._rows = 0
        self._resize(8, 64)

    def kind_of(self, deposit: int, book: int, covered_percent: int) -> int:
        """The number of a kind of account, a new one for a new combination."""
        key = (deposit, book, covered_percent)
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self.kinds)
            self.kinds.append(key)
            if found >= self._rows:
                self._resize(self._rows * 2, self.width)
        return found

    def column(self, name: str) -> NDArray[Any]:
        """A column as [kinds × width]."""
        flat: NDArray[Any] = getattr(self, name)
        return flat.reshape(self._rows, self.width)[: len(self.kinds)]

    def widen(self, width: int) -> None:
        """Room for `width` symbols."""
        self._resize(self._rows, width)

    def _resize(self, rows: int, width: int) -> None:
        for name in (*INTEGERS, *FLOATS):
            kind = np.float64 if name in FLOATS else np.int64
            new = np.zeros((rows, width), kind)
            if self.width:
                new[: self._rows, : self.width] = getattr(self, name).reshape(self._rows, self.width)
            self._hold(name, new.reshape(-1))
        net = np.zeros((len(BOOKS), width), np.int64)
        if self.width:
            net[:, : self.width] = self.net.reshape(len(BOOKS), self.width)
        self._hold("net", net.reshape(-1))
        self._rows, self.width = rows, width

    def sum_up(self, accounts: AccountTable, cells: CellTable) -> None:
        """Computes everything anew from the cells."""
        living = cells.living_slots()
        kinds, symbols = accounts.kind[cells.account[living]], cells.symbol[living]
        bucket = kinds.astype(np.int64) * self.width + symbols
        for name in (*INTEGERS, *FLOATS, "net"):
            getattr(self, name)[:] = 0
        for name in SUMMED:
            np.add.at(getattr(self, name), bucket, getattr(cells, name)[living])
        held = cells.positions[living] > 0
        np.add.at(self.cells, bucket[held], 1)
        net = cells.long_volume[living] - cells.short_volume[living]
        books = accounts.book[cells.account[living]].astype(np.int64)
        np.add.at(self.net, books * self.width + symbols, net)

    def move(self, cells: CellTable, slots: NDArray[np.int64], old_kind: int, new_kind: int) -> None:
        """The account of these cells changed its kind."""
        symbols = cells.symbol[slots].astype(np.int64)
        old, new = old_kind * self.width + symbols, new_kind * self.width + symbols
        for name in SUMMED:
            column, change = getattr(self, name), getattr(cells, name)[slots]
            column[old] -= change
            column[new] += change
        held = (cells.positions[slots] > 0).astype(np.int64)
        self.cells[old] -= held
        self.cells[new] += held
        empty = old[self.positions[old] == 0]
        self.long_cost[empty] = self.short_cost[empty] = 0.0
        net = cells.long_volume[slots] - cells.short_volume[slots]
        self.net[self.kinds[old_kind][1] * self.width + symbols] -= net
        self.net[self.kinds[new_kind][1] * self.width + symbols] += net

    def _hold(self, name: str, flat: NDArray[Any]) -> None:
        setattr(self, name, flat)
        setattr(self, f"{name}_at", memoryview(flat))  # type: ignore[arg-type]
