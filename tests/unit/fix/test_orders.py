from __future__ import annotations

from decimal import Decimal

import pytest
from coverage_lp import market

from dealerdesk.bridges.fix.orders import Order, OrderState, Report, ReportKind, apply, doubted, new
from dealerdesk.trading import Side


def a_report(state: OrderState, kind: ReportKind = ReportKind.STATE, *, cum: int = 0, quantity: int = 0) -> Report:
    return Report(
        exec_id="e", cl_ord_id="c1", lp_order_id="", symbol="EUR/USD", side=Side.BUY, kind=kind, state=state,
        cum=Decimal(cum), average=Decimal(1), quantity=Decimal(quantity), price=Decimal("1.08"), received_us=9,
    )  # fmt: skip


def after(*reports: Report) -> Order:
    order = new(market(), 4)
    for report in reports:
        order = apply(order, report)
    return order


def test_an_order_without_a_fill_has_no_average_price() -> None:
    assert after().average_price is None
    assert after().hold_us == 0


@pytest.mark.parametrize("final", [OrderState.CANCELLED, OrderState.REJECTED, OrderState.ABSENT])
def test_a_final_state_is_not_taken_back_by_an_older_report(final: OrderState) -> None:
    assert after(a_report(final), a_report(OrderState.WORKING)).state is final


def test_a_fill_that_crossed_a_cancel_counts() -> None:
    order = after(
        a_report(OrderState.CANCELLED), a_report(OrderState.FILLED, ReportKind.FILL, cum=100_000, quantity=100_000)
    )

    assert (order.state, order.filled) == (OrderState.FILLED, 100_000)


def test_the_first_answer_gives_the_hold_time() -> None:
    assert after(a_report(OrderState.WORKING), a_report(OrderState.FILLED)).hold_us == 5


def test_only_an_open_order_becomes_unknown() -> None:
    assert doubted(after()).state is OrderState.UNKNOWN
    assert doubted(after(a_report(OrderState.REJECTED))).state is OrderState.REJECTED
