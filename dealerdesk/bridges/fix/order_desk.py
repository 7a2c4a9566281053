"""The coverage orders of one LP: sent once, followed until their fate is known. A session's handler; no I/O of its own.

An order is stored under its command's id before it is sent, and never sent again: after a drop it is unknown, and at
the next logon the LP is asked. An answer «never had it» is final; no answer leaves it unknown for a person to settle.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec
import structlog

from dealerdesk.bridges.fix.order_messages import (
    CancelReject,
    Change,
    change,
    mass_status_request,
    new_order,
    positions_request,
    read_cancel_reject,
    read_position,
    read_report,
    status_request,
)
from dealerdesk.bridges.fix.order_store import OrderStore
from dealerdesk.bridges.fix.orders import (
    ChangeState,
    NewOrder,
    Order,
    OrderKind,
    OrderState,
    Report,
    ReportKind,
    apply,
    doubted,
    new,
)
from dealerdesk.bridges.fix.session import FixSession, SessionState
from dealerdesk.bridges.fix.session_terms import SessionTerms
from dealerdesk.bridges.fix.tags import MsgType, Tag
from dealerdesk.bridges.fix.wire import Fields, Received

log = structlog.get_logger(__name__)


class OrderRefused(Exception):  # noqa: N818  a refusal, as in commands/
    """The order was not sent, and will not be; the text is a sentence for the person who asked."""


class StatusBy(StrEnum):
    """How an LP is asked for what is open: order by order, or for all at once."""

    ORDER = "order"
    MASS = "mass"


@dataclass(frozen=True, slots=True)
class OrderNews:
    """An order has changed; `report` is what changed it, None when it was sent or the connection did."""

    order: Order
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class Stray:
    """A report on an order that is not ours (somebody dealt on this account by another way), or on one of ours with
    another symbol or side than it was sent with. It is not booked."""

    report: Report


class OrderDesk:
    """Orders over one session. News: OrderNews, Change, LpPosition, Stray."""

    def __init__(
        self, terms: SessionTerms, store: OrderStore, account: str = "", status_by: StatusBy = StatusBy.ORDER
    ) -> None:
        self.session = FixSession(terms, store, self)
        self._store = store
        self._account = account
        self._status_by = status_by

    # -- what the bridge asks -----------------------------------------------------------------------------------

    def place(self, wanted: NewOrder, now_us: int) -> Order:
        """Stores the order, then sends it; the same order once more is answered with what has become of it.

        Raises OrderRefused when it cannot be sent now, or when its id stands for another order.
        """
        known = self._store.order(wanted.id)
        if known is not None:
            if known.wanted != wanted:
                raise OrderRefused(f"{wanted.id} stands for another order")
            return known
        _check(wanted)
        order = new(wanted, now_us)
        self._send(MsgType.NEW_ORDER, new_order(wanted, self._account, now_us), order, now_us)
        return order

    def ask_change(self, asked: Change, now_us: int) -> Change:
        """Asks for a cancel or a replace, once; raises OrderRefused."""
        known = self._store.change(asked.id)
        if known is not None:
            return known
        order = self._store.order(asked.order_id)
        if order is None or asked.id == order.id or not order.is_open:
            raise OrderRefused(f"{asked.order_id} is not open at the LP")
        asked = msgspec.structs.replace(asked, sent_us=now_us)
        kind = MsgType.CANCEL if asked.quantity is None else MsgType.REPLACE
        self._send(kind, change(order, asked, self._account, now_us), asked, now_us)
        return asked

    def ask_positions(self, request_id: str, now_us: int) -> None:
        """Asks the LP what we hold; the answers come as LpPosition. Raises OrderRefused when not logged on."""
        self._need_session()
        fields = positions_request(request_id, self._account, self._store.day, now_us)
        with self.session.work():
            self.session.send(MsgType.POSITIONS_REQUEST, fields, now_us)

    def begin(self) -> None:
        """The process starts: whatever was open when it ended is unknown."""
        with self.session.work():
            self._doubt_all()

    # -- what the session calls ---------------------------------------------------------------------------------

    def joined(self, now_us: int) -> None:
        self._doubt_all()
        orders = self._store.open_orders()
        if not orders:
            return
        if self._status_by is StatusBy.MASS:
            self.session.send(MsgType.MASS_STATUS, mass_status_request(f"mass-{now_us}"), now_us)
            return
        for order in orders:
            self.session.send(MsgType.ORDER_STATUS, status_request(order, self._account), now_us)

    def lost(self) -> None:
        self._doubt_all()

    def take(self, message: Received, now_us: int) -> bool:
        match message.type:
            case MsgType.EXECUTION_REPORT:
                self._report(read_report(message, now_us), message.raw)
            case MsgType.CANCEL_REJECT:
                self._cancel_rejected(read_cancel_reject(message))
            case MsgType.POSITION_REPORT:
                self.session.tell(read_position(message))
            case MsgType.POSITIONS_ACK:
                pass
            case MsgType.BUSINESS_REJECT:
                self.refused(message.integer(Tag.REF_SEQ_NUM), message.text_or(Tag.TEXT), now_us)
            case _:
                return False
        return True

    def refused(self, seq: int, text: str, now_us: int) -> None:
        """What the LP's session refuses was not looked at by its desk: the order does not exist there."""
        record_id = self._store.sent(seq)
        order, asked = self._store.order(record_id), self._store.change(record_id)
        log.warning("the LP refused a message", seq=seq, about=record_id, text=text)
        if order is not None and order.is_open and not order.filled:
            rejected = msgspec.structs.replace(order, state=OrderState.REJECTED, text=text, answered_us=now_us)
            self._keep(order, rejected, None)
        elif asked is not None:
            self._settle(asked, ChangeState.REJECTED, text)

    # -- reports ------------------------------------------------------------------------------------------------

    def _report(self, report: Report, raw: bytes) -> None:
        order = self._store.owner(report.cl_ord_id) or self._store.owner(report.orig_cl_ord_id)
        if order is None:
            log.warning("report on an order that is not ours", cl_ord_id=report.cl_ord_id, exec_id=report.exec_id)
            self._stray(report, raw)
            return
        if (report.symbol, report.side) != (order.wanted.symbol, order.wanted.side) and report.symbol:
            log.error("report contradicts its order", order=order.id, symbol=report.symbol, side=report.side)
            self._stray(report, raw)
            return
        # an answer to a status request need not have an ExecID of its own
        if report.kind is not ReportKind.STATUS and not self._store.add_report(order.id, report, raw):
            return
        corrects = report.kind in (ReportKind.BUST, ReportKind.CORRECTION)
        about = self._store.report(order.id, report.about_exec_id) if corrects else None
        self._keep(order, apply(self._accepted(order, report), report, about), report)
        self._settle_changes(order.id, report)

    def _stray(self, report: Report, raw: bytes) -> None:
        """Keeps a report that belongs to no order of ours, and tells it once: a person must ask the LP."""
        if self._store.add_report("", report, raw):
            self.session.tell(Stray(report))

    def _accepted(self, order: Order, report: Report) -> Order:
        """The order in the form of a replace that the LP has accepted."""
        asked = self._store.change(report.cl_ord_id)
        accepted = asked is not None and asked.quantity is not None and report.state is not OrderState.REJECTED
        if asked is None or not accepted or not (report.replaced or report.kind is ReportKind.STATUS):
            return order
        return msgspec.structs.replace(
            order, live_id=asked.id, quantity=asked.quantity, price=asked.price or order.price
        )

    def _settle_changes(self, order_id: str, report: Report) -> None:
        order = self._store.order(order_id)
        for asked in self._store.open_changes(order_id):
            if order is None or order.live_id == asked.id:
                self._settle(asked, ChangeState.DONE, "")
            elif report.state is OrderState.CANCELLED and asked.quantity is None:
                self._settle(asked, ChangeState.DONE, report.text)
            elif not order.is_open:
                self._settle(asked, ChangeState.REJECTED, f"the order is {order.state}")
            elif asked.state is ChangeState.UNKNOWN and report.kind is ReportKind.STATUS:
                self._settle(asked, ChangeState.REJECTED, "it did not reach the LP: the order is as before")

    def _cancel_rejected(self, reject: CancelReject) -> None:
        asked = self._store.change(reject.change_id)
        if asked is not None and asked.state in (ChangeState.SENT, ChangeState.UNKNOWN):
            self._settle(asked, ChangeState.REJECTED, reject.text)

    # -- keeping ------------------------------------------------------------------------------------------------

    def _doubt_all(self) -> None:
        for order in self._store.open_orders():
            self._keep(order, doubted(order), None)
            for asked in self._store.open_changes(order.id):
                self._settle(asked, ChangeState.UNKNOWN, asked.text)

    def _keep(self, before: Order, order: Order, report: Report | None) -> None:
        if order == before:
            return
        self._store.put_order(order)
        self.session.tell(OrderNews(order, report))

    def _settle(self, asked: Change, state: ChangeState, text: str) -> None:
        settled = msgspec.structs.replace(asked, state=state, text=text)
        if settled != asked:
            self._store.put_change(settled)
            self.session.tell(settled)

    def _send(self, kind: MsgType, fields: Fields, record: Order | Change, now_us: int) -> None:
        """The order or change and the number of its message, kept together before a byte of it leaves."""
        self._need_session()
        try:
            with self.session.work():
                if isinstance(record, Order):
                    self._store.put_order(record)
                    self.session.tell(OrderNews(record))
                else:
                    self._store.put_change(record)
                self._store.put_sent(self.session.send(kind, fields, now_us), record.id)
        except ValueError as error:
            raise OrderRefused(str(error)) from error

    def _need_session(self) -> None:
        if self.session.state is not SessionState.UP:
            raise OrderRefused(f"The session with the LP is {self.session.state}: nothing was sent")


def _check(wanted: NewOrder) -> None:
    if wanted.quantity <= 0:
        raise OrderRefused("An order's quantity must be positive")
    if (wanted.price is None) is not (wanted.kind is OrderKind.MARKET):
        raise OrderRefused("A limit order has a price, a market order has none")
    if wanted.price is not None and wanted.price <= 0:
        raise OrderRefused("A limit price must be positive")
