"""Our orders and requests as FIX messages, and the LP's reports as records. No state, no rules about order."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import msgspec

from dealerdesk.bridges.fix.orders import (
    ZERO,
    ChangeState,
    NewOrder,
    Order,
    OrderKind,
    OrderState,
    Report,
    ReportKind,
    TimeInForce,
)
from dealerdesk.bridges.fix.tags import UNKNOWN_ORDER, RejectReason, Tag
from dealerdesk.bridges.fix.wire import Fields, Received, fix_time
from dealerdesk.trading import Side

_SIDES = {Side.BUY: "1", Side.SELL: "2"}
_KINDS = {OrderKind.MARKET: "1", OrderKind.LIMIT: "2"}
_TIMES = {TimeInForce.DAY: "0", TimeInForce.GTC: "1", TimeInForce.IOC: "3", TimeInForce.FOK: "4"}
_SIDE_OF = {code: side for side, code in _SIDES.items()}
_WORKING = ("0", "1", "5", "6", "7", "9", "A", "E")
_STATE_OF = {
    **dict.fromkeys(_WORKING, OrderState.WORKING),
    "2": OrderState.FILLED,
    "3": OrderState.CANCELLED,
    "4": OrderState.CANCELLED,
    "C": OrderState.CANCELLED,
    "8": OrderState.REJECTED,
}
_KIND_OF = {"F": ReportKind.FILL, "H": ReportKind.BUST, "G": ReportKind.CORRECTION, "I": ReportKind.STATUS}
NO_ORDER_ID = "NONE"
ALL_ORDERS = "7"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A cancel or a replace that was asked for: `quantity` None cancels. `id` is the command's own and its ClOrdID."""

    id: str
    order_id: str
    quantity: Decimal | None = None
    price: Decimal | None = None
    sent_us: int = 0
    state: ChangeState = ChangeState.SENT
    text: str = ""


@dataclass(frozen=True, slots=True)
class CancelReject:
    """The LP will not cancel or replace; the order is in `state` by it."""

    change_id: str
    order_id: str
    state: OrderState
    text: str


@dataclass(frozen=True, slots=True)
class LpPosition:
    """What the LP says that we hold, in its amount: positive is long."""

    request_id: str
    symbol: str
    quantity: Decimal
    settle_price: Decimal
    reports: int


def number(value: Decimal) -> str:
    """A price or quantity as FIX writes it: digits and a point, never an exponent."""
    return f"{value:f}"


def new_order(order: NewOrder, account: str, now_us: int) -> Fields:
    """NewOrderSingle (D)."""
    fields = [
        (Tag.CL_ORD_ID, order.id),
        *_account(account),
        (Tag.SYMBOL, order.symbol),
        (Tag.SIDE, _SIDES[order.side]),
        (Tag.TRANSACT_TIME, fix_time(now_us)),
        (Tag.ORDER_QTY, number(order.quantity)),
        (Tag.ORD_TYPE, _KINDS[order.kind]),
    ]
    if order.price is not None:
        fields.append((Tag.PRICE, number(order.price)))
    return [*fields, (Tag.TIME_IN_FORCE, _TIMES[order.time_in_force])]


def change(order: Order, asked: Change, account: str, now_us: int) -> Fields:
    """OrderCancelRequest (F), or OrderCancelReplaceRequest (G) when a quantity is asked for."""
    fields = [(Tag.ORIG_CL_ORD_ID, order.live_id), (Tag.CL_ORD_ID, asked.id)]
    if order.lp_order_id:
        fields.append((Tag.ORDER_ID, order.lp_order_id))
    fields += [
        *_account(account),
        (Tag.SYMBOL, order.wanted.symbol),
        (Tag.SIDE, _SIDES[order.wanted.side]),
        (Tag.TRANSACT_TIME, fix_time(now_us)),
        (Tag.ORDER_QTY, number(asked.quantity or order.quantity)),
    ]
    if asked.quantity is None:
        return fields
    fields.append((Tag.ORD_TYPE, _KINDS[order.wanted.kind]))
    price = asked.price or order.price
    if price is not None:
        fields.append((Tag.PRICE, number(price)))
    return [*fields, (Tag.TIME_IN_FORCE, _TIMES[order.wanted.time_in_force])]


def status_request(order: Order, account: str) -> Fields:
    """OrderStatusRequest (H)."""
    fields = [(Tag.CL_ORD_ID, order.live_id)]
    if order.lp_order_id:
        fields.append((Tag.ORDER_ID, order.lp_order_id))
    return [*fields, *_account(account), (Tag.SYMBOL, order.wanted.symbol), (Tag.SIDE, _SIDES[order.wanted.side])]


