"""The lines of an exported audit log: one JSON object each, the entry in them letter for letter as it was hashed.

`{"export":…}` first; then `{"leaf":0,"hash":"…","entry":{…}}` in sealed order with each `{"seal":…}` after the last
entry that it covers; `{"end":…}` last. An export of chosen entries has one seal, then `{"case":…}` and `{"grown":…}`.
Shared by what writes and what verifies; no database, and nothing is believed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, TypeVar

import msgspec

from dealerdesk.commands.seals import Seal

FORMAT = 1
LINE_BYTES_MAX = 1 << 22
WORDS_MAX = 200

EVERYTHING, CASES = "everything", "cases"


class LineError(ValueError):
    """A line that is not what must stand there; the text names the line and what was expected."""


class CutError(LineError):
    """The last line stops before its end."""


class Export(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the file is: `what` is everything or cases, `format` this layout, `exported_us` when it was made."""

    what: str
    format: int
    database: str
    exported_us: int


class End(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much stands above: entries (or cases) and seals."""

    entries: int
    seals: int


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry with the proof (hashes in hex, nearest first) that the seal covers it."""

    leaf: int
    hash: str
    entry: msgspec.Raw
    proof: tuple[str, ...]


class Grown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The proof that the tree of an earlier checkpoint is the beginning of the seal's."""

    tree_size: int
    root: str
    proof: tuple[str, ...]


class EntryLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry at its place."""

    leaf: int
    hash: str
    entry: msgspec.Raw


class ExportLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    export: Export


class SealLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    seal: Seal


class CaseLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    case: Case


class GrownLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    grown: Grown


class EndLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    end: End


Line = EntryLine | ExportLine | SealLine | CaseLine | GrownLine | EndLine
LineKind = TypeVar("LineKind", bound=Line)

_KINDS: tuple[tuple[bytes, str, msgspec.json.Decoder[Line]], ...] = (
    (b'{"leaf":', "an entry", msgspec.json.Decoder(EntryLine)),
    (b'{"seal":', "a seal", msgspec.json.Decoder(SealLine)),
    (b'{"case":', "an entry with its proof", msgspec.json.Decoder(CaseLine)),
    (b'{"grown":', "a proof of growth", msgspec.json.Decoder(GrownLine)),
    (b'{"export":', "the head of an export", msgspec.json.Decoder(ExportLine)),
    (b'{"end":', "the end of an export", msgspec.json.Decoder(EndLine)),
)


_encode = msgspec.json.Encoder().encode


def write_line(file: BinaryIO, line: Line) -> None:
    """Adds the line to the file."""
    file.write(_encode(line) + b"\n")


def raw_lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines as (number from 1, bytes without the line's end).

    Raises LineError at one that is longer than LINE_BYTES_MAX, CutError at a last one that does not end.
    """
    number = 0
    while line := file.readline(LINE_BYTES_MAX + 1):
        number += 1
        if not line.endswith(b"\n"):
            if len(line) > LINE_BYTES_MAX:
                raise LineError(f"line {number}: longer than {LINE_BYTES_MAX:,} bytes")
            raise CutError(f"line {number}: cut off before its end")
        yield number, line[:-1]


def read_line(number: int, line: bytes) -> Line:
    """What stands in a line; raises LineError when that is nothing an export has."""
    for beginning, words, decoder in _KINDS:
        if line.startswith(beginning):
            try:
                found = decoder.decode(line)
            except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                raise LineError(f"line {number}: expected {words}: {_short(str(error))}") from error
            if _encode(found) != line.removesuffix(b"\r"):
                # a member that stands twice would be one thing to this reader and another to the next
                raise LineError(f"line {number}: expected {words} in the one spelling that an export has")
            return found
    raise LineError(f"line {number}: expected a line of an audit export, found {_short(repr(line[:40]))}")


def read_head(lines: Iterator[tuple[int, bytes]]) -> Export:
    """The first line; raises LineError when it is not the head of an export that this program knows."""
    for number, line in lines:
        head = read_line(number, line)
        if not isinstance(head, ExportLine):
            raise LineError(f"line {number}: expected the head of an export")
        if head.export.format != FORMAT or head.export.what not in (EVERYTHING, CASES):
            raise LineError(
                f"line {number}: expected an export in format {FORMAT} of {EVERYTHING} or {CASES},"
                f" found format {head.export.format} of {_short(head.export.what)!r}"
            )
        return head.export
    raise LineError("line 1: expected the head of an export, the file is empty")


def _short(words: str) -> str:
    return words if len(words) <= WORDS_MAX else f"{words[:WORDS_MAX]}…"
