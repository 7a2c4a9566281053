"""The simulated server's tables, one class a row set: which columns it keeps and in what units. No rules.

Money is minor units of the account's currency, volume 1e-8 lot, price integer points of the symbol, time µs UTC;
0 stands for "none" in prices and times. Enumerations are codes into the tuples below; `account` is a slot of the
account table, `symbol` the symbol's index, `version` the number of the delta that last changed the row.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from dealerdesk.bridges.simulator.columns import Columns
from dealerdesk.trading import BalanceKind, Book, DealReason, Entry, OrderType, RequestState, Side

SIDES = (Side.BUY, Side.SELL)
BOOKS = (Book.A, Book.B, Book.C)
ENTRIES = (Entry.IN, Entry.OUT)
REASONS = tuple(DealReason)
ORDER_TYPES = tuple(OrderType)
BALANCE_KINDS = tuple(BalanceKind)
REQUEST_STATES = tuple(RequestState)
BUY, SELL = 0, 1
BOOK_A, BOOK_B, BOOK_C = 0, 1, 2

Int64s = NDArray[np.int64]
Int32s = NDArray[np.int32]
Int16s = NDArray[np.int16]
Int8s = NDArray[np.int8]


def sign_of(side: int) -> int:
    """+1 for a buy, −1 for a sell."""
    return 1 - 2 * side


class AccountTable(Columns):
    """One row an account; `introducer` is a number, 0 for none, and `partner` a bonus pair's other account or −1."""

    SPEC: ClassVar[dict[str, DTypeLike]] = {
        "login": np.int64,
        "client_id": np.int64,
        "group": np.int16,
        "currency": np.int16,
        "leverage": np.int32,
        "balance": np.int64,
        "credit": np.int64,
        "opened_us": np.int64,
        "enabled": np.bool_,
        "introducer": np.int16,
        "session_start_equity": np.int64,
        "session_deposits": np.int64,
        "session_realised": np.int64,
        "version": np.int64,
        "profile": np.int8,
        "book": np.int8,
        "covered_percent": np.int8,
        "routing_changed_us": np.int64,
        "routing_version": np.int64,
        "partner": np.int32,
        "losses_in_a_row": np.int8,
    }
    login: Int64s
    client_id: Int64s
    group: Int16s
    currency: Int16s
    leverage: Int32s
    balance: Int64s
    credit: Int64s
    opened_us: Int64s
    enabled: NDArray[np.bool_]
    introducer: Int16s
    session_start_equity: Int64s
    session_deposits: Int64s
    session_realised: Int64s
    version: Int64s
    profile: Int8s
    book: Int8s
    covered_percent: Int8s
    routing_changed_us: Int64s
    routing_version: Int64s
    partner: Int32s
    losses_in_a_row: Int8s


class PositionTable(Columns):
    SPEC: ClassVar[dict[str, DTypeLike]] = {
        "id": np.int64,
        "account": np.int32,
        "symbol": np.int16,
        "side": np.int8,
        "volume": np.int64,
        "open_points": np.int64,
        "opened_us": np.int64,
        "stop_loss": np.int64,
        "take_profit": np.int64,
        "swap": np.int64,
        "commission": np.int64,
        "reason": np.int8,
        "from_ticket": np.int64,
        "version": np.int64,
    }
    id: Int64s
    account: Int32s
    symbol: Int16s
    side: Int8s
    volume: Int64s
    open_points: Int64s
    opened_us: Int64s
    stop_loss: Int64s
    take_profit: Int64s
    swap: Int64s
    commission: Int64s
    reason: Int8s
    from_ticket: Int64s
    version: Int64s


class OrderTable(Columns):
    SPEC: ClassVar[dict[str, DTypeLike]] = {
        "id": np.int64,
        "account": np.int32,
        "symbol": np.int16,
        "kind": np.int8,
        "volume": np.int64,
        "price": np.int64,
        "placed_us": np.int64,
        "stop_loss": np.int64,
        "take_profit": np.int64,
        "expires_us": np.int64,
        "version": np.int64,
    }
    id: Int64s
    account: Int32s
    symbol: Int16s
    kind: Int8s
    volume: Int64s
    price: Int64s
    placed_us: Int64s
    stop_loss: Int64s
    take_profit: Int64s
    expires_us: Int64s
    version: Int64s