def mass_status_request(request_id: str) -> Fields:
    """OrderMassStatusRequest (AF) for all orders."""
    return [(Tag.MASS_STATUS_REQ_ID, request_id), (Tag.MASS_STATUS_REQ_TYPE, ALL_ORDERS)]


def positions_request(request_id: str, account: str, day: str, now_us: int) -> Fields:
    """RequestForPositions (AN) for the LP's day, YYYY-MM-DD."""
    return [
        (Tag.POS_REQ_ID, request_id),
        (Tag.POS_REQ_TYPE, "0"),
        (Tag.ACCOUNT, account),
        (Tag.ACCOUNT_TYPE, "1"),
        (Tag.BUSINESS_DATE, day.replace("-", "")),
        (Tag.TRANSACT_TIME, fix_time(now_us)),
    ]


def read_report(message: Received, now_us: int) -> Report:
    """An ExecutionReport (8); FieldError for one that cannot be used."""
    kind = _KIND_OF.get(message.text(Tag.EXEC_TYPE), ReportKind.STATE)
    is_trade = kind in (ReportKind.FILL, ReportKind.CORRECTION)
    state = _state(message)
    if kind is ReportKind.STATUS and state is OrderState.REJECTED and _never_had(message):
        state = OrderState.ABSENT
    report = Report(
        exec_id=message.text(Tag.EXEC_ID),
        cl_ord_id=message.text_or(Tag.CL_ORD_ID),
        lp_order_id=_lp_order_id(message),
        symbol=message.text_or(Tag.SYMBOL),
        side=_side(message),
        kind=kind,
        state=state,
        cum=message.number(Tag.CUM_QTY),
        average=message.number(Tag.AVERAGE_PRICE),
        quantity=message.number(Tag.LAST_QTY) if is_trade else ZERO,
        price=message.number(Tag.LAST_PRICE) if is_trade else ZERO,
        about_exec_id=message.text_or(Tag.EXEC_REF_ID),
        orig_cl_ord_id=message.text_or(Tag.ORIG_CL_ORD_ID),
        replaced=message.text(Tag.EXEC_TYPE) == "5",
        resent=message.poss_dup,
        dealt_us=message.moment(Tag.TRANSACT_TIME) if message.text_or(Tag.TRANSACT_TIME) else 0,
        received_us=now_us,
        text=message.text_or(Tag.TEXT),
    )
    if is_trade and report.quantity <= 0:
        message.fault(RejectReason.VALUE, Tag.LAST_QTY, "a fill of nothing")
    if report.cum < 0:
        message.fault(RejectReason.VALUE, Tag.CUM_QTY, "less than nothing is filled")
    return report


def read_cancel_reject(message: Received) -> CancelReject:
    """An OrderCancelReject (9)."""
    return CancelReject(
        change_id=message.text(Tag.CL_ORD_ID),
        order_id=message.text(Tag.ORIG_CL_ORD_ID),
        state=_state(message),
        text=message.text_or(Tag.TEXT) or f"reason {message.text_or(Tag.CXL_REJ_REASON, 'not told')}",
    )


def read_position(message: Received) -> LpPosition:
    """A PositionReport (AP): the sum of its long less its short quantities."""
    quantity = ZERO
    for entry in message.entries(Tag.ENTRIES_POSITIONS):
        quantity += entry.number_or(Tag.LONG_QTY, ZERO) - entry.number_or(Tag.SHORT_QTY, ZERO)
    return LpPosition(
        request_id=message.text_or(Tag.POS_REQ_ID),
        symbol=message.text_or(Tag.SYMBOL),
        quantity=quantity,
        settle_price=message.number_or(Tag.SETTLE_PRICE, ZERO),
        reports=message.integer(Tag.TOTAL_POS_REPORTS) if message.text_or(Tag.TOTAL_POS_REPORTS) else 0,
    )


def _account(account: str) -> list[tuple[Tag, str]]:
    return [(Tag.ACCOUNT, account)] if account else []


def _side(message: Received) -> Side:
    code = message.text(Tag.SIDE)
    if code not in _SIDE_OF:
        message.fault(RejectReason.VALUE, Tag.SIDE, f"side {code!r} is neither buy nor sell")
    return _SIDE_OF[code]


def _state(message: Received) -> OrderState:
    code = message.text(Tag.ORD_STATUS)
    if code not in _STATE_OF:
        message.fault(RejectReason.VALUE, Tag.ORD_STATUS, f"order status {code!r} is not known")
    return _STATE_OF[code]


def _never_had(message: Received) -> bool:
    return message.text_or(Tag.ORD_REJ_REASON) == UNKNOWN_ORDER


def _lp_order_id(message: Received) -> str:
    order_id = message.echo(Tag.ORDER_ID)
    return "" if order_id == NO_ORDER_ID else order_id
