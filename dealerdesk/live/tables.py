"""The columns of accounts and symbols, and the codes that stand for words in all tables. No rules.

Money is integer minor units of the account's currency, volume integer 1e-8 lot, price float64, time µs UTC. What a
column means is said where it is not plain from its name.
"""

from __future__ import annotations

from collections.abc import MutableSequence
from typing import ClassVar, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from dealerdesk.instruments import AssetClass, Symbol
from dealerdesk.live.columns import Table, TextOf
from dealerdesk.live.matrix import BLOCK_ROWS
from dealerdesk.trading import Book, DealReason

__all__ = ["ASSET_CLASSES", "BOOKS", "REASONS", "AccountTable", "Codes", "SymbolTable", "TextOf"]

BOOKS = (Book.A, Book.B, Book.C)
ASSET_CLASSES = tuple(AssetClass)
REASONS = tuple(DealReason)

Flags = NDArray[np.bool_]
Small = NDArray[np.int8]
Short = NDArray[np.int16]
Int = NDArray[np.int32]
Long = NDArray[np.int64]
Float = NDArray[np.float64]
IntCells = MutableSequence[int]
FloatCells = MutableSequence[float]
Name = TypeVar("Name")


class Codes(Generic[Name]):
    """Numbers words as they first appear; a number never changes its word."""

    def __init__(self) -> None:
        self.names: list[Name] = []
        self._codes: dict[Name, int] = {}

    def code(self, name: Name) -> int:
        """The number of `name`, a new one if it has none."""
        found = self._codes.get(name)
        if found is None:
            found = self._codes[name] = len(self.names)
            self.names.append(name)
        return found

    def find(self, name: Name) -> int | None:
        """The number of `name`, None if it has none."""
        return self._codes.get(name)


