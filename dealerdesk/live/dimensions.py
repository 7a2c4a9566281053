"""The ways to cut exposure: the row that a symbol or an account belongs to, and the positions behind a row."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from dealerdesk.instruments import AssetClass
from dealerdesk.live.registry import Registry
from dealerdesk.live.tables import ASSET_CLASSES, BOOKS

Codes = NDArray[np.int64]
Kept = TypeVar("Kept")
KEPT_MAX = 32
FX = ASSET_CLASSES.index(AssetClass.FX)


class Dimension(StrEnum):
    INSTRUMENT = "instrument"
    SYMBOL = "symbol"
    CURRENCY = "currency"
    ASSET_CLASS = "asset_class"
    GROUP = "group"
    SERVER = "server"
    BOOK = "book"
    CLIENT = "client"
    ACCOUNT = "account"


BY_SYMBOL = frozenset({Dimension.INSTRUMENT, Dimension.SYMBOL, Dimension.ASSET_CLASS, Dimension.SERVER})
BY_ACCOUNT = frozenset({Dimension.GROUP, Dimension.CLIENT, Dimension.ACCOUNT})


@dataclass(frozen=True, slots=True)
class Grouping:
    """`codes[slot]` is the number of the row that the slot belongs to, −1 for none; keys and labels by that number."""

    codes: Codes
    keys: list[Hashable]
    labels: list[str]


@dataclass(frozen=True, slots=True)
class Legs:
    """Currency legs: `base[symbol]` is the row of the thing bought, `profit[symbol]` that of the currency paid, −1
    where the thing is not a currency pair."""

    base: Codes
    profit: Codes
    keys: list[Hashable]
    labels: list[str]


def by_symbol(state: Registry, dimension: Dimension, count: int) -> Grouping:
    """Rows of symbols for INSTRUMENT, SYMBOL, ASSET_CLASS or SERVER; `count` symbol slots."""
    return _kept(state, f"symbol {dimension} {count}", lambda: _by_symbol(state, dimension, count))


def by_account(state: Registry, dimension: Dimension, count: int) -> Grouping:
    """Rows of accounts for GROUP, CLIENT, ACCOUNT, SERVER or BOOK; `count` account slots."""
    if dimension is Dimension.BOOK:
        # accounts change their book without any row coming or going
        return _by_account(state, dimension, count)
    return _kept(state, f"account {dimension} {count}", lambda: _by_account(state, dimension, count))


def legs(state: Registry, count: int) -> Legs:
    """Currency legs of `count` symbol slots; what is no currency pair is one leg: the thing traded."""
    return _kept(state, f"legs {count}", lambda: _legs(state, count))


def _kept(state: Registry, name: str, make: Callable[[], Kept]) -> Kept:
    """What `make` returned last time, until rows of symbols, groups, accounts or clients come or go."""
    version, found = state.kept.get(name, (-1, None))
    if version != state.version.structure:
        if len(state.kept) > KEPT_MAX:
            state.kept.clear()
        found = make()
        state.kept[name] = (state.version.structure, found)
    return cast(Kept, found)


def _by_symbol(state: Registry, dimension: Dimension, count: int) -> Grouping:
    table = state.symbols
    alive = table.alive[:count]
    if dimension is Dimension.SYMBOL:
        slots = np.flatnonzero(alive)
        names = [(table.server_name[slot], table.name[slot]) for slot in slots.tolist()]
        return Grouping(_numbered(alive, slots), list(names), [f"{name} · {server}" for server, name in names])
    if dimension is Dimension.INSTRUMENT:
        return _named(table.instrument[:count], alive, state.instrument_codes.names)
    if dimension is Dimension.ASSET_CLASS:
        return _named(table.asset_class[:count], alive, [str(kind) for kind in ASSET_CLASSES])
    return _named(table.server[:count], alive, [server.name for server in state.server_list])


def _by_account(state: Registry, dimension: Dimension, count: int) -> Grouping:
    table = state.accounts
    alive = table.alive[:count]
    if dimension is Dimension.GROUP:
        grouping = _named(table.group[:count], alive, [f"{group.name} · {group.server}" for group in state.groups])
        used = np.unique(table.group[:count][alive]).tolist()
        keys: list[Hashable] = [(state.groups[code].server, state.groups[code].name) for code in used]
        return Grouping(grouping.codes, keys, grouping.labels)
    if dimension is Dimension.CLIENT:
        ids, inverse = np.unique(table.client_id[:count][alive], return_inverse=True)
        codes = np.full(count, -1, np.int64)
        codes[alive] = inverse
        names = [state.clients[client].label for client in ids.tolist()]
        return Grouping(codes, ids.tolist(), names)
    if dimension is Dimension.ACCOUNT:
        slots = np.flatnonzero(alive)
        logins = table.login[slots].tolist()
        servers = [table.server_name[slot] for slot in slots.tolist()]
        accounts = list(zip(servers, logins, strict=True))
        return Grouping(_numbered(alive, slots), list(accounts), [f"{server} {login}" for server, login in accounts])
    if dimension is Dimension.BOOK:
        return _named(table.book[:count], alive, [str(book) for book in BOOKS])
    return _named(table.server[:count], alive, [server.name for server in state.server_list])


def _legs(state: Registry, count: int) -> Legs:
    table, names = state.symbols, state.currency_codes.names
    rows: dict[str, int] = {}
    base, profit = np.full(count, -1, np.int64), np.full(count, -1, np.int64)
    for slot in np.flatnonzero(table.alive[:count]).tolist():
        bought, paid = int(table.base_currency[slot]), int(table.profit_currency[slot])
        thing = names[bought] if bought != paid else table.instrument_name[slot]
        base[slot] = rows.setdefault(thing, len(rows))
        if table.asset_class[slot] == FX:
            profit[slot] = rows.setdefault(names[paid], len(rows))
    return Legs(base, profit, list(rows), list(rows))


def rows_behind(state: Registry, dimension: Dimension, key: Hashable) -> NDArray[np.int64]:
    """Slots of the open positions behind a row of an exposure; none for a key that is not there."""
    table = state.positions
    held = table.living_slots()
    if dimension is Dimension.CURRENCY:
        found = legs(state, state.symbols.count)
        if key not in found.keys:
            return held[:0]
        number = found.keys.index(key)
        wanted = (found.base == number) | (found.profit == number)
        return np.compress(wanted[table.symbol[held]], held)
    if dimension in BY_SYMBOL:
        grouping, of_position = by_symbol(state, dimension, state.symbols.count), table.symbol[held]
    else:
        grouping, of_position = by_account(state, dimension, state.accounts.count), table.account[held]
    if key not in grouping.keys:
        return held[:0]
    return np.compress(grouping.codes[of_position] == grouping.keys.index(key), held)


def _named(column: NDArray[np.integer], alive: NDArray[np.bool_], names: list[str]) -> Grouping:
    """Rows by a code column: only codes in use, in their order."""
    used = np.bincount(column[alive].astype(np.int64), minlength=len(names)) > 0
    number = np.cumsum(used) - 1
    codes = np.where(alive, number[column], -1) if len(number) else np.full(len(alive), -1, np.int64)
    labels = [names[code] for code in np.flatnonzero(used).tolist()]
    return Grouping(codes.astype(np.int64), list(labels), labels)


def _numbered(alive: NDArray[np.bool_], slots: NDArray[np.int64]) -> Codes:
    codes = np.full(len(alive), -1, np.int64)
    codes[slots] = np.arange(len(slots))
    return codes
