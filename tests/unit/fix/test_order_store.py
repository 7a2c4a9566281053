from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from coverage_lp import market

from dealerdesk.bridges.fix.order_messages import Change
from dealerdesk.bridges.fix.order_store import OrderStore
from dealerdesk.bridges.fix.orders import ChangeState, Order, OrderState, Report, ReportKind, new
from dealerdesk.trading import Side


@pytest.fixture
def store(tmp_path: Path) -> Iterator[OrderStore]:
    store = OrderStore(tmp_path / "lp.sqlite")
    yield store
    store.close()


def a_report(exec_id: str, received_us: int = 0) -> Report:
    return Report(
        exec_id=exec_id, cl_ord_id="c1", lp_order_id="L1", symbol="EUR/USD", side=Side.BUY, kind=ReportKind.STATE,
        state=OrderState.WORKING, cum=Decimal(0), average=Decimal(0), received_us=received_us,
    )  # fmt: skip


def filled(order: Order, quantity: int) -> Order:
    return msgspec.structs.replace(order, cum_reported=Decimal(quantity))


def test_number_and_order_are_kept_together_or_not_at_all(store: OrderStore, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        _send_and_fail(store)
    assert (store.next_out, store.order("c1")) == (1, None)

    with store.transaction():
        store.next_out += 1
        store.put_order(new(market(), 5))
    again = OrderStore(tmp_path / "lp.sqlite")

    assert again.next_out == 2
    assert again.order("c1") == new(market(), 5)
    again.close()


def _send_and_fail(store: OrderStore) -> None:
    with store.transaction():
        store.next_out += 1
        store.put_order(new(market(), 5))
        raise ZeroDivisionError


def test_what_is_filled_is_booked_by_its_difference(store: OrderStore) -> None:
    order = new(market(), 0)
    with store.transaction():
        for quantity in (40_000, 40_000, 100_000, 60_000):
            store.put_order(filled(order, quantity))

    assert store.positions() == {"EUR/USD": 60_000}


def test_an_order_is_found_by_the_id_of_its_change(store: OrderStore) -> None:
    with store.transaction():
        store.put_order(new(market(), 0))
        store.put_change(Change(id="x1", order_id="c1"))

    owner = store.owner("x1")
    assert owner is not None
    assert owner.id == "c1"
    assert store.owner("x2") is None


def test_answered_changes_and_final_orders_are_not_open(store: OrderStore) -> None:
    order, change = new(market(), 0), Change(id="x1", order_id="c1")
    with store.transaction():
        store.put_order(order)
        store.put_change(change)
    assert (store.open_orders(), store.open_changes("c1")) == ([order], [change])

    with store.transaction():
        store.put_order(msgspec.structs.replace(order, state=OrderState.ABSENT))
        store.put_change(msgspec.structs.replace(change, state=ChangeState.REJECTED))

    assert (store.open_orders(), store.open_changes("c1")) == ([], [])


def test_a_report_is_kept_once_by_its_exec_id_with_its_bytes(store: OrderStore, tmp_path: Path) -> None:
    with store.transaction():
        assert store.add_report("c1", a_report("e2", 2), b"raw two")
        assert store.add_report("c1", a_report("e1", 1), b"raw one")
        assert not store.add_report("c1", a_report("e2", 3), b"again")

    assert [report.exec_id for report in store.reports("c1")] == ["e1", "e2"]
    raw = sqlite3.connect(tmp_path / "lp.sqlite").execute("SELECT raw FROM reports ORDER BY exec_id").fetchall()
    assert raw == [(b"raw one",), (b"raw two",)]


def test_a_message_number_is_known_for_the_lps_day_only(store: OrderStore) -> None:
    with store.transaction():
        store.reset("2026-11-23")
        store.put_sent(2, "c1")
        assert store.sent(2) == "c1"
        store.reset("2026-11-24")

    assert store.sent(2) == ""


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "lp.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")

    with pytest.raises(ValueError, match="another version of this program, layout 99"):
        OrderStore(path)