class RequestTable(Columns):
    """`gone_us` is when an answered or expired request leaves the list."""

    SPEC: ClassVar[dict[str, DTypeLike]] = {
        "id": np.int64,
        "account": np.int32,
        "symbol": np.int16,
        "side": np.int8,
        "volume": np.int64,
        "price": np.int64,
        "state": np.int8,
        "raised_us": np.int64,
        "deadline_us": np.int64,
        "position_id": np.int64,
        "gone_us": np.int64,
        "version": np.int64,
    }
    id: Int64s
    account: Int32s
    symbol: Int16s
    side: Int8s
    volume: Int64s
    price: Int64s
    state: Int8s
    raised_us: Int64s
    deadline_us: Int64s
    position_id: Int64s
    gone_us: Int64s
    version: Int64s


class DealTable(Columns):
    """`rate` is the profit currency's rate into the deposit currency in units of 1e-12."""

    SPEC: ClassVar[dict[str, DTypeLike]] = {
        "id": np.int64,
        "position_id": np.int64,
        "order_id": np.int64,
        "account": np.int32,
        "symbol": np.int16,
        "side": np.int8,
        "entry": np.int8,
        "volume": np.int64,
        "price": np.int64,
        "dealt_us": np.int64,
        "profit": np.int64,
        "swap": np.int64,
        "commission": np.int64,
        "rate": np.int64,
        "reason": np.int8,
        "book": np.int8,
        "version": np.int64,
    }
    id: Int64s
    position_id: Int64s
    order_id: Int64s
    account: Int32s
    symbol: Int16s
    side: Int8s
    entry: Int8s
    volume: Int64s
    price: Int64s
    dealt_us: Int64s
    profit: Int64s
    swap: Int64s
    commission: Int64s
    rate: Int64s
    reason: Int8s
    book: Int8s
    version: Int64s


class OperationTable(Columns):
    """Balance operations; `provider` is an index into cashier.PROVIDERS plus one, 0 for none."""

    SPEC: ClassVar[dict[str, DTypeLike]] = {
        "id": np.int64,
        "account": np.int32,
        "kind": np.int8,
        "amount": np.int64,
        "booked_us": np.int64,
        "provider": np.int8,
        "version": np.int64,
    }
    id: Int64s
    account: Int32s
    kind: Int8s
    amount: Int64s
    booked_us: Int64s
    provider: Int8s
    version: Int64s


class SampleTable(Columns):
    SPEC: ClassVar[dict[str, DTypeLike]] = {
        "symbol": np.int16,
        "minute_us": np.int64,
        "bid": np.int64,
        "ask": np.int64,
        "high": np.int64,
        "low": np.int64,
        "ticks": np.int32,
        "version": np.int64,
    }
    symbol: Int16s
    minute_us: Int64s
    bid: Int64s
    ask: Int64s
    high: Int64s
    low: Int64s
    ticks: Int32s
    version: Int64s


class DayEndTable(Columns):
    """`day` counts days since 1970-01-01."""

    SPEC: ClassVar[dict[str, DTypeLike]] = {
        "account": np.int32,
        "day": np.int32,
        "balance": np.int64,
        "credit": np.int64,
        "floating": np.int64,
        "margin": np.int64,
        "realised": np.int64,
        "deposits": np.int64,
        "version": np.int64,
    }
    account: Int32s
    day: Int32s
    balance: Int64s
    credit: Int64s
    floating: Int64s
    margin: Int64s
    realised: Int64s
    deposits: Int64s
    version: Int64s


class ResultTable(Columns):
    """Session results; `cell` = account × 65536 + symbol."""

    SPEC: ClassVar[dict[str, DTypeLike]] = {
        "cell": np.int64,
        "realised": np.int64,
        "start_floating": np.int64,
        "version": np.int64,
    }
    cell: Int64s
    realised: Int64s
    start_floating: Int64s
    version: Int64s


def cell_of(account: int, symbol: int) -> int:
    """The key of an account on a symbol within the session results."""
    return (account << 16) | symbol
