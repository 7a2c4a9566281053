"""cTrader's position, order, deal and balance record, and rows out of them and into them. Volume in 0.01 of a unit,
money in integers of 10^-moneyDigits, time in milliseconds UTC. The platform names no reason; the label carries it.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from dealerdesk.bridges.simulator.native_figures import (
    Known,
    level_from_double,
    price_from_double,
    rate_from_double,
    symbol_of,
)
from dealerdesk.instruments import LOT, Symbol
from dealerdesk.trading import (
    BalanceKind,
    BalanceOperation,
    Deal,
    DealReason,
    Entry,
    Order,
    OrderType,
    Position,
    Side,
)

MILLISECOND_US = 1_000
CENTS = 100
BUY, SELL = 1, 2
_SIDES = {BUY: Side.BUY, SELL: Side.SELL}
_NUMBERS = {side: number for number, side in _SIDES.items()}
_LIMIT, _STOP = 2, 3
_ORDERS = {
    (_LIMIT, Side.BUY): OrderType.BUY_LIMIT,
    (_LIMIT, Side.SELL): OrderType.SELL_LIMIT,
    (_STOP, Side.BUY): OrderType.BUY_STOP,
    (_STOP, Side.SELL): OrderType.SELL_STOP,
}
_ORDER_PARTS = {kind: parts for parts, kind in _ORDERS.items()}
_DEPOSIT, _WITHDRAW, _PROTECTION = 0, 1, 39
_CREDIT_IN, _CREDIT_OUT = 19, 20


class Closing(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """What a closing deal carries besides: gross profit, swap, the rate that was used."""

    gross_profit: int
    swap: int
    quote_to_deposit_conversion_rate: float


class CPosition(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A position under cTrader's names."""

    position_id: int
    trader_id: int
    symbol_name: str
    trade_side: int
    volume: int
    open_timestamp: int
    price: float
    stop_loss: float = 0.0
    take_profit: float = 0.0
    swap: int = 0
    money_digits: int = 2
    label: str = ""
    comment: str = ""