class AccountTable(Table):
    """Trading accounts. A server's accounts stand in blocks of rows that no other server uses."""

    COLUMNS: ClassVar = {
        "server": "i2",
        "login": "i8",
        "client_id": "i8",
        "group": "i4",
        "currency": "i2",
        "leverage": "i4",
        "balance": "i8",
        "credit": "i8",
        "session_start_equity": "i8",
        "session_deposits": "i8",
        "session_realised": "i8",
        "opened_us": "i8",
        "enabled": "?",
        "book": "i1",
        "covered_percent": "i1",
        "version": "i8",
        "routing_version": "i8",
        "positions": "i4",
        "accrued": "i8",
        "realised": "i8",
        "start_floating": "i8",
        "settled": "i8",
        "unit": "f8",
        "margin_call": "f8",
        "stop_out": "f8",
        "deposit": "i2",
        "kind": "i4",
        "cells": "i4",
    }
    TEXTS: ClassVar = ("server_name", "group_name", "currency_code", "name", "country", "profile", "introducer")

    server: Short
    login: Long
    client_id: Long
    group: Int
    currency: Short
    leverage: Int
    balance: Long
    credit: Long
    session_start_equity: Long
    session_deposits: Long
    session_realised: Long
    opened_us: Long
    enabled: Flags
    book: Small
    covered_percent: Small
    version: Long
    routing_version: Long
    positions: Int
    accrued: Long
    """Σ swap + commission of open positions, minor units."""
    realised: Long
    """Σ of the session's realised results of its symbols, minor units."""
    start_floating: Long
    """Σ of its symbols' floating results at the last rollover, minor units."""
    settled: Long
    """balance + credit + accrued, minor units: equity without the floating result."""
    unit: Float
    """Major units per minor unit: 0.01 for USD, 1 for JPY."""
    margin_call: Float
    stop_out: Float
    deposit: Short
    """Number of the deposit currency among deposit currencies."""
    kind: Int
    """Number of (deposit currency, book, covered percent): accounts of a kind are added up together."""
    cells: Int
    """How many symbols it has positions or a session result in."""
    server_name: list[str]
    group_name: list[str]
    currency_code: list[str]
    name: list[str]
    country: list[str]
    profile: list[str]
    introducer: list[str]

    client_id_at: IntCells
    balance_at: IntCells
    credit_at: IntCells
    session_start_equity_at: IntCells
    session_deposits_at: IntCells
    session_realised_at: IntCells
    opened_us_at: IntCells
    enabled_at: MutableSequence[bool]
    version_at: IntCells
    cells_at: IntCells
    leverage_at: IntCells
    book_at: IntCells
    deposit_at: IntCells
    kind_at: IntCells
    positions_at: IntCells
    accrued_at: IntCells
    settled_at: IntCells
    realised_at: IntCells
    start_floating_at: IntCells

    def __init__(self) -> None:
        super().__init__(BLOCK_ROWS)
        self._slots: dict[int, dict[int, int]] = {}
        self._open: dict[int, list[int]] = {}
        self._server_code: dict[str, int] = {}

    def slot(self, server: str, login: int) -> int | None:
        """The row of an account, None if it is not known."""
        code = self._server_code.get(server)
        return None if code is None else self._slots[code].get(login)

    def logins(self, server: int) -> dict[int, int]:
        """Login → slot of a server's accounts; to be read only."""
        return self._slots.setdefault(server, {})

    def enter(self, server: int, name: str, login: int) -> int:
        """A row for a new account: from the server's own blocks, all columns zero."""
        self._server_code[name] = server
        rows = self._open.setdefault(server, [])
        if not rows:
            first = self.count
            self.reserve(first + BLOCK_ROWS)
            self.count = first + BLOCK_ROWS
            self.server[first : self.count] = server
            rows.extend(range(self.count - 1, first - 1, -1))
        slot = rows.pop()
        self.alive[slot] = True
        self.living += 1
        self.logins(server)[login] = slot
        return slot

    def leave(self, slot: int) -> None:
        """The account is gone; its server may use the row again."""
        server = int(self.server[slot])
        del self._slots[server][int(self.login[slot])]
        for column in self.COLUMNS:
            getattr(self, column)[slot] = 0
        self.server[slot] = server
        self.alive[slot] = False
        self.living -= 1
        self._open[server].append(slot)

    def rows_of(self, server: int) -> Long:
        """Slots of a server's living accounts."""
        return np.flatnonzero(self.alive[: self.count] & (self.server[: self.count] == server))

    def blocks_of(self, server: int) -> list[int]:
        """Numbers of the blocks that are the server's."""
        return [first // BLOCK_ROWS for first in range(0, self.count, BLOCK_ROWS) if self.server[first] == server]


class SymbolTable(Table):
    """Symbols of all servers with their newest quote."""

    COLUMNS: ClassVar = {
        "server": "i2",
        "index": "i4",
        "instrument": "i4",
        "asset_class": "i1",
        "base_currency": "i2",
        "profit_currency": "i2",
        "margin_currency": "i2",
        "digits": "i1",
        "contract_size": "f8",
        "bid": "f8",
        "ask": "f8",
        "bid_points": "i8",
        "ask_points": "i8",
        "time_us": "i8",
        "received_us": "i8",
        "stale_after_ms": "i4",
        "day": "i8",
        "day_from_us": "i8",
        "day_open": "f8",
        "day_high": "f8",
        "day_low": "f8",
        "previous_bid": "f8",
        "ticks": "i8",
        "positions": "i4",
        "version": "i8",
        "scale": "f8",
        "lot_value": "f8",
        "need_open": "f8",
        "need_hedged": "f8",
        "priced": "?",
        "levered": "?",
    }
    TEXTS: ClassVar = ("name", "instrument_name", "description", "server_name")

    server: Short
    index: Int
    instrument: Int
    asset_class: Small
    base_currency: Short
    profit_currency: Short
    margin_currency: Short
    digits: Small
    contract_size: Float
    bid: Float
    ask: Float
    bid_points: Long
    ask_points: Long
    time_us: Long
    received_us: Long
    stale_after_ms: Int
    day: Long
    """The server's day (number since 1970) that day_open, day_high and day_low belong to."""
    day_from_us: Long
    """Moment of day_open."""
    day_open: Float
    day_high: Float
    day_low: Float
    previous_bid: Float
    ticks: Long
    positions: Int
    version: Long
    scale: Float
    """Points per 1.0 of price."""
    lot_value: Float
    """Profit currency per lot and 1.0 of price."""
    need_open: Float
    """Margin of an uncovered lot, × price if `priced`, / leverage if `levered`; margin rate included."""
    need_hedged: Float
    """The same for a lot bought against a lot sold."""
    priced: Flags
    levered: Flags
    name: list[str]
    instrument_name: list[str]
    description: list[str]
    server_name: list[str]
    positions_at: IntCells

    def __init__(self) -> None:
        super().__init__()
        self.record: list[Symbol | None] = []
        self._slots: dict[tuple[str, str], int] = {}

    def slot(self, server: str, name: str) -> int | None:
        """The row of a symbol, None if it is not known."""
        return self._slots.get((server, name))

    def enter(self, server: str, name: str) -> int:
        """A row for a new symbol, without a quote."""
        slot = self.take()
        self._slots[(server, name)] = slot
        self.record.extend([None] * (self.count - len(self.record)))
        for column in ("bid", "ask", "day_open", "day_high", "day_low", "previous_bid"):
            getattr(self, column)[slot] = np.nan
        for column in ("bid_points", "ask_points", "time_us", "received_us", "ticks", "positions", "day"):
            getattr(self, column)[slot] = 0
        self.server_name[slot], self.name[slot] = server, name
        return slot

    def leave(self, slot: int) -> None:
        """The symbol is gone."""
        del self._slots[(self.server_name[slot], self.name[slot])]
        self.record[slot] = None
        self.bid[slot] = self.ask[slot] = np.nan
        self.release(slot)
