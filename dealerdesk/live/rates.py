"""Conversion rates between currencies from the live quotes, at mid: the pair, its inverse, else through USD.

Which pairs are used is decided when symbols come or go, get their first quote or turn stale; each frame only
multiplies. Fresh servers go before stale ones. A pair of currencies without a way has the rate nan and is named.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dealerdesk.formulas.conversion import PIVOT
from dealerdesk.instruments import AssetClass
from dealerdesk.live.tables import ASSET_CLASSES, Codes, SymbolTable

PAIR_CLASSES = (AssetClass.FX, AssetClass.METALS, AssetClass.CRYPTO)
SAME, NONE, FIRST_MID = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Leg:
    """A symbol as a conversion uses it: × its mid, or / its mid if `inverse`."""

    symbol: int
    inverse: bool


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of one moment; `matrix[source, target]` by currency code."""

    matrix: NDArray[np.float64]
    currencies: tuple[str, ...]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    symbols: int

    def at(self, mid: NDArray[np.float64]) -> Rates:
        """The rates by the same symbols at other mids."""
        matrix = _multiplied(self.first, self.second, mid)
        return Rates(matrix, self.currencies, self.first, self.second, self.symbols)

    def rate(self, source: str, target: str) -> float:
        """Units of `target` for 1 of `source`; nan without a pair."""
        if source == target:
            return 1.0
        if source not in self.currencies or target not in self.currencies:
            return float("nan")
        return float(self.matrix[self.currencies.index(source), self.currencies.index(target)])

    def path(self, source: str, target: str) -> tuple[Leg, ...]:
        """The symbols of the conversion in order; empty for the same currency. Raises LookupError without a way."""
        if source == target:
            return ()
        if np.isnan(self.rate(source, target)):
            raise LookupError(f"no rate from {source} to {target}")
        place = self.currencies.index(source), self.currencies.index(target)
        steps = (int(self.first[place]), int(self.second[place]))
        return tuple(self._leg(step) for step in steps if step != SAME)

    def _leg(self, step: int) -> Leg:
        number = step - FIRST_MID
        return Leg(number % self.symbols, number >= self.symbols)


class Router:
    """Chooses the pairs and keeps the choice until something about the symbols changes."""

    def __init__(self, symbols: SymbolTable, currencies: Codes[str], is_stale: Callable[[int], bool]) -> None:
        self._symbols = symbols
        self._currencies = currencies
        self._is_stale = is_stale
        self._count = -1
        self._chosen: dict[tuple[int, int], int] = {}
        self.first = self.second = np.zeros((0, 0), np.int64)

    def forget(self) -> None:
        """Symbols, first quotes or the state of a server changed: choose anew with the next rates."""
        self._count = -1

    def rates(self, mid: NDArray[np.float64]) -> Rates:
        """The rates with the given mids, one per symbol slot."""
        size = len(self._currencies.names)
        if self._count != len(mid) or len(self.first) != size:
            self._route(len(mid), size)
        matrix = _multiplied(self.first, self.second, mid)
        return Rates(matrix, tuple(self._currencies.names), self.first, self.second, len(mid))

    def _route(self, count: int, size: int) -> None:
        self._count = count
        self._choose()
        self.first = np.full((size, size), NONE, np.int64)
        self.second = np.full((size, size), SAME, np.int64)
        pivot = self._currencies.find(PIVOT)
        one = {(a, b): self._step(a, b) for a in range(size) for b in range(size)}
        for (source, target), step in one.items():
            if step == NONE and pivot is not None:
                through = one[source, pivot], one[pivot, target]
                if NONE not in through:
                    self.first[source, target], self.second[source, target] = through
            else:
                self.first[source, target] = step

    def _step(self, source: int, target: int) -> int:
        if source == target:
            return SAME
        direct, inverse = self._chosen.get((source, target)), self._chosen.get((target, source))
        if direct is not None:
            return FIRST_MID + direct
        return NONE if inverse is None else FIRST_MID + self._count + inverse

    def _choose(self) -> None:
        table = self._symbols
        ranked = []
        for slot in table.living_slots().tolist():
            kind = ASSET_CLASSES[table.asset_class[slot]]
            base, profit = int(table.base_currency[slot]), int(table.profit_currency[slot])
            if kind not in PAIR_CLASSES or base == profit or not table.bid[slot] > 0:
                continue
            server = int(table.server[slot])
            ranked.append((self._is_stale(server), PAIR_CLASSES.index(kind), server, slot, base, profit))
        self._chosen = {}
        for *_, slot, base, profit in sorted(ranked):
            self._chosen.setdefault((base, profit), slot)


def _multiplied(first: NDArray[np.int64], second: NDArray[np.int64], mid: NDArray[np.float64]) -> NDArray[np.float64]:
    """The rate of each pair of currencies: one mid or its inverse, or two of them."""
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.concatenate(((1.0, np.nan), mid, 1.0 / mid))
    matrix: NDArray[np.float64] = steps[first] * steps[second]
    return matrix