class COrder(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A pending order under cTrader's names: `limit_price` or `stop_price` by its type."""

    order_id: int
    trader_id: int
    symbol_name: str
    order_type: int
    trade_side: int
    volume: int
    open_timestamp: int
    limit_price: float = 0.0
    stop_price: float = 0.0
    stop_loss: float = 0.0
    take_profit: float = 0.0
    expiration_timestamp: int = 0
    comment: str = ""


class CDeal(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A deal under cTrader's names; `close_position_detail` makes it a closing one."""

    deal_id: int
    position_id: int
    order_id: int
    trader_id: int
    symbol_name: str
    trade_side: int
    filled_volume: int
    execution_price: float
    execution_timestamp: int
    commission: int = 0
    money_digits: int = 2
    base_to_deposit_rate: float = 1.0
    closing: Closing | None = msgspec.field(name="closePositionDetail", default=None)
    label: str = ""
    comment: str = ""


class CBalance(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A record of the balance history under cTrader's names; `delta` is never negative, the type says the way."""

    balance_history_id: int
    trader_id: int
    operation_type: int
    delta: int
    money_digits: int
    change_balance_timestamp: int
    external_note: str = ""


def position_record(row: Position, symbol: Symbol, digits: int) -> CPosition:
    """An open position as the platform keeps it."""
    return CPosition(
        position_id=row.id,
        trader_id=row.login,
        symbol_name=row.symbol,
        trade_side=_NUMBERS[row.side],
        volume=_cents(row.volume, symbol),
        open_timestamp=row.opened_us // MILLISECOND_US,
        price=float(row.open_price),
        stop_loss=float(row.stop_loss or 0),
        take_profit=float(row.take_profit or 0),
        swap=row.swap,
        money_digits=digits,
        label=row.reason,
        comment=row.comment,
    )


def position_row(record: CPosition, known: Known) -> Position:
    """The row of a position's record."""
    symbol = symbol_of(known)
    return Position(
        id=record.position_id,
        login=record.trader_id,
        symbol=record.symbol_name,
        side=_SIDES[record.trade_side],
        volume=_volume(record.volume, symbol),
        open_price=price_from_double(record.price, symbol.digits),
        opened_us=record.open_timestamp * MILLISECOND_US,
        stop_loss=level_from_double(record.stop_loss, symbol.digits),
        take_profit=level_from_double(record.take_profit, symbol.digits),
        swap=_money(record.swap, record.money_digits, known),
        reason=DealReason(record.label),
        comment=record.comment,
    )


def order_record(row: Order, symbol: Symbol) -> COrder:
    """A pending order as the platform keeps it."""
    order_type, side = _ORDER_PARTS[row.kind]
    return COrder(
        order_id=row.id,
        trader_id=row.login,
        symbol_name=row.symbol,
        order_type=order_type,
        trade_side=_NUMBERS[side],
        volume=_cents(row.volume, symbol),
        open_timestamp=row.placed_us // MILLISECOND_US,
        limit_price=float(row.price) if order_type == _LIMIT else 0.0,
        stop_price=float(row.price) if order_type == _STOP else 0.0,
        stop_loss=float(row.stop_loss or 0),
        take_profit=float(row.take_profit or 0),
        expiration_timestamp=row.expires_us // MILLISECOND_US,
        comment=row.comment,
    )


def order_row(record: COrder, known: Known) -> Order:
    """The row of a pending order's record."""
    symbol = symbol_of(known)
    return Order(
        id=record.order_id,
        login=record.trader_id,
        symbol=record.symbol_name,
        kind=_ORDERS[record.order_type, _SIDES[record.trade_side]],
        volume=_volume(record.volume, symbol),
        price=price_from_double(record.limit_price or record.stop_price, symbol.digits),
        placed_us=record.open_timestamp * MILLISECOND_US,
        stop_loss=level_from_double(record.stop_loss, symbol.digits),
        take_profit=level_from_double(record.take_profit, symbol.digits),
        expires_us=record.expiration_timestamp * MILLISECOND_US,
        comment=record.comment,
    )


def deal_record(row: Deal, symbol: Symbol, digits: int) -> CDeal:
    """A deal as the platform keeps it."""
    rate = float(row.rate_profit)
    closing = Closing(gross_profit=row.profit, swap=row.swap, quote_to_deposit_conversion_rate=rate)
    return CDeal(
        deal_id=row.id,
        position_id=row.position_id,
        order_id=row.order_id,
        trader_id=row.login,
        symbol_name=row.symbol,
        trade_side=_NUMBERS[row.side],
        filled_volume=_cents(row.volume, symbol),
        execution_price=float(row.price),
        execution_timestamp=row.dealt_us // MILLISECOND_US,
        commission=row.commission,
        money_digits=digits,
        base_to_deposit_rate=rate,
        closing=closing if row.entry is Entry.OUT else None,
        label=row.reason,
        comment=row.comment,
    )


def deal_row(record: CDeal, known: Known) -> Deal:
    """The row of a deal's record."""
    symbol = symbol_of(known)
    closing = record.closing
    rate = closing.quote_to_deposit_conversion_rate if closing else record.base_to_deposit_rate
    return Deal(
        id=record.deal_id,
        position_id=record.position_id,
        order_id=record.order_id,
        login=record.trader_id,
        symbol=record.symbol_name,
        side=_SIDES[record.trade_side],
        entry=Entry.OUT if closing else Entry.IN,
        volume=_volume(record.filled_volume, symbol),
        price=price_from_double(record.execution_price, symbol.digits),
        dealt_us=record.execution_timestamp * MILLISECOND_US,
        profit=_money(closing.gross_profit, record.money_digits, known) if closing else 0,
        swap=_money(closing.swap, record.money_digits, known) if closing else 0,
        commission=_money(record.commission, record.money_digits, known),
        rate_profit=rate_from_double(rate),
        reason=DealReason(record.label),
        book=known.book,
        comment=record.comment,
    )


def operation_record(row: BalanceOperation, digits: int) -> CBalance:
    """A balance operation as the platform keeps it."""
    return CBalance(
        balance_history_id=row.id,
        trader_id=row.login,
        operation_type=_type_of(row),
        delta=abs(row.amount),
        money_digits=digits,
        change_balance_timestamp=row.booked_us // MILLISECOND_US,
        external_note=row.comment,
    )


def operation_row(record: CBalance, known: Known) -> BalanceOperation:
    """The row of a balance record; the type says the kind and the way."""
    kinds = {
        _DEPOSIT: BalanceKind.DEPOSIT,
        _WITHDRAW: BalanceKind.WITHDRAWAL,
        _PROTECTION: BalanceKind.COMPENSATION,
        _CREDIT_IN: BalanceKind.CREDIT,
        _CREDIT_OUT: BalanceKind.CREDIT,
    }
    sign = -1 if record.operation_type in (_WITHDRAW, _CREDIT_OUT) else 1
    return BalanceOperation(
        id=record.balance_history_id,
        login=record.trader_id,
        kind=kinds[record.operation_type],
        amount=sign * _money(record.delta, record.money_digits, known),
        booked_us=record.change_balance_timestamp * MILLISECOND_US,
        comment=record.external_note,
    )


def _type_of(row: BalanceOperation) -> int:
    if row.kind in (BalanceKind.CREDIT, BalanceKind.BONUS):
        return _CREDIT_IN if row.amount >= 0 else _CREDIT_OUT
    if row.kind is BalanceKind.COMPENSATION:
        return _PROTECTION
    return _DEPOSIT if row.amount >= 0 else _WITHDRAW


def _cents(volume: int, symbol: Symbol) -> int:
    """1e-8 lot as hundredths of a unit; raises ValueError for what the platform cannot hold."""
    cents, rest = divmod(volume * int(symbol.contract_size * CENTS), LOT)
    if rest:
        raise ValueError(f"{volume} of {symbol.name} is no whole number of 0.01 units")
    return cents


def _volume(cents: int, symbol: Symbol) -> int:
    return cents * LOT // int(symbol.contract_size * CENTS)


def _money(amount: int, digits: int, known: Known) -> int:
    """An amount of 10^-digits as minor units of the account's currency."""
    return int(Decimal(amount).scaleb(known.money_digits - digits))
