from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from coverage_lp import CoverageLp, market, resting
from scripted_lp import text

from dealerdesk.bridges.fix.order_desk import OrderNews, OrderRefused, StatusBy, Stray
from dealerdesk.bridges.fix.order_messages import Change, LpPosition
from dealerdesk.bridges.fix.orders import ChangeState, OrderState
from dealerdesk.bridges.fix.session import SessionState
from dealerdesk.trading import Side


@pytest.fixture
def lp(tmp_path: Path) -> Iterator[CoverageLp]:
    lp = CoverageLp(tmp_path / "lp.sqlite")
    lp.log_on()
    yield lp
    lp.store.close()


# -- sending ----------------------------------------------------------------------------------------------------


def test_an_order_carries_the_commands_id(lp: CoverageLp) -> None:
    lp.place(market())

    order = lp.last("D")
    assert [text(order, tag) for tag in (11, 1, 55, 54, 38, 40, 44, 59)] == [
        "c1", "ACC1", "EUR/USD", "1", "100000", "1", "", "3",
    ]  # fmt: skip
    assert text(order, 60).startswith("20261124-12:00:00")
    assert lp.order().state is OrderState.SENT


def test_a_limit_order_carries_its_price_and_time_in_force(lp: CoverageLp) -> None:
    lp.place(resting())

    assert [text(lp.last("D"), tag) for tag in (40, 44, 59)] == ["2", "1.0800", "0"]


def test_the_same_command_twice_is_sent_once(lp: CoverageLp) -> None:
    lp.place(market())
    lp.place(market())

    assert lp.kinds().count("D") == 1


def test_a_commands_id_cannot_stand_for_two_orders(lp: CoverageLp) -> None:
    lp.place(market())

    with pytest.raises(OrderRefused, match="c1 stands for another order"):
        lp.place(market(quantity="200000"))


def test_nothing_is_kept_to_be_sent_later(lp: CoverageLp) -> None:
    lp.drop()

    with pytest.raises(OrderRefused, match="The session with the LP is down: nothing was sent"):
        lp.place(market())
    assert lp.store.order("c1") is None


