from __future__ import annotations

from decimal import Decimal

from scripted_lp import NOON_US

from dealerdesk.bridges.fix.simulated_desk import Fill
from dealerdesk.bridges.fix.simulated_orders import LpOrders, message
from dealerdesk.bridges.fix.tags import MsgType, Tag


def an_order(order_id: str = "c1") -> object:
    return message(MsgType.NEW_ORDER, (Tag.CL_ORD_ID, order_id), (Tag.SYMBOL, "EUR/USD"), (Tag.SIDE, "2"),
                   (Tag.ORDER_QTY, "100"), (Tag.TIME_IN_FORCE, "3"))  # fmt: skip


def test_an_id_is_taken_once() -> None:
    orders = LpOrders()

    assert orders.take(an_order()) is not None
    assert orders.take(an_order()) is None


def test_fills_make_the_position_and_the_reports() -> None:
    orders = LpOrders()
    order = orders.take(an_order())
    assert order is not None

    first = orders.fill(order, Fill(Decimal(60), Decimal("1.08")), NOON_US)
    second = orders.fill(order, Fill(Decimal(40), Decimal("1.07")), NOON_US)

    assert [first.get(tag) for tag in (Tag.ORD_STATUS, Tag.CUM_QTY, Tag.LEAVES_QTY)] == ["1", "60", "40"]
    assert [second.get(tag) for tag in (Tag.ORD_STATUS, Tag.CUM_QTY, Tag.AVERAGE_PRICE)] == ["2", "100", "1.07600000"]
    assert orders.positions == {"EUR/USD": -100}
    assert first.get(Tag.EXEC_ID) != second.get(Tag.EXEC_ID)


def test_a_flat_symbol_is_not_in_the_position_reports() -> None:
    orders = LpOrders()
    orders.positions = {"EUR/USD": Decimal(0), "USD/JPY": Decimal(-5)}
    asked = message(MsgType.POSITIONS_REQUEST, (Tag.POS_REQ_ID, "p1"), (Tag.BUSINESS_DATE, "20261123"))

    reports = list(orders.position_reports(asked))

    assert [[report.get(tag) for tag in (Tag.SYMBOL, Tag.SHORT_QTY, Tag.TOTAL_POS_REPORTS)] for report in reports] == [
        ["USD/JPY", "5", "1"]
    ]
