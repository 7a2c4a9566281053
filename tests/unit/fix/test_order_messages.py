from __future__ import annotations

from decimal import Decimal

import pytest
from coverage_lp import market, resting
from scripted_lp import NOON_US

from dealerdesk.bridges.fix.order_messages import (
    Change,
    change,
    mass_status_request,
    new_order,
    number,
    positions_request,
    read_report,
    status_request,
)
from dealerdesk.bridges.fix.orders import OrderState, ReportKind, new
from dealerdesk.bridges.fix.tags import MsgType, Tag
from dealerdesk.bridges.fix.wire import FieldError, Fields, Parties, Received, decode, encode

ORDER = new(resting(), 0)


def from_lp(*changes: tuple[int, str]) -> Received:
    fields = {37: "L1", 11: "c1", 17: "e1", 150: "F", 39: "1", 55: "EUR/USD", 54: "1", 32: "5", 31: "1.1", 14: "5",
              151: "0", 6: "1.1"}  # fmt: skip
    fields.update(changes)
    return decode(encode(Parties("LP", "BROKER"), 2, MsgType.EXECUTION_REPORT, list(fields.items()), NOON_US))


@pytest.mark.parametrize(("value", "written"), [("1E+5", "100000"), ("0.00001", "0.00001"), ("1.0800", "1.0800")])
def test_no_number_is_written_with_an_exponent(value: str, written: str) -> None:
    assert number(Decimal(value)) == written


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (MsgType.NEW_ORDER, new_order(market(), "ACC", NOON_US)),
        (MsgType.CANCEL, change(ORDER, Change(id="x", order_id="c1"), "", NOON_US)),
        (MsgType.REPLACE, change(ORDER, Change(id="x", order_id="c1", quantity=Decimal(5)), "", NOON_US)),
        (MsgType.ORDER_STATUS, status_request(ORDER, "ACC")),
        (MsgType.MASS_STATUS, mass_status_request("m1")),
        (MsgType.POSITIONS_REQUEST, positions_request("p1", "ACC", "2026-11-23", NOON_US)),
    ],
)
def test_every_message_holds_what_the_standard_requires(kind: MsgType, fields: Fields) -> None:
    from fixcore.message.data_dictionary import load_data_dictionary
    from fixcore.message.message import Message

    raw = encode(Parties("BROKER", "LP"), 2, kind, fields, NOON_US)
    dictionary = load_data_dictionary("FIX44.xml")

    dictionary.validate(Message.decode(raw, dictionary), check_field_values=True, check_has_values=True)


@pytest.mark.parametrize(
    ("code", "state"),
    [("A", "working"), ("0", "working"), ("2", "filled"), ("3", "cancelled"), ("C", "cancelled"), ("8", "rejected")],
)
def test_the_lps_order_status_is_read(code: str, state: str) -> None:
    assert read_report(from_lp((39, code)), 0).state == state


def test_an_unknown_order_is_absent_only_in_answer_to_a_status_request() -> None:
    asked = read_report(from_lp((150, "I"), (39, "8"), (103, "5")), 0)
    rejected = read_report(from_lp((150, "8"), (39, "8"), (103, "5")), 0)

    assert (asked.kind, asked.state) == (ReportKind.STATUS, OrderState.ABSENT)
    assert rejected.state is OrderState.REJECTED


@pytest.mark.parametrize(
    ("changed", "tag"),
    [((39, "Z"), Tag.ORD_STATUS), ((54, "7"), Tag.SIDE), ((32, "0"), Tag.LAST_QTY), ((14, "-1"), Tag.CUM_QTY)],
)
def test_a_report_that_makes_no_sense_names_its_field(changed: tuple[int, str], tag: Tag) -> None:
    with pytest.raises(FieldError) as raised:
        read_report(from_lp(changed), 0)
    assert raised.value.tag == tag


def test_the_lps_none_is_no_order_id() -> None:
    assert read_report(from_lp((37, "NONE")), 0).lp_order_id == ""
