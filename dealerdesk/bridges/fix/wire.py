"""FIX messages as bytes and back: framing, checksum and repeating groups by fixcore, typed reading of fields by us.

A field that is missing or is not what its tag says raises FieldError, which a session answers with a Reject; bytes that
are no message at all raise GarbledError, which a session ignores, as the standard asks. No sequence numbers here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, NoReturn

from fixcore.message.data_dictionary import DataDictionary, load_data_dictionary
from fixcore.message.field import Group
from fixcore.message.message import Message
from fixcore.transport.framer import MessageFramer

from dealerdesk.bridges.fix.tags import RejectReason, Tag
from dealerdesk.clock import from_us, to_us

VERSION = "FIX.4.4"
MESSAGE_BYTES_MAX = 1 << 20

Entry = Sequence[tuple[int, str]]
Fields = Sequence[tuple[int, "str | Sequence[Entry]"]]
"""A message's body in order; a repeating group is its counting tag with the list of its entries."""

_NUMBER = re.compile(r"-?(\d{1,24}(\.\d{0,18})?|\.\d{1,18})", re.ASCII)
_INTEGER = re.compile(r"\d{1,18}", re.ASCII)
_MOMENT = re.compile(r"(\d{8}-\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?", re.ASCII)


class GarbledError(ValueError):
    """Bytes that are no FIX message: wrong checksum or length, or no fields."""


class FieldError(ValueError):
    """A field that cannot be used; `reason` and `tag` are what a Reject says."""

    def __init__(self, reason: RejectReason, tag: int, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.tag = tag


@dataclass(frozen=True, slots=True)
class Parties:
    """Who speaks to whom: our CompID and the LP's."""

    sender: str
    target: str


class Record:
    """A message, or one entry of a repeating group, read by tag."""

    def __init__(self, source: Any) -> None:
        self._source = source

    def text(self, tag: Tag) -> str:
        """The field's value; FieldError when it is missing or empty."""
        value = self.text_or(tag)
        if value:
            return value
        if self._source.has_field(tag):
            self.fault(RejectReason.WITHOUT_VALUE, tag, f"{tag.name} has no value")
        return self.fault(RejectReason.MISSING_TAG, tag, f"{tag.name} is missing")

    def text_or(self, tag: Tag, otherwise: str = "") -> str:
        return str(self._source.get_field_or(tag, otherwise))

    def echo(self, tag: Tag) -> str:
        """The field's value where it is to be sent back; FieldError for one that we would not send."""
        value = self.text(tag)
        if not is_plain(value):
            self.fault(RejectReason.VALUE, tag, f"{tag.name} cannot be sent back")
        return value

    def number(self, tag: Tag) -> Decimal:
        """The field as an exact number; FieldError when it is missing or no number."""
        value = self.text(tag)
        if not _NUMBER.fullmatch(value):
            self.fault(RejectReason.FORMAT, tag, f"{tag.name}: {value!r} is no number")
        return Decimal(value)

    def number_or(self, tag: Tag, otherwise: Decimal) -> Decimal:
        return self.number(tag) if self.text_or(tag) else otherwise

    def integer(self, tag: Tag) -> int:
        """The field as a whole number, not negative; FieldError when it is missing or none."""
        value = self.text(tag)
        if not _INTEGER.fullmatch(value):
            self.fault(RejectReason.FORMAT, tag, f"{tag.name}: {value!r} is no whole number")
        return int(value)

    def moment(self, tag: Tag) -> int:
        """The field, a UTCTimestamp, in µs UTC; FieldError when it is missing or none."""
        value = self.text(tag)
        parts = _MOMENT.fullmatch(value)
        if parts is None:
            return self.fault(RejectReason.FORMAT, tag, f"{tag.name}: {value!r} is no UTC time")
        try:
            moment = datetime.strptime(parts[1], "%Y%m%d-%H:%M:%S").replace(tzinfo=UTC)
        except ValueError:
            return self.fault(RejectReason.FORMAT, tag, f"{tag.name}: {value!r} is no UTC time")
        return to_us(moment + timedelta(microseconds=int((parts[2] or "0")[:6].ljust(6, "0"))))

    def flag(self, tag: Tag) -> bool:
        return self.text_or(tag) == "Y"

    def entries(self, tag: Tag) -> list[Record]:
        """The entries of the repeating group that `tag` counts; FieldError when it counts others than there are."""
        entries = [Record(group) for group in self._source.get_groups(tag)]
        if self.text_or(tag) and self.integer(tag) != len(entries):
            self.fault(RejectReason.VALUE, tag, f"{tag.name} counts {self.text(tag)}, there are {len(entries)}")
        return entries

    def fault(self, reason: RejectReason, tag: int, text: str) -> NoReturn:
        """Raises the FieldError for this record."""
        raise FieldError(reason, tag, text)


class Received(Record):
    """A whole message of the LP's; `seq` is 0 where it says none."""

    def __init__(self, message: Message, raw: bytes) -> None:
        super().__init__(message)
        self.raw = raw
        self.type: str = message.msg_type
        number = self.text_or(Tag.MSG_SEQ_NUM)
        self.seq = int(number) if _INTEGER.fullmatch(number) else 0

    @property
    def poss_dup(self) -> bool:
        return self.flag(Tag.POSS_DUP)


def new_framer() -> MessageFramer:
    """Cuts a stream of bytes into messages; `feed(data)` returns the whole ones."""
    return MessageFramer(MESSAGE_BYTES_MAX)


def decode(raw: bytes) -> Received:
    """One framed message; raises GarbledError."""
    try:
        return Received(Message.decode(raw, _dictionary()), raw)
    except ValueError as error:
        raise GarbledError(str(error)) from error


def encode(parties: Parties, seq: int, kind: str, fields: Fields, time_us: int, *, poss_dup: bool = False) -> bytes:
    """One message as bytes; ValueError for a value that FIX cannot carry."""
    message = Message()
    header: list[tuple[Tag, str]] = [
        (Tag.BEGIN_STRING, VERSION),
        (Tag.MSG_TYPE, kind),
        (Tag.SENDER_COMP_ID, parties.sender),
        (Tag.TARGET_COMP_ID, parties.target),
        (Tag.MSG_SEQ_NUM, str(seq)),
        (Tag.SENDING_TIME, fix_time(time_us)),
    ]
    if poss_dup:
        header += [(Tag.POSS_DUP, "Y"), (Tag.ORIG_SENDING_TIME, fix_time(time_us))]
    for name, text in header:
        message.header.set(int(name), _plain(name, text))
    for tag, value in fields:
        if isinstance(value, str):
            message.set_field(int(tag), _plain(tag, value))
            continue
        for entry in value:
            message.add_group(int(tag), _group(entry))
    return bytes(message.encode())


def fix_time(time_us: int) -> str:
    """A UTCTimestamp with milliseconds."""
    return f"{from_us(time_us):%Y%m%d-%H:%M:%S}.{time_us // 1_000 % 1_000:03d}"


def _group(entry: Entry) -> Group:
    group = Group()
    for tag, value in entry:
        group.set_field(int(tag), _plain(tag, value))
    return group


def is_plain(value: str) -> bool:
    """Whether a value may stand on the wire: not empty, printable ASCII, so that nobody's text can forge a field."""
    return bool(value) and value.isascii() and value.isprintable()


def _plain(tag: int, value: str) -> str:
    if not is_plain(value):
        raise ValueError(f"tag {int(tag)}: FIX cannot carry {value!r}")
    return value


@cache
def _dictionary() -> DataDictionary:
    return load_data_dictionary("FIX44.xml")
