"""An account's deals and balance operations as columns. Holds no widgets; the records come from the database."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dealerdesk.desk.table import Column, ColumnRows, Kind
from dealerdesk.desk.theme import Tone
from dealerdesk.instruments import LOT
from dealerdesk.money import currency
from dealerdesk.trading import BalanceOperation, Deal, Side

DEAL_COLUMNS = (
    Column("time", "Time", Kind.TIME, width=14, frozen=True, dates=True),
    Column("symbol", "Symbol", width=9, priority=1),
    Column("side", "Side", width=4, priority=1, tone_key="side_tone"),
    Column("entry", "Entry", width=4, priority=2),
    Column("lots", "Lots", Kind.NUMBER, width=7, priority=1, total=True),
    Column("price", "Price", Kind.PRICE, width=9, priority=1, decimals_key="digits"),
    Column("profit", "Profit", Kind.SIGNED_MONEY, width=10, priority=1, decimals_key="decimals", total=True),
    Column("swap", "Swap", Kind.SIGNED_MONEY, width=8, priority=3, decimals_key="decimals", total=True),
    Column("commission", "Comm.", Kind.SIGNED_MONEY, width=8, priority=3, decimals_key="decimals", total=True),
    Column("book", "Book", Kind.BOOK, width=4, priority=3),
    Column("reason", "Reason", width=7, priority=4),
    Column("id", "Deal", Kind.INTEGER, width=10, priority=5),
    Column("position", "Position", Kind.INTEGER, width=10, priority=5),
    Column("comment", "Comment", width=12, priority=6, shown=False),
)
BALANCE_COLUMNS = (
    Column("time", "Time", Kind.TIME, width=14, frozen=True, dates=True),
    Column("kind", "Kind", width=12, priority=1),
    Column("amount", "Amount", Kind.SIGNED_MONEY, width=11, priority=1, decimals_key="decimals", total=True),
    Column("provider", "Provider", width=10, priority=2),
    Column("reference", "Reference", width=14, priority=3),
    Column("id", "Operation", Kind.INTEGER, width=10, priority=4),
    Column("comment", "Comment", width=16, priority=5),
)


def deal_rows(deals: Sequence[Deal], currency_code: str) -> ColumnRows:
    """The deals' rows; money in the account's currency. A key is the deal's id."""
    exponent = currency(currency_code).exponent
    unit = 10.0**-exponent
    return ColumnRows(
        {
            "time": np.array([deal.dealt_us for deal in deals], dtype=np.int64),
            "symbol": [deal.symbol for deal in deals],
            "side": [deal.side.value for deal in deals],
            "side_tone": np.array([side_tone(deal.side) for deal in deals], dtype=np.int8),
            "entry": [deal.entry.value for deal in deals],
            "lots": np.array([deal.volume for deal in deals], dtype=np.float64) / LOT,
            "price": np.array([float(deal.price) for deal in deals], dtype=np.float64),
            "digits": np.array([-int(deal.price.as_tuple().exponent) for deal in deals], dtype=np.int8),
            "profit": np.array([deal.profit for deal in deals], dtype=np.float64) * unit,
            "swap": np.array([deal.swap for deal in deals], dtype=np.float64) * unit,
            "commission": np.array([deal.commission for deal in deals], dtype=np.float64) * unit,
            "decimals": np.full(len(deals), exponent, dtype=np.int8),
            "book": [deal.book.value for deal in deals],
            "reason": [deal.reason.value for deal in deals],
            "id": np.array([deal.id for deal in deals], dtype=np.int64),
            "position": np.array([deal.position_id for deal in deals], dtype=np.int64),
            "comment": [deal.comment for deal in deals],
        },
        [deal.id for deal in deals],
    )


def balance_rows(operations: Sequence[BalanceOperation], currency_code: str) -> ColumnRows:
    """The balance operations' rows; money in the account's currency. A key is the operation's id."""
    exponent = currency(currency_code).exponent
    return ColumnRows(
        {
            "time": np.array([operation.booked_us for operation in operations], dtype=np.int64),
            "kind": [operation.kind.value for operation in operations],
            "amount": np.array([operation.amount for operation in operations], dtype=np.float64) * 10.0**-exponent,
            "decimals": np.full(len(operations), exponent, dtype=np.int8),
            "provider": [operation.provider for operation in operations],
            "reference": [operation.reference for operation in operations],
            "id": np.array([operation.id for operation in operations], dtype=np.int64),
            "comment": [operation.comment for operation in operations],
        },
        [operation.id for operation in operations],
    )


def side_tone(side: Side) -> Tone:
    """Bought is positive, sold negative."""
    return Tone.POSITIVE if side is Side.BUY else Tone.NEGATIVE
