from __future__ import annotations

from decimal import Decimal

import pytest
import simplefix
from scripted_lp import NOON_US

from dealerdesk.bridges.fix.tags import MsgType, RejectReason, Tag
from dealerdesk.bridges.fix.wire import (
    FieldError,
    GarbledError,
    Parties,
    Received,
    decode,
    encode,
    fix_time,
    new_framer,
)

BOTH = Parties("BROKER", "LP")


def a_message(*fields: tuple[int, str]) -> Received:
    return decode(encode(BOTH, 7, MsgType.EXECUTION_REPORT, list(fields), NOON_US))


def test_a_repeating_group_is_written_entry_by_entry() -> None:
    types = [[(Tag.MD_ENTRY_TYPE, "0")], [(Tag.MD_ENTRY_TYPE, "1")]]
    raw = encode(BOTH, 2, MsgType.QUOTES_REQUEST, [(Tag.ENTRIES_MD_TYPES, types)], NOON_US)

    assert raw.endswith(b"267=2\x01269=0\x01269=1\x01" + raw[-7:])
    parser = simplefix.FixParser()
    parser.append_buffer(raw)
    message = parser.get_message()
    assert message is not None
    assert message.encode() == raw


def test_the_time_is_in_utc_with_milliseconds() -> None:
    assert fix_time(NOON_US + 123_456) == "20261124-12:00:00.123"


@pytest.mark.parametrize("value", ["", "a\x01b", "a\nb", "Zürich"])
def test_a_value_that_could_forge_or_break_a_field_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="tag 58: FIX cannot carry"):
        encode(BOTH, 1, MsgType.LOGOUT, [(Tag.TEXT, value)], NOON_US)


@pytest.mark.parametrize(
    ("value", "number"), [("1.08250", "1.08250"), ("-3", "-3"), (".5", "0.5"), ("100.", "100"), ("007", "7")]
)
def test_numbers_are_read_exactly(value: str, number: str) -> None:
    assert a_message((Tag.PRICE, value)).number(Tag.PRICE) == Decimal(number)


@pytest.mark.parametrize("value", ["1e5", "NaN", "inf", "1,5", "0x10", "--1", "1" * 40, "٣"])
def test_what_is_no_number_is_not_guessed_at(value: str) -> None:
    raw = encode(BOTH, 7, MsgType.EXECUTION_REPORT, [(Tag.PRICE, "1")], NOON_US)
    body = raw.replace(b"44=1\x01", b"44=" + value.encode() + b"\x01")

    with pytest.raises(FieldError) as raised:
        Received(_Raw({44: value}), body).number(Tag.PRICE)

    assert (raised.value.reason, raised.value.tag) == (RejectReason.FORMAT, Tag.PRICE)


class _Raw:
    msg_type = "8"

    def __init__(self, fields: dict[int, str]) -> None:
        self._fields = fields

    def get_field_or(self, tag: int, otherwise: str) -> str:
        return self._fields.get(tag, otherwise)

    def has_field(self, tag: int) -> bool:
        return tag in self._fields


def test_a_missing_field_and_an_empty_one_are_told_apart() -> None:
    empty = Received(_Raw({58: ""}), b"")

    with pytest.raises(FieldError) as raised:
        empty.text(Tag.TEXT)
    assert raised.value.reason is RejectReason.WITHOUT_VALUE
    with pytest.raises(FieldError) as raised:
        empty.text(Tag.PRICE)
    assert raised.value.reason is RejectReason.MISSING_TAG


@pytest.mark.parametrize(
    ("value", "us"),
    [("20261124-12:00:00", 0), ("20261124-12:00:00.5", 500_000), ("20261124-12:00:00.123456789", 123_456)],
)
def test_times_are_read_to_the_microsecond(value: str, us: int) -> None:
    assert a_message((Tag.TRANSACT_TIME, value)).moment(Tag.TRANSACT_TIME) == NOON_US + us


@pytest.mark.parametrize("value", ["20261324-12:00:00", "2026-11-24", "20261124-25:00:00"])
def test_what_is_no_time_is_a_fault(value: str) -> None:
    with pytest.raises(FieldError, match="is no UTC time"):
        a_message((Tag.TRANSACT_TIME, value)).moment(Tag.TRANSACT_TIME)


def test_a_wrong_checksum_is_garbled() -> None:
    raw = encode(BOTH, 1, MsgType.HEARTBEAT, [], NOON_US)

    with pytest.raises(GarbledError):
        decode(raw.replace(b"56=LP", b"56=LQ"))


def test_a_group_that_counts_others_than_there_are_is_a_fault() -> None:
    raw = encode(BOTH, 1, MsgType.QUOTES_SNAPSHOT, [(Tag.ENTRIES_MD, "2"), (Tag.MD_ENTRY_TYPE, "0")], NOON_US)

    with pytest.raises(FieldError, match="counts 2, there are 1"):
        decode(raw).entries(Tag.ENTRIES_MD)


def test_noise_between_messages_is_passed_over() -> None:
    raw = encode(BOTH, 1, MsgType.HEARTBEAT, [], NOON_US)

    assert new_framer().feed(b"noise" + raw + b"more" + raw) == [raw, raw]
