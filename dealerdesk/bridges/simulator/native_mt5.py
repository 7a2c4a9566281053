"""MT5's position, order and deal, and rows out of them and into them. Volume in 1e-8 lot (VolumeExt), time in
milliseconds of the server's clock; a balance operation is a deal whose action says its kind.
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
_SIDES = (Side.BUY, Side.SELL)
_ENTRIES = (Entry.IN, Entry.OUT)
_REASONS = (
    DealReason.CLIENT,
    DealReason.EXPERT,
    DealReason.DEALER,
    DealReason.STOP_LOSS,
    DealReason.TAKE_PROFIT,
    DealReason.STOP_OUT,
)
_ORDER_TYPES = {
    2: OrderType.BUY_LIMIT,
    3: OrderType.SELL_LIMIT,
    4: OrderType.BUY_STOP,
    5: OrderType.SELL_STOP,
}
_TYPE_NUMBERS = {kind: number for number, kind in _ORDER_TYPES.items()}
_ACTIONS = {
    BalanceKind.DEPOSIT: 2,
    BalanceKind.WITHDRAWAL: 2,
    BalanceKind.CREDIT: 3,
    BalanceKind.CORRECTION: 5,
    BalanceKind.BONUS: 6,
    BalanceKind.COMPENSATION: 19,
}
_KINDS = {
    3: BalanceKind.CREDIT,
    5: BalanceKind.CORRECTION,
    6: BalanceKind.BONUS,
    19: BalanceKind.COMPENSATION,
}


class Mt5Position(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    """A position under MT5's names."""

    position: int
    login: int
    symbol: str
    action: int
    volume_ext: int
    time_create_msc: int
    price_open: float
    price_sl: float = msgspec.field(name="PriceSL", default=0.0)
    price_tp: float = msgspec.field(name="PriceTP", default=0.0)
    storage: float = 0.0
    reason: int = 0
    comment: str = ""


