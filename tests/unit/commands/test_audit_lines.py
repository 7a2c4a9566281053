"""A line of an export is written and read as it is, and what is not one is refused with its number."""

from __future__ import annotations

import io

import msgspec
import pytest
from sealed_log import SealedLog

from dealerdesk.commands import audit_lines
from dealerdesk.commands.audit_lines import LINE_BYTES_MAX, CutError, EntryLine, LineError, raw_lines, read_line


def test_lines_are_read_back_as_they_were_written() -> None:
    log = SealedLog()

    read = [read_line(number, line) for number, line in raw_lines(log.file())]

    assert read == log.lines


def test_an_entry_keeps_every_letter_of_its_text() -> None:
    text = '{"a" : 1.50, "b":"\\u00fc"}'
    file = io.BytesIO()

    audit_lines.write_line(file, EntryLine(0, "ab", msgspec.Raw(text)))

    assert file.getvalue() == b'{"leaf":0,"hash":"ab","entry":' + text.encode() + b"}\n"
    read = read_line(1, file.getvalue()[:-1])
    assert isinstance(read, EntryLine)
    assert bytes(read.entry) == text.encode()


def test_a_line_that_is_too_long_is_refused_before_it_is_in_memory() -> None:
    file = io.BytesIO(b"a\n" + b"x" * (3 * LINE_BYTES_MAX))

    with pytest.raises(LineError, match=f"line 2: longer than {LINE_BYTES_MAX:,} bytes"):
        list(raw_lines(file))

    assert file.tell() <= LINE_BYTES_MAX + 3


def test_a_line_without_its_end_is_cut() -> None:
    with pytest.raises(CutError, match="line 2: cut off before its end"):
        list(raw_lines(io.BytesIO(b"a\nb")))


@pytest.mark.parametrize(
    "line", [b"", b"null", b'{"leaf":"0"}', b'{"seal":{"more":1}}', b'{"leaf":0,"entry":{}}', b"\0"]
)
def test_what_is_no_line_of_an_export_is_refused(line: bytes) -> None:
    with pytest.raises(LineError, match="line 9: expected"):
        read_line(9, line)
