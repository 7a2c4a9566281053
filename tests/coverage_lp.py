"""An LP's order desk as the tests play it: the scripted LP with a store behind our end, and reports in one line."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from scripted_lp import TERMS, ScriptedLp

from dealerdesk.bridges.fix.order_desk import OrderDesk, StatusBy
from dealerdesk.bridges.fix.order_store import OrderStore
from dealerdesk.bridges.fix.orders import NewOrder, Order, OrderKind, TimeInForce
from dealerdesk.trading import Side


def market(order_id: str = "c1", quantity: str = "100000", side: Side = Side.BUY) -> NewOrder:
    return NewOrder(id=order_id, symbol="EUR/USD", side=side, quantity=Decimal(quantity))


def resting(order_id: str = "c1", quantity: str = "100000") -> NewOrder:
    return NewOrder(
        id=order_id,
        symbol="EUR/USD",
        side=Side.BUY,
        quantity=Decimal(quantity),
        kind=OrderKind.LIMIT,
        price=Decimal("1.0800"),
        time_in_force=TimeInForce.DAY,
    )


class CoverageLp(ScriptedLp):
    """The desk under test is `desk`; `restart` opens its store once more, as after a kill."""

    def __init__(self, path: Path, status_by: StatusBy = StatusBy.ORDER) -> None:
        self._path = path
        self._status_by = status_by
        self.executions = 0
        self.store = OrderStore(path)
        self.desk = OrderDesk(TERMS, self.store, "ACC1", status_by)
        super().__init__(self.desk.session)

    def restart(self) -> None:
        """The process was killed and runs again: what it had in memory is gone."""
        self.store.close()
        self.store = OrderStore(self._path)
        self.desk = OrderDesk(TERMS, self.store, "ACC1", self._status_by)
        self.session = self.desk.session
        self.desk.begin()

    def place(self, order: NewOrder) -> None:
        self.desk.place(order, self.now_us)
        self.listen()

    def order(self, order_id: str = "c1") -> Order:
        order = self.store.order(order_id)
        assert order is not None
        return order

    def report(self, kind: str, status: str, *pairs: tuple[int, object], **more: object) -> None:
        """An ExecutionReport on c1; `last` is (quantity, price) of a fill, `cum` what the LP calls filled in all."""
        self.say("8", *self.fields(kind, status, *pairs, **more))

    def fields(self, kind: str, status: str, *pairs: tuple[int, object], **more: object) -> list[tuple[int, object]]:
        self.executions += 1
        last = more.get("last")
        fill = [(32, last[0]), (31, last[1])] if isinstance(last, tuple) else []
        return [
            (37, "L1"),
            (11, more.get("order", "c1")),
            (17, more.get("exec_id", f"e{self.executions}")),
            (150, kind),
            (39, status),
            (55, "EUR/USD"),
            (54, 1),
            *fill,
            (14, more.get("cum", 0)),
            (151, 0),
            (6, more.get("average", 0)),
            *pairs,
        ]
