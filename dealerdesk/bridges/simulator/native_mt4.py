"""MT4's trade record, and rows out of it and into it. One record is an open position, a closed trade, a pending order
or a balance operation, by `cmd` and `close_time`; volume in 1/100 lot, time in seconds of the server's clock.

A closed trade is two deals: 2 × ticket opens it, 2 × ticket + 1 closes it. Reasons beyond client, expert and dealer
stand in the comment only.
"""

from __future__ import annotations

import msgspec

from dealerdesk.bridges.simulator import server_clock
from dealerdesk.bridges.simulator.native_figures import (
    Known,
    level_from_double,
    money_from_double,
    money_to_double,
    price_from_double,
    rate_from_double,
    symbol_of,
)
from dealerdesk.clock import SECOND_US
from dealerdesk.instruments import LOT
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

VOLUME_UNIT = LOT // 100
CMD_BALANCE, CMD_CREDIT = 6, 7
_SIDES = (Side.BUY, Side.SELL)
_PENDING = (OrderType.BUY_LIMIT, OrderType.SELL_LIMIT, OrderType.BUY_STOP, OrderType.SELL_STOP)
_REASONS = (DealReason.CLIENT, DealReason.EXPERT, DealReason.DEALER)
_IN_COMMENT = {"[sl": DealReason.STOP_LOSS, "[tp": DealReason.TAKE_PROFIT, "[so": DealReason.STOP_OUT}


class TradeRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of MT4's TradeRecord that matter here, under its names."""

    order: int
    login: int
    symbol: str = ""
    cmd: int
    volume: int = 0
    open_time: int
    open_price: float = 0.0
    sl: float = 0.0
    tp: float = 0.0
    close_time: int = 0
    close_price: float = 0.0
    expiration: int = 0
    reason: int = 0
    conv_rate: float = 1.0
    commission: float = 0.0
    storage: float = 0.0
    profit: float = 0.0
    comment: str = ""


def position_record(row: Position, digits: int) -> TradeRecord:
    """An open position as the platform keeps it; `digits` are the account money's decimals."""
    return TradeRecord(
        order=row.id,
        login=row.login,
        symbol=row.symbol,
        cmd=_SIDES.index(row.side),
        volume=row.volume // VOLUME_UNIT,
        open_time=_server_s(row.opened_us),
        open_price=float(row.open_price),
        sl=float(row.stop_loss or 0),
        tp=float(row.take_profit or 0),
        reason=_REASONS.index(row.reason),
        commission=money_to_double(row.commission, digits),
        storage=money_to_double(row.swap, digits),
        comment=row.comment,
    )


def position_row(record: TradeRecord, known: Known) -> Position:
    """The row of an open position's record."""
    decimals = symbol_of(known).digits
    return Position(
        id=record.order,
        login=record.login,
        symbol=record.symbol,
        side=_SIDES[record.cmd],
        volume=record.volume * VOLUME_UNIT,
        open_price=price_from_double(record.open_price, decimals),
        opened_us=_utc_us(record.open_time, known),
        stop_loss=level_from_double(record.sl, decimals),
        take_profit=level_from_double(record.tp, decimals),
        swap=money_from_double(record.storage, known.money_digits),
        commission=money_from_double(record.commission, known.money_digits),
        reason=_REASONS[record.reason],
        comment=record.comment,
    )


def order_record(row: Order) -> TradeRecord:
    """A pending order as the platform keeps it."""
    return TradeRecord(
        order=row.id,
        login=row.login,
        symbol=row.symbol,
        cmd=2 + _PENDING.index(row.kind),
        volume=row.volume // VOLUME_UNIT,
        open_time=_server_s(row.placed_us),
        open_price=float(row.price),
        sl=float(row.stop_loss or 0),
        tp=float(row.take_profit or 0),
        expiration=_server_s(row.expires_us) if row.expires_us else 0,
        comment=row.comment,
    )


