"""Shocks: how far prices jump, by instrument, asset class, currency or everywhere, and the prices that come of it.

A shock is a jump from one price to the next with nothing in between, as over a weekend. It knows no account; what the
jump does to the book is `stress`'s to say.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

import msgspec
import numpy as np
from numpy.typing import NDArray

from dealerdesk.instruments import AssetClass
from dealerdesk.live.rates import PAIR_CLASSES, Rates
from dealerdesk.live.tables import ASSET_CLASSES, SymbolTable

Floats = NDArray[np.float64]
PERCENT_MAX = 1_000.0
_WRITTEN = re.compile(r"(\S+)\s+([+\-−]?\d+(?:\.\d+)?)\s*%?")


class ShockError(ValueError):
    """What was typed is no shock; the message says what could be."""


class Target(StrEnum):
    """What a shock is about."""

    EVERYTHING = "everything"
    ASSET_CLASS = "asset_class"
    CURRENCY = "currency"
    INSTRUMENT = "instrument"


class Shock(msgspec.Struct, frozen=True):
    """One jump. `percent` is that of the price; of a currency, by how much it gains against every other one, so that
    a pair of two currencies moves by the ratio of both. An instrument is called by its own name or by a server's."""

    target: Target
    name: str
    percent: float


class Shocks(msgspec.Struct, frozen=True):
    """Jumps that come together, and by how much the spreads of what jumps widen: 3 is three times as wide.

    An instrument's own jump replaces those of its class, its currencies and of everything; those multiply."""

    moves: tuple[Shock, ...]
    spread_factor: float = 1.0

    def times(self, factor: float) -> Shocks:
        """The same shock so many times as large; −1 reverses it. Spreads widen either way."""
        moves = tuple(msgspec.structs.replace(move, percent=move.percent * factor) for move in self.moves)
        return Shocks(moves, 1.0 + (self.spread_factor - 1.0) * abs(factor))


@dataclass(frozen=True, slots=True)
class Prices:
    """Bid and ask by symbol slot and the conversion rates of one moment, real or supposed; nan is unknown."""

    bid: Floats
    ask: Floats
    rates: Rates

    @property
    def mid(self) -> Floats:
        return (self.bid + self.ask) / 2


def shocked(prices: Prices, symbols: SymbolTable, currencies: list[str], shocks: Shocks) -> Prices:
    """The prices after the shocks; conversion rates follow from them by the same pairs as before.

    middle × (1 + percent ÷ 100); the spread of what moved × factor, about that middle. A currency pair cannot reach
    nought: its price is unknown then."""
    count = len(prices.bid)
    factor = factors(symbols, currencies, shocks, count)
    mid = prices.mid * factor
    half = (prices.ask - prices.bid) / 2 * np.where(factor != 1.0, shocks.spread_factor, 1.0)
    bid, ask = mid - half, mid + half
    impossible = _of_classes(symbols, count) & (bid <= 0)
    mid, bid, ask = (np.where(impossible, np.nan, column) for column in (mid, bid, ask))
    return Prices(bid, ask, prices.rates.at(mid))


def factors(symbols: SymbolTable, currencies: list[str], shocks: Shocks, count: int) -> Floats:
    """What each symbol's middle is multiplied by."""
    factor, value = np.ones(count), np.ones(len(currencies))
    for move in shocks.moves:
        jump = 1.0 + move.percent / 100.0
        match move.target:
            case Target.EVERYTHING:
                factor *= jump
            case Target.ASSET_CLASS:
                factor[symbols.asset_class[:count] == ASSET_CLASSES.index(AssetClass(move.name))] *= jump
            case Target.CURRENCY if move.name in currencies:
                value[currencies.index(move.name)] *= jump
    pairs = _of_classes(symbols, count)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = value[symbols.base_currency[:count]] / value[symbols.profit_currency[:count]]
    factor[pairs] *= ratio[pairs]
    for move in shocks.moves:
        if move.target is Target.INSTRUMENT:
            factor[_called(symbols, move.name, count)] = 1.0 + move.percent / 100.0
    return factor


def missing(symbols: SymbolTable, currencies: Collection[str], shocks: Shocks) -> tuple[str, ...]:
    """Instruments and currencies of the shocks that no server here trades: their part of the scenario does nothing."""
    return tuple(
        move.name
        for move in shocks.moves
        if (move.target is Target.INSTRUMENT and not _called(symbols, move.name, symbols.count))
        or (move.target is Target.CURRENCY and move.name not in currencies)
    )


def read_shocks(text: str, symbols: SymbolTable, currencies: Collection[str]) -> tuple[Shock, ...]:
    """Shocks as they are typed: «EURCHF -18, indices -10, USD +3, all -5», in percent; raises ShockError."""
    moves = tuple(_read(part.strip(), symbols, currencies) for part in text.split(",") if part.strip())
    if not moves:
        raise ShockError("Type what moves and by how many percent, such as EURCHF -18, indices -10, USD +3, all -5")
    return moves


def written(shocks: Shocks) -> str:
    """The moves as `read_shocks` reads them."""
    return ", ".join(f"{'all' if not move.name else move.name} {move.percent:+g}" for move in shocks.moves)


def _read(part: str, symbols: SymbolTable, currencies: Collection[str]) -> Shock:
    found = _WRITTEN.fullmatch(part)
    if found is None:
        raise ShockError(f"{part}: write a name and a percentage, such as EURUSD -3")
    name, percent = found[1], float(found[2].replace("−", "-"))
    if abs(percent) > PERCENT_MAX:
        raise ShockError(f"{name}: at most {PERCENT_MAX:.0f} percent either way")
    if name.casefold() in ("all", "everything"):
        return Shock(Target.EVERYTHING, "", percent)
    if name.casefold() in frozenset(AssetClass):
        return Shock(Target.ASSET_CLASS, name.casefold(), percent)
    if name.upper() in currencies:
        if percent <= -100:
            raise ShockError(f"{name}: a currency cannot lose more than all of its value")
        return Shock(Target.CURRENCY, name.upper(), percent)
    if _called(symbols, name, symbols.count):
        return Shock(Target.INSTRUMENT, name, percent)
    raise ShockError(f"{name} is no instrument, currency or class that is traded here")


def _called(symbols: SymbolTable, name: str, count: int) -> list[int]:
    """The slots of an instrument on all servers, or of symbols that a server calls so."""
    wanted = name.casefold()
    return [
        slot
        for slot in np.flatnonzero(symbols.alive[:count]).tolist()
        if wanted in (symbols.instrument_name[slot].casefold(), symbols.name[slot].casefold())
    ]


def _of_classes(symbols: SymbolTable, count: int) -> NDArray[np.bool_]:
    """Symbols whose price is that of one currency in another."""
    pairs = [ASSET_CLASSES.index(kind) for kind in PAIR_CLASSES]
    different = symbols.base_currency[:count] != symbols.profit_currency[:count]
    found: NDArray[np.bool_] = np.isin(symbols.asset_class[:count], pairs) & different
    return found