class Mt5Order(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    """A pending order under MT5's names."""

    order: int
    login: int
    symbol: str
    type: int
    volume_current_ext: int
    price_order: float
    time_setup_msc: int
    time_expiration: int = 0
    price_sl: float = msgspec.field(name="PriceSL", default=0.0)
    price_tp: float = msgspec.field(name="PriceTP", default=0.0)
    comment: str = ""


class Mt5Deal(msgspec.Struct, frozen=True, rename="pascal", kw_only=True):
    """A deal or balance operation under MT5's names."""

    deal: int
    login: int
    action: int
    time_msc: int
    position_id: int = msgspec.field(name="PositionID", default=0)
    order: int = 0
    symbol: str = ""
    entry: int = 0
    volume_ext: int = 0
    price: float = 0.0
    profit: float = 0.0
    storage: float = 0.0
    commission: float = 0.0
    rate_profit: float = 1.0
    reason: int = 0
    comment: str = ""


def position_record(row: Position, digits: int) -> Mt5Position:
    """An open position as the platform keeps it; its commissions are booked with its deals."""
    return Mt5Position(
        position=row.id,
        login=row.login,
        symbol=row.symbol,
        action=_SIDES.index(row.side),
        volume_ext=row.volume,
        time_create_msc=_server_ms(row.opened_us),
        price_open=float(row.open_price),
        price_sl=float(row.stop_loss or 0),
        price_tp=float(row.take_profit or 0),
        storage=money_to_double(row.swap, digits),
        reason=_REASONS.index(row.reason),
        comment=row.comment,
    )


def position_row(record: Mt5Position, known: Known) -> Position:
    """The row of a position's record."""
    decimals = symbol_of(known).digits
    return Position(
        id=record.position,
        login=record.login,
        symbol=record.symbol,
        side=_SIDES[record.action],
        volume=record.volume_ext,
        open_price=price_from_double(record.price_open, decimals),
        opened_us=_utc_us(record.time_create_msc, known),
        stop_loss=level_from_double(record.price_sl, decimals),
        take_profit=level_from_double(record.price_tp, decimals),
        swap=money_from_double(record.storage, known.money_digits),
        reason=_REASONS[record.reason],
        comment=record.comment,
    )


def order_record(row: Order) -> Mt5Order:
    """A pending order as the platform keeps it."""
    return Mt5Order(
        order=row.id,
        login=row.login,
        symbol=row.symbol,
        type=_TYPE_NUMBERS[row.kind],
        volume_current_ext=row.volume,
        price_order=float(row.price),
        time_setup_msc=_server_ms(row.placed_us),
        time_expiration=_server_ms(row.expires_us) if row.expires_us else 0,
        price_sl=float(row.stop_loss or 0),
        price_tp=float(row.take_profit or 0),
        comment=row.comment,
    )


def order_row(record: Mt5Order, known: Known) -> Order:
    """The row of a pending order's record."""
    decimals = symbol_of(known).digits
    return Order(
        id=record.order,
        login=record.login,
        symbol=record.symbol,
        kind=_ORDER_TYPES[record.type],
        volume=record.volume_current_ext,
        price=price_from_double(record.price_order, decimals),
        placed_us=_utc_us(record.time_setup_msc, known),
        stop_loss=level_from_double(record.price_sl, decimals),
        take_profit=level_from_double(record.price_tp, decimals),
        expires_us=_utc_us(record.time_expiration, known) if record.time_expiration else 0,
        comment=record.comment,
    )


def deal_record(row: Deal, digits: int) -> Mt5Deal:
    """A deal as the platform keeps it."""
    return Mt5Deal(
        deal=row.id,
        login=row.login,
        action=_SIDES.index(row.side),
        time_msc=_server_ms(row.dealt_us),
        position_id=row.position_id,
        order=row.order_id,
        symbol=row.symbol,
        entry=_ENTRIES.index(row.entry),
        volume_ext=row.volume,
        price=float(row.price),
        profit=money_to_double(row.profit, digits),
        storage=money_to_double(row.swap, digits),
        commission=money_to_double(row.commission, digits),
        rate_profit=float(row.rate_profit),
        reason=_REASONS.index(row.reason),
        comment=row.comment,
    )


def deal_row(record: Mt5Deal, known: Known) -> Deal:
    """The row of a trade's deal."""
    return Deal(
        id=record.deal,
        position_id=record.position_id,
        order_id=record.order,
        login=record.login,
        symbol=record.symbol,
        side=_SIDES[record.action],
        entry=_ENTRIES[record.entry],
        volume=record.volume_ext,
        price=price_from_double(record.price, symbol_of(known).digits),
        dealt_us=_utc_us(record.time_msc, known),
        profit=money_from_double(record.profit, known.money_digits),
        swap=money_from_double(record.storage, known.money_digits),
        commission=money_from_double(record.commission, known.money_digits),
        rate_profit=rate_from_double(record.rate_profit),
        reason=_REASONS[record.reason],
        book=known.book,
        comment=record.comment,
    )


def operation_record(row: BalanceOperation, digits: int) -> Mt5Deal:
    """A balance operation as the platform keeps it: a deal without a symbol."""
    return Mt5Deal(
        deal=row.id,
        login=row.login,
        action=_ACTIONS[row.kind],
        time_msc=_server_ms(row.booked_us),
        profit=money_to_double(row.amount, digits),
        comment=row.comment,
    )


def operation_row(record: Mt5Deal, known: Known) -> BalanceOperation:
    """The row of a balance operation: by its action, deposits and withdrawals by their sign."""
    amount = money_from_double(record.profit, known.money_digits)
    by_sign = BalanceKind.DEPOSIT if amount >= 0 else BalanceKind.WITHDRAWAL
    return BalanceOperation(
        id=record.deal,
        login=record.login,
        kind=_KINDS.get(record.action, by_sign),
        amount=amount,
        booked_us=_utc_us(record.time_msc, known),
        comment=record.comment,
    )


def _server_ms(utc_us: int) -> int:
    return server_clock.to_server_us(utc_us) // MILLISECOND_US


def _utc_us(server_ms: int, known: Known) -> int:
    return server_clock.to_utc_us(server_ms * MILLISECOND_US, known.near_us)