def order_row(record: TradeRecord, known: Known) -> Order:
    """The row of a pending order's record."""
    decimals = symbol_of(known).digits
    return Order(
        id=record.order,
        login=record.login,
        symbol=record.symbol,
        kind=_PENDING[record.cmd - 2],
        volume=record.volume * VOLUME_UNIT,
        price=price_from_double(record.open_price, decimals),
        placed_us=_utc_us(record.open_time, known),
        stop_loss=level_from_double(record.sl, decimals),
        take_profit=level_from_double(record.tp, decimals),
        expires_us=_utc_us(record.expiration, known) if record.expiration else 0,
        comment=record.comment,
    )


def deal_record(row: Deal, digits: int) -> TradeRecord:
    """The half of a trade's record that a deal is: its opening, or its closing with what it earned."""
    closing = row.entry is Entry.OUT
    moment, price = _server_s(row.dealt_us), float(row.price)
    return TradeRecord(
        order=row.position_id,
        login=row.login,
        symbol=row.symbol,
        cmd=_SIDES.index(row.side.opposite if closing else row.side),
        volume=row.volume // VOLUME_UNIT,
        open_time=0 if closing else moment,
        open_price=0.0 if closing else price,
        close_time=moment if closing else 0,
        close_price=price if closing else 0.0,
        reason=_REASONS.index(row.reason) if row.reason in _REASONS else 0,
        conv_rate=float(row.rate_profit),
        commission=money_to_double(row.commission, digits),
        storage=money_to_double(row.swap, digits),
        profit=money_to_double(row.profit, digits),
        comment=row.comment,
    )


def deal_row(record: TradeRecord, known: Known) -> Deal:
    """The deal that a record's opening (no close time) or closing is."""
    closing = record.close_time != 0
    side = _SIDES[record.cmd]
    return Deal(
        id=2 * record.order + closing,
        position_id=record.order,
        order_id=record.order,
        login=record.login,
        symbol=record.symbol,
        side=side.opposite if closing else side,
        entry=Entry.OUT if closing else Entry.IN,
        volume=record.volume * VOLUME_UNIT,
        price=price_from_double(record.close_price if closing else record.open_price, symbol_of(known).digits),
        dealt_us=_utc_us(record.close_time if closing else record.open_time, known),
        profit=money_from_double(record.profit, known.money_digits),
        swap=money_from_double(record.storage, known.money_digits),
        commission=money_from_double(record.commission, known.money_digits),
        rate_profit=rate_from_double(record.conv_rate),
        reason=_IN_COMMENT.get(record.comment[:3], _REASONS[record.reason]),
        book=known.book,
        comment=record.comment,
    )


def operation_record(row: BalanceOperation, digits: int) -> TradeRecord:
    """A balance operation as the platform keeps it: the amount is the profit, the kind is known from `cmd` alone."""
    return TradeRecord(
        order=row.id,
        login=row.login,
        cmd=CMD_CREDIT if row.kind in (BalanceKind.CREDIT, BalanceKind.BONUS) else CMD_BALANCE,
        open_time=_server_s(row.booked_us),
        close_time=_server_s(row.booked_us),
        profit=money_to_double(row.amount, digits),
        comment=row.comment,
    )


def operation_row(record: TradeRecord, known: Known) -> BalanceOperation:
    """The row of a balance operation's record: credit, or a deposit or withdrawal by its sign."""
    amount = money_from_double(record.profit, known.money_digits)
    by_sign = BalanceKind.DEPOSIT if amount >= 0 else BalanceKind.WITHDRAWAL
    return BalanceOperation(
        id=record.order,
        login=record.login,
        kind=BalanceKind.CREDIT if record.cmd == CMD_CREDIT else by_sign,
        amount=amount,
        booked_us=_utc_us(record.open_time, known),
        comment=record.comment,
    )


def _server_s(utc_us: int) -> int:
    return server_clock.to_server_us(utc_us) // SECOND_US


def _utc_us(server_s: int, known: Known) -> int:
    return server_clock.to_utc_us(server_s * SECOND_US, known.near_us)
