"""The rows that bridges publish, the sets they belong to, and the change of one row.

Rows (positions, accounts, deals …) are JSON arrays whose first element names their set. Money is integer minor units,
volume integer 1e-8 lot, price a decimal string, time integer microseconds UTC; no floats. No I/O.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from dealerdesk.instruments import Symbol
from dealerdesk.trading import (
    Account,
    BalanceOperation,
    Client,
    DayEnd,
    Deal,
    Group,
    Order,
    Position,
    QuoteSample,
    Request,
    Routing,
    SessionResult,
)


class RowSet(StrEnum):
    """The sets a bridge publishes. State sets mirror what is; record sets only grow."""

    SYMBOL = "symbol"
    GROUP = "group"
    CLIENT = "client"
    ACCOUNT = "account"
    ROUTING = "routing"
    POSITION = "position"
    ORDER = "order"
    REQUEST = "request"
    DEAL = "deal"
    BALANCE_OPERATION = "balance_operation"
    QUOTE_SAMPLE = "quote_sample"
    DAY_END = "day_end"
    SESSION_RESULT = "session_result"


RECORD_SETS = frozenset({RowSet.DEAL, RowSet.BALANCE_OPERATION, RowSet.QUOTE_SAMPLE, RowSet.DAY_END})


class Gone(msgspec.Struct, frozen=True, array_like=True, tag="gone", gc=False):
    """The row with `key` has left a state set."""

    set: RowSet
    key: int | str


Row = (
    Symbol
    | Group
    | Client
    | Account
    | Routing
    | Position
    | Order
    | Request
    | Deal
    | BalanceOperation
    | QuoteSample
    | DayEnd
    | SessionResult
)


class Delta(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One change of one row, with its own number in the lossless stream; `version` is the row's, and only grows."""

    seq: int
    version: int
    time_us: int
    row: Row | Gone


def row_set(row: Row | Gone) -> RowSet:
    """The set a row belongs to."""
    if isinstance(row, Gone):
        return row.set
    return _SET_OF[type(row)]


def row_key(row: Row | Gone) -> int | str:
    """The key of a row within its set on its server; composite keys are joined by a slash."""
    match row:
        case Gone():
            return row.key
        case Symbol() | Group():
            return row.name
        case Account() | Routing():
            return row.login
        case QuoteSample():
            return f"{row.symbol}/{row.minute_us}"
        case DayEnd():
            return f"{row.login}/{row.day}"
        case SessionResult():
            return f"{row.login}/{row.symbol}"
        case _:
            return row.id


_SET_OF: dict[type, RowSet] = {
    Symbol: RowSet.SYMBOL,
    Group: RowSet.GROUP,
    Client: RowSet.CLIENT,
    Account: RowSet.ACCOUNT,
    Routing: RowSet.ROUTING,
    Position: RowSet.POSITION,
    Order: RowSet.ORDER,
    Request: RowSet.REQUEST,
    Deal: RowSet.DEAL,
    BalanceOperation: RowSet.BALANCE_OPERATION,
    QuoteSample: RowSet.QUOTE_SAMPLE,
    DayEnd: RowSet.DAY_END,
    SessionResult: RowSet.SESSION_RESULT,
}
