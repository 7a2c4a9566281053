"""An order at an LP and what each report makes of it. Pure; no wire format, no store.

Reports may come twice, late and out of order. So a fill counts once by its ExecID, the filled quantity is the larger of
what the fills add up to and what the LP has said in total (a fill that never came is then known to be missing), and a
final state is not taken back by a report that was under way before it.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec

from dealerdesk.trading import Side

ZERO = Decimal(0)


class OrderKind(StrEnum):
    MARKET = "market"
    LIMIT = "limit"


class TimeInForce(StrEnum):
    IOC = "ioc"
    FOK = "fok"
    DAY = "day"
    GTC = "gtc"


class OrderState(StrEnum):
    """SENT: stored and under way. UNKNOWN: the connection dropped before its fate was told. ABSENT: the LP says that it
    never had it. CANCELLED is also what is left of an IOC, expired or done for the day."""

    SENT = "sent"
    UNKNOWN = "unknown"
    WORKING = "working"
    FILLED = "filled"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    ABSENT = "absent"


class ChangeState(StrEnum):
    """What became of a cancel or replace that was asked for."""

    SENT = "sent"
    UNKNOWN = "unknown"
    DONE = "done"
    REJECTED = "rejected"


FINAL_STATES = frozenset({OrderState.FILLED, OrderState.CANCELLED, OrderState.REJECTED, OrderState.ABSENT})


class NewOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be sent. `id` is the command's own and the ClOrdID; `quantity` in the LP's amount, `price` None for a
    market order."""

    id: str
    symbol: str
    side: Side
    quantity: Decimal
    kind: OrderKind = OrderKind.MARKET
    price: Decimal | None = None
    time_in_force: TimeInForce = TimeInForce.IOC


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order that was sent. `fills` and `fills_value` are Σ quantity and Σ quantity × price of the fills seen,
    `cum_reported` and `average_reported` the LP's own totals; `live_id` is the ClOrdID of its newest accepted form."""

    wanted: NewOrder
    sent_us: int
    live_id: str
    state: OrderState = OrderState.SENT
    quantity: Decimal
    price: Decimal | None
    lp_order_id: str = ""
    fills: Decimal = ZERO
    fills_value: Decimal = ZERO
    cum_reported: Decimal = ZERO
    average_reported: Decimal = ZERO
    answered_us: int = 0
    text: str = ""

    @property
    def id(self) -> str:
        return self.wanted.id

    @property
    def filled(self) -> Decimal:
        """How much is filled, as far as anybody has said."""
        return max(self.fills, self.cum_reported)

    @property
    def missing(self) -> Decimal:
        """What the LP calls filled although no fill for it has come."""
        return self.filled - self.fills

    @property
    def average_price(self) -> Decimal | None:
        """The average price of what is filled; None before the first fill."""
        if not self.filled:
            return None
        return self.average_reported if self.missing and self.average_reported else self._average_of_fills()

    @property
    def hold_us(self) -> int:
        """How long the LP took to answer, in µs; 0 before it has."""
        return self.answered_us - self.sent_us if self.answered_us else 0

    @property
    def is_open(self) -> bool:
        return self.state not in FINAL_STATES

    def _average_of_fills(self) -> Decimal | None:
        return self.fills_value / self.fills if self.fills else None


class ReportKind(StrEnum):
    """What an ExecutionReport tells: a new state, a fill, a fill taken back or corrected, or a status asked for."""

    STATE = "state"
    FILL = "fill"
    BUST = "bust"
    CORRECTION = "correction"
    STATUS = "status"


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """An ExecutionReport. `state` is the order's by the LP; `quantity` and `price` are the fill's, 0 in others."""

    exec_id: str
    cl_ord_id: str
    lp_order_id: str
    symbol: str
    side: Side
    kind: ReportKind
    state: OrderState
    cum: Decimal
    average: Decimal
    quantity: Decimal = ZERO
    price: Decimal = ZERO
    about_exec_id: str = ""
    orig_cl_ord_id: str = ""
    replaced: bool = False
    resent: bool = False
    dealt_us: int = 0
    received_us: int = 0
    text: str = ""


def new(wanted: NewOrder, now_us: int) -> Order:
    """The order as it is stored before it is sent."""
    return Order(wanted=wanted, sent_us=now_us, live_id=wanted.id, quantity=wanted.quantity, price=wanted.price)


def apply(order: Order, report: Report, about: Report | None = None) -> Order:
    """The order after a report that has not been seen before; `about` is the fill that a bust or correction names."""
    fills, value = order.fills, order.fills_value
    if about is not None:
        fills, value = fills - about.quantity, value - about.quantity * about.price
    if report.kind in (ReportKind.FILL, ReportKind.CORRECTION):
        fills, value = fills + report.quantity, value + report.quantity * report.price
    taken_back = report.kind in (ReportKind.BUST, ReportKind.CORRECTION)
    newest = taken_back or report.cum >= order.cum_reported
    return msgspec.structs.replace(
        order,
        state=_state(order, report, taken_back=taken_back),
        lp_order_id=report.lp_order_id or order.lp_order_id,
        fills=fills,
        fills_value=value,
        cum_reported=report.cum if newest else order.cum_reported,
        average_reported=report.average if newest else order.average_reported,
        answered_us=order.answered_us or report.received_us,
        text=report.text or order.text,
    )


def doubted(order: Order) -> Order:
    """The order after a drop: unknown, unless its fate was known."""
    return msgspec.structs.replace(order, state=OrderState.UNKNOWN) if order.is_open else order


def _state(order: Order, report: Report, *, taken_back: bool) -> OrderState:
    if taken_back:
        return report.state
    if not order.is_open:
        # only a fill is news to a final state: the last fill and the cancel of the rest cross each other
        return OrderState.FILLED if report.state is OrderState.FILLED else order.state
    if report.state is OrderState.ABSENT and order.filled:
        return OrderState.UNKNOWN  # it filled this order once: a person must ask what it knows
    still_asked = order.state is OrderState.UNKNOWN and report.resent and report.state not in FINAL_STATES
    return order.state if still_asked else report.state