def test_an_order_that_fix_cannot_carry_uses_no_number(lp: CoverageLp) -> None:
    with pytest.raises(OrderRefused, match="FIX cannot carry"):
        lp.place(msgspec.structs.replace(market(), symbol="EUR\x0154=2"))

    assert lp.store.next_out == 2
    assert lp.store.order("c1") is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"quantity": Decimal(0)}, "quantity must be positive"),
        ({"price": Decimal(1)}, "a market order has none"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(lp: CoverageLp, change: dict[str, Decimal], why: str) -> None:
    with pytest.raises(OrderRefused, match=why):
        lp.place(msgspec.structs.replace(market(), **change))


# -- reports ----------------------------------------------------------------------------------------------------


def test_a_fill_is_booked_with_its_price_and_the_time_the_lp_took(lp: CoverageLp) -> None:
    lp.place(market())
    lp.now_us += 130_000

    lp.report("F", "2", last=(100000, "1.08125"), cum=100000, average="1.08125")

    order = lp.order()
    assert (order.state, order.filled, order.average_price) == (OrderState.FILLED, 100_000, Decimal("1.08125"))
    assert order.hold_us == 130_000
    assert lp.store.positions() == {"EUR/USD": 100_000}


def test_a_sold_order_lowers_the_position(lp: CoverageLp) -> None:
    lp.place(market(side=Side.SELL))
    fields = [(tag, 2 if tag == 54 else value) for tag, value in lp.fields("F", "2", last=(100000, 1), cum=100000)]

    lp.say("8", *fields)

    assert lp.store.positions() == {"EUR/USD": -100_000}


def test_an_execution_that_comes_twice_is_booked_once(lp: CoverageLp) -> None:
    lp.place(market())

    for _ in range(2):
        lp.report("F", "1", last=(40000, "1.08"), cum=40000, exec_id="same")

    assert lp.order().filled == 40_000
    assert lp.store.positions() == {"EUR/USD": 40_000}


def test_executions_out_of_order_add_up_alike(lp: CoverageLp) -> None:
    lp.place(market())

    lp.report("F", "2", last=(60000, "1.09"), cum=100000, average="1.086")
    lp.report("F", "1", last=(40000, "1.08"), cum=40000, average="1.08")
    lp.report("0", "0")

    order = lp.order()
    assert (order.state, order.fills, order.missing) == (OrderState.FILLED, 100_000, 0)
    assert order.average_price == Decimal("1.086")
    assert lp.store.positions() == {"EUR/USD": 100_000}


def test_what_an_ioc_leaves_is_cancelled(lp: CoverageLp) -> None:
    lp.place(market())

    lp.report("F", "1", last=(30000, "1.08"), cum=30000)
    lp.report("4", "4", cum=30000)

    assert (lp.order().state, lp.order().filled) == (OrderState.CANCELLED, 30_000)


def test_a_reject_keeps_the_lps_reason(lp: CoverageLp) -> None:
    lp.place(market())

    lp.report("8", "8", (103, 99), (58, "last look: price moved"))

    assert (lp.order().state, lp.order().text) == (OrderState.REJECTED, "last look: price moved")
    assert lp.store.positions() == {}


def test_an_order_refused_by_the_lps_session_is_rejected(lp: CoverageLp) -> None:
    lp.place(market())

    lp.say("3", (45, 2), (58, "tag 59 not allowed"))

    assert (lp.order().state, lp.order().text) == (OrderState.REJECTED, "tag 59 not allowed")


def test_a_business_reject_is_one_too(lp: CoverageLp) -> None:
    lp.place(market())

    lp.say("j", (45, 2), (372, "D"), (380, 0), (58, "desk closed"))

    assert lp.order().state is OrderState.REJECTED


def test_a_fill_taken_back_leaves_the_position(lp: CoverageLp) -> None:
    lp.place(market())
    lp.report("F", "2", last=(100000, "1.08"), cum=100000, exec_id="f1")

    lp.report("H", "4", (19, "f1"), cum=0)

    assert (lp.order().state, lp.order().filled) == (OrderState.CANCELLED, 0)
    assert lp.store.positions() == {"EUR/USD": 0}


def test_a_corrected_fill_counts_with_its_new_price(lp: CoverageLp) -> None:
    lp.place(market())
    lp.report("F", "2", last=(100000, "1.08"), cum=100000, exec_id="f1")

    lp.report("G", "2", (19, "f1"), last=(100000, "1.07"), cum=100000)

    assert (lp.order().filled, lp.order().average_price) == (100_000, Decimal("1.07"))


def test_a_report_that_cannot_be_read_is_rejected_and_books_nothing(lp: CoverageLp) -> None:
    lp.place(market())

    lp.report("F", "2", last=("1e5", "1.08"), cum=100000)

    assert [text(lp.last("3"), tag) for tag in (371, 372, 373)] == ["32", "8", "6"]
    assert lp.order().state is OrderState.SENT


def test_an_order_id_that_could_not_be_asked_for_again_is_rejected(lp: CoverageLp) -> None:
    lp.place(market())

    lp.report("0", "0", (37, "n\u00ba 7"))

    assert text(lp.last("3"), 371) == "37"
    lp.drop()
    lp.log_on()
    assert lp.session.state is SessionState.UP


def test_a_report_on_somebody_elses_order_is_told_and_not_booked(lp: CoverageLp) -> None:
    lp.report("F", "2", last=(5000, "1.08"), cum=5000, order="by-phone")

    assert [type(news) for news in lp.news] == [Stray]
    assert lp.store.positions() == {}


def test_a_report_that_contradicts_its_order_is_told_and_not_booked(lp: CoverageLp) -> None:
    lp.place(market(side=Side.SELL))
    lp.news.clear()
    lp.report("F", "2", last=(100000, "1.08"), cum=100000)

    assert [type(news) for news in lp.news] == [Stray]
    assert lp.store.positions() == {}
    assert lp.order().state is OrderState.SENT


def test_every_change_is_told_once(lp: CoverageLp) -> None:
    lp.place(market())
    lp.report("0", "0")
    lp.report("F", "2", last=(100000, 1), cum=100000)

    told = [news.order.state for news in lp.news if isinstance(news, OrderNews)]
    assert told == [OrderState.SENT, OrderState.WORKING, OrderState.FILLED]


# -- cancel and replace -----------------------------------------------------------------------------------------


def test_a_cancel_names_the_order_and_is_done_when_it_is_cancelled(lp: CoverageLp) -> None:
    lp.place(resting())
    lp.report("0", "0")

    lp.desk.ask_change(Change(id="x1", order_id="c1"), lp.now_us)
    lp.listen()
    assert [text(lp.last("F"), tag) for tag in (41, 11, 37, 38)] == ["c1", "x1", "L1", "100000"]
    lp.report("4", "4", (41, "c1"), order="x1")

    assert lp.order().state is OrderState.CANCELLED
    assert lp.store.change("x1").state is ChangeState.DONE


def test_a_replace_gives_the_order_its_new_id_quantity_and_price(lp: CoverageLp) -> None:
    lp.place(resting())
    lp.report("0", "0")

    lp.desk.ask_change(Change(id="r1", order_id="c1", quantity=Decimal(150_000), price=Decimal("1.081")), lp.now_us)
    lp.listen()
    assert [text(lp.last("G"), tag) for tag in (41, 11, 38, 44)] == ["c1", "r1", "150000", "1.081"]
    lp.report("5", "0", (41, "c1"), order="r1")
    lp.report("F", "2", last=(150000, "1.081"), cum=150000, order="r1")

    order = lp.order()
    assert (order.live_id, order.quantity, order.filled) == ("r1", 150_000, 150_000)
    assert order.state is OrderState.FILLED
    assert lp.store.change("r1").state is ChangeState.DONE


def test_a_cancel_that_comes_too_late_is_rejected_and_the_fill_stands(lp: CoverageLp) -> None:
    lp.place(resting())
    lp.desk.ask_change(Change(id="x1", order_id="c1"), lp.now_us)

    lp.say("9", (37, "L1"), (11, "x1"), (41, "c1"), (39, "2"), (434, 1), (58, "too late"))
    lp.report("F", "2", last=(100000, "1.08"), cum=100000)

    assert lp.store.change("x1").state is ChangeState.REJECTED
    assert lp.store.change("x1").text == "too late"
    assert lp.order().state is OrderState.FILLED


def test_only_an_open_order_can_be_changed(lp: CoverageLp) -> None:
    with pytest.raises(OrderRefused, match="c9 is not open"):
        lp.desk.ask_change(Change(id="x1", order_id="c9"), lp.now_us)


# -- drops ------------------------------------------------------------------------------------------------------


def test_an_order_in_flight_is_unknown_after_a_drop_and_asked_for_never_sent_again(lp: CoverageLp) -> None:
    lp.place(market())

    lp.drop()
    assert lp.order().state is OrderState.UNKNOWN
    lp.log_on()

    assert lp.kinds() == ["A", "D", "A", "H"]
    assert [text(lp.last("H"), tag) for tag in (11, 55, 54)] == ["c1", "EUR/USD", "1"]
    assert lp.order().state is OrderState.UNKNOWN


def test_the_same_command_after_a_drop_is_not_a_new_order(lp: CoverageLp) -> None:
    lp.place(market())
    lp.drop()
    lp.log_on()

    lp.place(market())

    assert lp.kinds().count("D") == 1


def test_a_resend_request_never_brings_an_order_back(lp: CoverageLp) -> None:
    lp.place(market())
    lp.drop()
    lp.log_on()

    lp.say("2", (7, 2), (16, 0))

    assert lp.kinds() == ["A", "D", "A", "H", "4"]
    assert [text(lp.last("4"), tag) for tag in (34, 123, 36)] == ["2", "Y", "5"]


def test_a_status_fill_is_booked_and_its_late_execution_is_not_booked_again(lp: CoverageLp) -> None:
    lp.place(market())
    lp.drop()
    lp.log_on()

    lp.report("I", "2", cum=100000, average="1.0812", exec_id="0")
    order = lp.order()
    assert (order.state, order.filled, order.missing) == (OrderState.FILLED, 100_000, 100_000)
    assert order.average_price == Decimal("1.0812")
    lp.report("F", "2", last=(100000, "1.0812"), cum=100000, average="1.0812")

    assert (lp.order().filled, lp.order().missing) == (100_000, 0)
    assert lp.store.positions() == {"EUR/USD": 100_000}


def test_an_order_the_lp_never_had_is_absent_for_good(lp: CoverageLp) -> None:
    lp.place(market())
    lp.drop()
    lp.log_on()

    lp.report("I", "8", (103, 5), exec_id="0")

    assert lp.order().state is OrderState.ABSENT
    lp.drop()
    lp.log_on()
    assert lp.kinds().count("H") == 1


def test_an_order_that_filled_once_cannot_be_absent(lp: CoverageLp) -> None:
    lp.place(market())
    lp.report("F", "1", last=(40000, 1), cum=40000)
    lp.drop()
    lp.log_on()

    lp.report("I", "8", (103, 5), exec_id="0")

    assert (lp.order().state, lp.order().filled) == (OrderState.UNKNOWN, 40_000)


def test_an_unanswered_status_request_leaves_the_order_unknown(lp: CoverageLp) -> None:
    lp.place(market())
    lp.drop()
    lp.log_on()

    lp.say("j", (45, 4), (372, "H"), (380, 3))

    assert lp.order().state is OrderState.UNKNOWN


def test_fills_missed_in_the_drop_come_by_resend_and_count_once(lp: CoverageLp) -> None:
    lp.place(market())
    lost = lp.fields("F", "1", last=(40000, "1.08"), cum=40000)
    lp.message("8", *lost)
    lp.drop()
    lp.log_on()

    lp.say("8", *lost, seq=2, poss_dup=True)
    assert (lp.order().state, lp.order().filled) == (OrderState.UNKNOWN, 40_000)
    lp.say("4", (123, "Y"), (36, 4), seq=3, poss_dup=True)
    lp.report("I", "4", cum=40000, average="1.08", exec_id="0")

    assert (lp.order().state, lp.order().filled) == (OrderState.CANCELLED, 40_000)


def test_one_request_for_all_orders_where_the_lp_wants_it_so(tmp_path: Path) -> None:
    lp = CoverageLp(tmp_path / "lp.sqlite", StatusBy.MASS)
    lp.log_on()
    lp.place(market("c1"))
    lp.place(market("c2"))
    lp.drop()

    lp.log_on()

    assert lp.kinds()[-2:] == ["A", "AF"]
    assert text(lp.last("AF"), 585) == "7"
    lp.store.close()


def test_nothing_is_asked_for_when_nothing_is_open(lp: CoverageLp) -> None:
    lp.place(market())
    lp.report("8", "8")
    lp.drop()

    lp.log_on()

    assert lp.kinds() == ["A", "D", "A"]


def test_a_cancel_in_flight_is_unknown_until_the_order_is_told(lp: CoverageLp) -> None:
    lp.place(resting())
    lp.report("0", "0")
    lp.desk.ask_change(Change(id="x1", order_id="c1"), lp.now_us)

    lp.drop()
    assert lp.store.change("x1").state is ChangeState.UNKNOWN
    lp.log_on()
    lp.report("I", "0", exec_id="0")

    assert lp.order().state is OrderState.WORKING
    assert lp.store.change("x1").state is ChangeState.REJECTED


# -- killed -----------------------------------------------------------------------------------------------------


def test_killed_before_its_bytes_left_an_order_is_unknown_and_not_sent_again(lp: CoverageLp) -> None:
    lp.desk.place(market(), lp.now_us)  # stored; the process dies before the bytes are written

    lp.restart()
    assert lp.order().state is OrderState.UNKNOWN
    lp.log_on()

    assert "D" not in lp.kinds()
    assert text(lp.last("A"), 34) == "3"


def test_killed_after_a_fill_was_kept_it_is_not_booked_again(lp: CoverageLp) -> None:
    lp.place(market())
    fill = lp.fields("F", "2", last=(100000, "1.08"), cum=100000)
    lp.say("8", *fill)

    lp.restart()
    lp.log_on()
    lp.say("8", *fill, seq=2, poss_dup=True)

    assert lp.session.state is SessionState.UP
    assert lp.store.positions() == {"EUR/USD": 100_000}


# -- positions --------------------------------------------------------------------------------------------------


def test_the_lps_positions_are_asked_for_and_told(lp: CoverageLp) -> None:
    lp.desk.ask_positions("p1", lp.now_us)
    lp.listen()
    assert [text(lp.last("AN"), tag) for tag in (710, 724, 1, 581, 715)] == ["p1", "0", "ACC1", "1", "20261123"]

    about = [(721, "r1"), (710, "p1"), (727, 1), (728, 0), (715, "20261123"), (1, "ACC1"), (581, 1), (55, "EUR/USD")]
    held = [(730, "1.08"), (731, 1), (734, "1.07"), (702, 1), (703, "TQ"), (704, 300000), (705, 50000)]
    lp.say("AP", *about, *held)

    assert lp.news[-1] == LpPosition("p1", "EUR/USD", Decimal(250_000), Decimal("1.08"), 1)
