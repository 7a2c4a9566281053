"""Turns one currency into another through the best available pair. Holds no live state, reads no clock.

Order of preference: the pair itself, its inverse, through USD in two steps. No pair is a refusal that names both
currencies, never a rate of 1 or 0. Which side of the price counts is a parameter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

PIVOT = "USD"


class PriceSide(StrEnum):
    """Which price of *the conversion* counts; of an inverse pair the ask is 1/bid."""

    BID = "bid"
    ASK = "ask"
    MID = "mid"


class NoRateError(ValueError):
    """No pair leads from one currency to the other."""


@dataclass(frozen=True, slots=True)
class Quote:
    bid: Decimal
    ask: Decimal

    def at(self, side: PriceSide) -> Decimal:
        """The bid, the ask or the exact middle."""
        match side:
            case PriceSide.BID:
                return self.bid
            case PriceSide.ASK:
                return self.ask
            case PriceSide.MID:
                return (self.bid + self.ask) / 2


@dataclass(frozen=True, slots=True)
class Pair:
    """A quoted pair: one `base` costs `quote` of `profit` currency."""

    name: str
    base: str
    profit: str
    quote: Quote


@dataclass(frozen=True, slots=True)
class PairUse:
    """A pair as a conversion used it: at `price` of the pair, divided by it if `inverse`."""

    name: str
    inverse: bool
    price: Decimal

    @property
    def rate(self) -> Decimal:
        return 1 / self.price if self.inverse else self.price


@dataclass(frozen=True, slots=True)
class Conversion:
    """1 of the source currency is `rate` of the target; `path` is empty when they are the same."""

    source: str
    target: str
    rate: Decimal
    path: tuple[PairUse, ...] = ()


class PairBook:
    """The pairs to convert through; of several for the same currencies the first one given counts."""

    def __init__(self, pairs: Iterable[Pair]) -> None:
        self._pairs: dict[tuple[str, str], Pair] = {}
        for pair in pairs:
            self._pairs.setdefault((pair.base, pair.profit), pair)

    def step(self, source: str, target: str, side: PriceSide) -> PairUse | None:
        """The direct pair, else the inverse one, else None."""
        if direct := self._pairs.get((source, target)):
            return PairUse(direct.name, False, direct.quote.at(side))
        if inverse := self._pairs.get((target, source)):
            return PairUse(inverse.name, True, inverse.quote.at(_OPPOSITE[side]))
        return None


_OPPOSITE = {PriceSide.BID: PriceSide.ASK, PriceSide.ASK: PriceSide.BID, PriceSide.MID: PriceSide.MID}


def convert(source: str, target: str, pairs: PairBook, side: PriceSide = PriceSide.MID) -> Conversion:
    """The rate from `source` to `target`; raises NoRateError when no pair and no way through USD exists."""
    if source == target:
        return Conversion(source, target, Decimal(1))
    if one := pairs.step(source, target, side):
        return Conversion(source, target, one.rate, (one,))
    first = pairs.step(source, PIVOT, side)
    second = pairs.step(PIVOT, target, side)
    if first is None or second is None:
        raise NoRateError(f"no rate from {source} to {target}: neither a pair of the two nor a way through {PIVOT}")
    return Conversion(source, target, first.rate * second.rate, (first, second))
