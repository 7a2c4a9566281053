"""A simulated LP's book of orders and positions, and the FIX reports that tell of them. No sockets, no timing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from fixcore.message.message import Message

from dealerdesk.bridges.fix.simulated_desk import ZERO, Fill
from dealerdesk.bridges.fix.tags import UNKNOWN_ORDER, MsgType, Tag
from dealerdesk.bridges.fix.wire import fix_time
from dealerdesk.trading import Side

NEW, PARTIAL, FILLED, CANCELLED, REJECTED = "0", "1", "2", "4", "8"
TRADE, STATUS, REPLACED = "F", "I", "5"


@dataclass(slots=True)
class LpOrder:
    """An order as the LP has it; `id` is the ClOrdID of its newest form."""

    id: str
    number: str
    symbol: str
    side: Side
    quantity: Decimal
    limit: Decimal | None
    time_in_force: str
    status: str = NEW
    cum: Decimal = ZERO
    value: Decimal = ZERO
    text: str = ""

    @property
    def is_open(self) -> bool:
        return self.status in (NEW, PARTIAL)

    @property
    def left(self) -> Decimal:
        return self.quantity - self.cum


@dataclass(slots=True)
class LpOrders:
    """All orders ever taken, and the client's position by symbol: positive is long."""

    orders: dict[str, LpOrder] = field(default_factory=dict)
    positions: dict[str, Decimal] = field(default_factory=dict)
    _executions: int = 0

    def take(self, message: Any) -> LpOrder | None:
        """A NewOrderSingle; None when its ClOrdID was used before."""
        order_id = message.get(Tag.CL_ORD_ID)
        if order_id in self.orders:
            return None
        order = LpOrder(
            id=order_id,
            number=f"L{len(self.orders) + 1}",
            symbol=message.get(Tag.SYMBOL),
            side=Side.BUY if message.get(Tag.SIDE) == "1" else Side.SELL,
            quantity=Decimal(message.get(Tag.ORDER_QTY)),
            limit=Decimal(message.get(Tag.PRICE)) if message.get(Tag.PRICE) else None,
            time_in_force=message.get(Tag.TIME_IN_FORCE, "0"),
        )
        self.orders[order_id] = order
        return order

    def fill(self, order: LpOrder, fill: Fill, now_us: int) -> Message:
        """Books a fill; its report."""
        order.cum += fill.quantity
        order.value += fill.quantity * fill.price
        order.status = FILLED if not order.left else PARTIAL
        self.positions[order.symbol] = self.positions.get(order.symbol, ZERO) + order.side.sign * fill.quantity
        last = (Tag.LAST_QTY, f"{fill.quantity:f}"), (Tag.LAST_PRICE, f"{fill.price:f}")
        return self.report(order, TRADE, now_us, *last)

    def close(self, order: LpOrder, status: str, now_us: int, text: str = "") -> Message:
        """Cancels or rejects what is left of an order; its report."""
        order.status, order.text = status, text
        return self.report(order, status, now_us)

    def report(self, order: LpOrder, kind: str, now_us: int, *more: tuple[Tag, str]) -> Message:
        """An ExecutionReport on an order as it stands."""
        self._executions += 1
        average = order.value / order.cum if order.cum else ZERO
        return message(
            MsgType.EXECUTION_REPORT,
            (Tag.ORDER_ID, order.number),
            (Tag.CL_ORD_ID, order.id),
            (Tag.EXEC_ID, f"x{self._executions}"),
            (Tag.EXEC_TYPE, kind),
            (Tag.ORD_STATUS, order.status),
            (Tag.SYMBOL, order.symbol),
            (Tag.SIDE, "1" if order.side is Side.BUY else "2"),
            (Tag.LEAVES_QTY, f"{order.left if order.is_open else ZERO:f}"),
            (Tag.CUM_QTY, f"{order.cum:f}"),
            (Tag.AVERAGE_PRICE, f"{round(average, 8):f}"),
            (Tag.TRANSACT_TIME, fix_time(now_us)),
            *more,
            *([(Tag.TEXT, order.text)] if order.text else []),
        )

    def unknown(self, asked: Any) -> Message:
        """The answer to a status request for an order that was never taken."""
        self._executions += 1
        return message(
            MsgType.EXECUTION_REPORT,
            (Tag.ORDER_ID, "NONE"),
            (Tag.CL_ORD_ID, asked.get(Tag.CL_ORD_ID)),
            (Tag.EXEC_ID, f"x{self._executions}"),
            (Tag.EXEC_TYPE, STATUS),
            (Tag.ORD_STATUS, REJECTED),
            (Tag.ORD_REJ_REASON, UNKNOWN_ORDER),
            (Tag.SYMBOL, asked.get(Tag.SYMBOL)),
            (Tag.SIDE, asked.get(Tag.SIDE)),
            (Tag.LEAVES_QTY, "0"),
            (Tag.CUM_QTY, "0"),
            (Tag.AVERAGE_PRICE, "0"),
        )

    def position_reports(self, asked: Any) -> Iterator[Message]:
        """The answers to a RequestForPositions."""
        held = [(symbol, quantity) for symbol, quantity in sorted(self.positions.items()) if quantity]
        for number, (symbol, quantity) in enumerate(held):
            report = message(
                MsgType.POSITION_REPORT,
                (Tag.POS_MAINT_RPT_ID, f"{asked.get(Tag.POS_REQ_ID)}-{number}"),
                (Tag.POS_REQ_ID, asked.get(Tag.POS_REQ_ID)),
                (Tag.TOTAL_POS_REPORTS, str(len(held))),
                (Tag.POS_REQ_RESULT, "0"),
                (Tag.BUSINESS_DATE, asked.get(Tag.BUSINESS_DATE)),
                (Tag.ACCOUNT, asked.get(Tag.ACCOUNT, "none")),
                (Tag.ACCOUNT_TYPE, "1"),
                (Tag.SYMBOL, symbol),
                (Tag.SETTLE_PRICE, "0"),
                (Tag.ENTRIES_POSITIONS, "1"),
                (Tag.POS_TYPE, "TQ"),
                (Tag.LONG_QTY if quantity > 0 else Tag.SHORT_QTY, f"{abs(quantity):f}"),
            )
            yield report


def message(kind: MsgType, *fields: tuple[Tag, str]) -> Message:
    """A message with its body; the library's session adds the rest."""
    made = Message()
    made.header.set(int(Tag.MSG_TYPE), str(kind))
    for tag, value in fields:
        made.set_field(int(tag), value)
    return made
