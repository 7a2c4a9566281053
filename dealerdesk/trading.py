"""Who trades and what they hold: accounts, positions, orders, deals, books. Frozen records, no formulas, no I/O.

These records are the rows that bridges send, the live engine keeps and the hub stores, so each idea has one
shape. Money is integer minor units of the account's deposit currency; volumes are integers of 1e-8 lot; prices
are exact decimals; times are microseconds UTC. Signs are the client's: a profit is positive.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec


class Platform(StrEnum):
    MT4 = "mt4"
    MT5 = "mt5"
    CTRADER = "ctrader"


class Book(StrEnum):
    """A: the client's risk is passed to an LP; B: kept; C: partly covered."""

    A = "A"
    B = "B"
    C = "C"


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        return 1 if self is Side.BUY else -1

    @property
    def opposite(self) -> Side:
        return Side.SELL if self is Side.BUY else Side.BUY


class Accounting(StrEnum):
    """How several orders on one symbol become positions."""

    HEDGING = "hedging"
    NETTING = "netting"
    EXCHANGE = "exchange"


class Entry(StrEnum):
    IN = "in"
    OUT = "out"


class DealReason(StrEnum):
    CLIENT = "client"
    EXPERT = "expert"
    DEALER = "dealer"
    STOP_LOSS = "sl"
    TAKE_PROFIT = "tp"
    STOP_OUT = "so"


class OrderType(StrEnum):
    BUY_LIMIT = "buy_limit"
    SELL_LIMIT = "sell_limit"
    BUY_STOP = "buy_stop"
    SELL_STOP = "sell_stop"


class BalanceKind(StrEnum):
    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    CREDIT = "credit"
    BONUS = "bonus"
    CORRECTION = "correction"
    COMPENSATION = "compensation"


ON_CREDIT = frozenset((BalanceKind.CREDIT, BalanceKind.BONUS))
"""What changes an account's credit; all else changes its balance."""


class RequestState(StrEnum):
    WAITING = "waiting"
    CLAIMED = "claimed"
    ANSWERED = "answered"
    EXPIRED = "expired"


class Group(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="group", kw_only=True):
    """An account group of one server; margin call and stop-out are margin levels in percent."""

    name: str
    currency: str
    accounting: Accounting
    margin_call_percent: Decimal
    stop_out_percent: Decimal
    commission_per_lot: Decimal = Decimal(0)
    """In the group's currency, per lot and side; positive is what the client pays."""


class Client(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="client", kw_only=True):
    """A person or company as one server knows them; `id` is the broker's, the same on every server."""

    id: int
    name: str
    country: str
    profile: str
    registered_us: int
    introducer: str = ""


class Account(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="account", kw_only=True):
    """A trading account. `session_*` figures count from the server's last rollover."""

    login: int
    client_id: int
    group: str
    currency: str
    leverage: int
    balance: int
    credit: int
    opened_us: int
    enabled: bool = True
    introducer: str = ""
    session_start_equity: int = 0
    session_deposits: int = 0
    session_realised: int = 0


class Routing(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="routing", kw_only=True):
    """The book of an account. `covered_percent`: 100 in A, 0 in B, between in C."""

    login: int
    book: Book
    covered_percent: int
    changed_us: int = 0
    command_id: str = ""


class Position(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="position", kw_only=True):
    id: int
    login: int
    symbol: str
    side: Side
    volume: int
    open_price: Decimal
    opened_us: int
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None
    swap: int = 0
    commission: int = 0
    reason: DealReason = DealReason.CLIENT
    comment: str = ""


class Order(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="order", kw_only=True):
    """A pending order."""

    id: int
    login: int
    symbol: str
    kind: OrderType
    volume: int
    price: Decimal
    placed_us: int
    stop_loss: Decimal | None = None
    take_profit: Decimal | None = None
    expires_us: int = 0
    comment: str = ""


class Request(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="request", kw_only=True):
    """A client's order that awaits a dealer's answer."""

    id: int
    login: int
    symbol: str
    side: Side
    volume: int
    price: Decimal
    state: RequestState
    raised_us: int
    deadline_us: int
    dealer: str = ""
    position_id: int = 0


class Deal(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="deal", kw_only=True):
    """An execution. `side` is the deal's own: closing a buy position is a sell deal.

    `profit`, `swap` and `commission` are minor units of the deposit currency, signed from the client's side;
    `rate_profit` is the profit currency's rate into the deposit currency that was used.
    """

    id: int
    position_id: int
    order_id: int
    login: int
    symbol: str
    side: Side
    entry: Entry
    volume: int
    price: Decimal
    dealt_us: int
    profit: int = 0
    swap: int = 0
    commission: int = 0
    rate_profit: Decimal = Decimal(1)
    reason: DealReason = DealReason.CLIENT
    book: Book = Book.B
    comment: str = ""


class BalanceOperation(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="balance_operation", kw_only=True):
    """Money in or out of an account without a trade; `amount` is positive when it raises the balance (or credit)."""

    id: int
    login: int
    kind: BalanceKind
    amount: int
    booked_us: int
    provider: str = ""
    reference: str = ""
    comment: str = ""


class QuoteSample(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="quote_sample", kw_only=True):
    """The last quote of a symbol in a minute, kept for good; the live quotes themselves are not."""

    symbol: str
    minute_us: int
    bid: Decimal
    ask: Decimal
    high: Decimal
    low: Decimal
    ticks: int


class DayEnd(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="day_end", kw_only=True):
    """An account as the server closed its day."""

    login: int
    day: str
    balance: int
    credit: int
    floating: int
    margin: int
    realised: int
    deposits: int


class SessionResult(msgspec.Struct, frozen=True, array_like=True, gc=False, tag="session_result", kw_only=True):
    """What an account made on a symbol since the last rollover, and its floating P&L at that rollover."""

    login: int
    symbol: str
    realised: int
    start_floating: int
