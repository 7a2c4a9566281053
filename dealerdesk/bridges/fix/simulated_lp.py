"""A simulated LP that serves FIX 4.4 on this machine: a trading and a quotes session over given mids. For demos, tests.

Its sessions are fixcore's, not ours, so that our own is always played against another's. What it decides is in
`simulated_desk.py`. It keeps nothing on disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from types import TracebackType
from typing import Any, Self

from fixcore.message.field import Group
from fixcore.message.message import Message
from fixcore.session.session_settings import SessionSettings
from fixcore.store.factory import MemoryStoreFactory
from fixcore.transport.acceptor import SocketAcceptor

from dealerdesk.bridges.fix.simulated_desk import SimulatedTerms, judge, levels
from dealerdesk.bridges.fix.simulated_orders import (
    CANCELLED,
    NEW,
    REJECTED,
    REPLACED,
    STATUS,
    LpOrder,
    LpOrders,
    message,
)
from dealerdesk.bridges.fix.tags import MsgType, Tag
from dealerdesk.clock import Clock
from dealerdesk.trading import Side

DAY, GTC, FOK = "0", "1", "4"
_SETTINGS = """
[DEFAULT]
ConnectionType=acceptor
SocketAcceptHost=127.0.0.1
SocketAcceptPort={port}
HeartBtInt=30
UseDataDictionary=Y
DataDictionary=FIX44.xml
[SESSION]
BeginString=FIX.4.4
SenderCompID={lp}
TargetCompID={trading}
[SESSION]
BeginString=FIX.4.4
SenderCompID={lp}
TargetCompID={quotes}
ResetOnLogon=Y
"""


@dataclass(frozen=True, slots=True)
class SimulatedLpConfig:
    """Who it is and whom it serves, each by CompID, and its terms by symbol. `port` must be free."""

    lp: str
    trading: str
    quotes: str
    port: int
    terms: dict[str, SimulatedTerms]
    seed: int = 1


class SimulatedLp:
    """Serves while it is entered (`async with`); `quote` moves a symbol's mid."""

    def __init__(self, config: SimulatedLpConfig, clock: Clock) -> None:
        self.book = LpOrders()
        self._config = config
        self._clock = clock
        self._chance = Random(config.seed)
        self._mids: dict[str, Decimal] = {}
        self._subscribed: dict[str, str] = {}
        names = {"lp": config.lp, "trading": config.trading, "quotes": config.quotes, "port": config.port}
        settings = SessionSettings.from_string(_SETTINGS.format(**names))
        self._acceptor = SocketAcceptor(settings, self, MemoryStoreFactory())

    async def __aenter__(self) -> Self:
        await self._acceptor.start()
        self._group = asyncio.TaskGroup()
        await self._group.__aenter__()
        self._work: set[asyncio.Task[None]] = set()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._work:
            task.cancel()
        await self._group.__aexit__(kind, error, trace)
        await self._acceptor.stop()

    def quote(self, symbol: str, mid: Decimal) -> None:
        """The market moved: tells the subscriber, and fills resting orders that it reached."""
        self._mids[symbol] = mid
        if symbol in self._subscribed:
            self._say(self._config.quotes, self._snapshot(symbol))
        for order in list(self.book.orders.values()):
            if order.symbol == symbol and order.is_open and order.time_in_force in (DAY, GTC):
                self._try_resting(order)

    async def drop(self) -> None:
        """Breaks all connections, as a network does."""
        for session in self._acceptor.sessions.values():
            await session.disconnect()

    # -- what fixcore calls -------------------------------------------------------------------------------------

    def on_create(self, session_id: Any) -> None:
        """Nothing to prepare."""

    def on_logon(self, session_id: Any) -> None:
        """The client asks for what it wants."""

    def on_logout(self, session_id: Any) -> None:
        if session_id.target_comp_id == self._config.quotes:
            self._subscribed.clear()

    def to_admin(self, message: Message, session_id: Any) -> None:
        """Sent as it is."""

    def to_app(self, message: Message, session_id: Any) -> None:
        """Sent as it is."""

    def from_admin(self, message: Message, session_id: Any) -> None:
        """The library sees to it."""

    def from_app(self, message: Message, _session_id: Any) -> None:
        handlers: dict[str, Callable[[Any], None]] = {
            MsgType.NEW_ORDER: self._new_order,
            MsgType.CANCEL: self._cancel,
            MsgType.REPLACE: self._replace,
            MsgType.ORDER_STATUS: self._status,
            MsgType.MASS_STATUS: self._mass_status,
            MsgType.POSITIONS_REQUEST: self._positions,
            MsgType.QUOTES_REQUEST: self._subscribe,
        }
        handlers[message.msg_type](message)

    # -- orders -------------------------------------------------------------------------------------------------

    def _new_order(self, asked: Any) -> None:
        order = self.book.take(asked)
        if order is None:
            duplicate = LpOrder(asked.get(Tag.CL_ORD_ID), "NONE", asked.get(Tag.SYMBOL), Side.BUY, Decimal(0), None, "")
            self._report(self.book.close(duplicate, REJECTED, self._clock(), "duplicate order"))
        elif order.symbol not in self._mids:
            self._report(self.book.close(order, REJECTED, self._clock(), "no price for this symbol"))
        else:
            self._report(self.book.report(order, NEW, self._clock()))
            self._begin(self._look(order, self._mids[order.symbol]))

    async def _look(self, order: LpOrder, came: Decimal) -> None:
        """Holds the order, looks once more, and answers."""
        terms = self._config.terms[order.symbol]
        await asyncio.sleep(terms.hold_s)
        if not order.is_open:
            return
        mids = came, self._mids[order.symbol]
        whole = order.time_in_force == FOK
        verdict = judge(terms, self._chance, order.side, order.left, order.limit, mids, whole=whole)
        if verdict.rejected:
            self._report(self.book.close(order, REJECTED, self._clock(), verdict.rejected))
            return
        for fill in verdict.fills:
            self._report(self.book.fill(order, fill, self._clock()))
        if order.is_open and order.time_in_force not in (DAY, GTC):
            self._report(self.book.close(order, CANCELLED, self._clock()))

    def _try_resting(self, order: LpOrder) -> None:
        terms, mid = self._config.terms[order.symbol], self._mids[order.symbol]
        verdict = judge(terms, self._chance, order.side, order.left, order.limit, (mid, mid), whole=False)
        for fill in verdict.fills:
            self._report(self.book.fill(order, fill, self._clock()))

    def _cancel(self, asked: Any) -> None:
        order = self.book.orders.get(asked.get(Tag.ORIG_CL_ORD_ID))
        if order is None or not order.is_open:
            self._refuse_change(asked, order, "1")
            return
        order.id = asked.get(Tag.CL_ORD_ID)
        report = self.book.close(order, CANCELLED, self._clock())
        report.set_field(int(Tag.ORIG_CL_ORD_ID), asked.get(Tag.ORIG_CL_ORD_ID))
        self._report(report)

    def _replace(self, asked: Any) -> None:
        order = self.book.orders.get(asked.get(Tag.ORIG_CL_ORD_ID))
        quantity = Decimal(asked.get(Tag.ORDER_QTY))
        if order is None or not order.is_open or quantity <= order.cum:
            self._refuse_change(asked, order, "2")
            return
        order.id, order.quantity = asked.get(Tag.CL_ORD_ID), quantity
        order.limit = Decimal(asked.get(Tag.PRICE)) if asked.get(Tag.PRICE) else order.limit
        self.book.orders[order.id] = order
        before = Tag.ORIG_CL_ORD_ID, asked.get(Tag.ORIG_CL_ORD_ID)
        self._report(self.book.report(order, REPLACED, self._clock(), before))
        self._try_resting(order)

    def _refuse_change(self, asked: Any, order: LpOrder | None, to: str) -> None:
        fields = [
            (Tag.ORDER_ID, order.number if order else "NONE"),
            (Tag.CL_ORD_ID, asked.get(Tag.CL_ORD_ID)),
            (Tag.ORIG_CL_ORD_ID, asked.get(Tag.ORIG_CL_ORD_ID)),
            (Tag.ORD_STATUS, order.status if order else REJECTED),
            (Tag.CXL_REJ_RESPONSE_TO, to),
            (Tag.TEXT, "too late" if order else "unknown order"),
        ]
        self._report(message(MsgType.CANCEL_REJECT, *fields))

    def _status(self, asked: Any) -> None:
        order = self.book.orders.get(asked.get(Tag.CL_ORD_ID))
        self._report(self.book.report(order, STATUS, self._clock()) if order else self.book.unknown(asked))

    def _mass_status(self, _asked: Any) -> None:
        for order in list(self.book.orders.values()):
            self._report(self.book.report(order, STATUS, self._clock()))

    def _positions(self, asked: Any) -> None:
        for report in self.book.position_reports(asked):
            self._report(report)

    # -- quotes -------------------------------------------------------------------------------------------------

    def _subscribe(self, asked: Any) -> None:
        for group in asked.get_groups(int(Tag.ENTRIES_RELATED_SYM)):
            symbol = group.get_field(int(Tag.SYMBOL))
            if symbol not in self._config.terms:
                refusal = message(MsgType.QUOTES_REJECT, (Tag.MD_REQ_ID, asked.get(Tag.MD_REQ_ID)),
                                  (Tag.MD_REQ_REJ_REASON, "0"), (Tag.TEXT, "unknown symbol"))  # fmt: skip
                self._say(self._config.quotes, refusal)
                continue
            self._subscribed[symbol] = asked.get(Tag.MD_REQ_ID)
            if symbol in self._mids:
                self._say(self._config.quotes, self._snapshot(symbol))

    def _snapshot(self, symbol: str) -> Message:
        made = message(MsgType.QUOTES_SNAPSHOT, (Tag.MD_REQ_ID, self._subscribed[symbol]), (Tag.SYMBOL, symbol))
        for side, kind in ((Side.SELL, "0"), (Side.BUY, "1")):
            for level in levels(self._config.terms[symbol], self._mids[symbol], side):
                entry = Group()
                entry.set_field(int(Tag.MD_ENTRY_TYPE), kind)
                entry.set_field(int(Tag.MD_ENTRY_PRICE), f"{level.price:f}")
                entry.set_field(int(Tag.MD_ENTRY_SIZE), f"{level.quantity:f}")
                made.add_group(int(Tag.ENTRIES_MD), entry)
        return made

    # -- sending ------------------------------------------------------------------------------------------------

    def _report(self, report: Message) -> None:
        self._say(self._config.trading, report)

    def _say(self, client: str, said: Message) -> None:
        self._begin(self._send(client, said))

    async def _send(self, client: str, said: Message) -> None:
        for session_id, session in self._acceptor.sessions.items():
            if session_id.target_comp_id == client and session.is_logged_on:
                await session.send_app(said)

    def _begin(self, work: Any) -> None:
        task = self._group.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)
