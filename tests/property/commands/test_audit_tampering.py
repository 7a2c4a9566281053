"""Whatever one changes in an exported log without the sealer's key, it is no longer whole."""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st
from sealed_log import PUBLIC, SealedLog, file_of

from dealerdesk.commands.audit_verify import verify

LOG = SealedLog()
CONTENT = LOG.file().getvalue()
CASES = file_of(LOG.cases([3, 7], sizes=(4,))).getvalue()
HEADS = tuple(content.index(b'"exported_us"') for content in (CONTENT, CASES))
"""When an export was made is for people to know; nothing seals it."""


def is_whole(content: bytes) -> bool:
    return verify(io.BytesIO(content), (PUBLIC,)).is_whole


@given(st.sampled_from([(CONTENT, HEADS[0]), (CASES, HEADS[1])]), st.data())
def test_no_byte_can_be_changed(file: tuple[bytes, int], data: st.DataObject) -> None:
    content, head = file
    place = data.draw(st.integers(content.index(b"\n"), len(content) - 1) | st.integers(0, head - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != content[place]))
    changed = content[:place] + bytes([byte]) + content[place + 1 :]

    assert not is_whole(changed)


@given(st.lists(st.integers(0, len(LOG.lines) - 1), max_size=len(LOG.lines) + 2))
def test_no_other_choice_or_order_of_lines_is_whole(places: list[int]) -> None:
    if places == list(range(len(LOG.lines))):
        return

    assert not verify(file_of([LOG.lines[place] for place in places]), (PUBLIC,)).is_whole


@given(st.binary(max_size=400))
def test_no_bytes_bring_it_down(content: bytes) -> None:
    report = verify(io.BytesIO(content))

    assert not report.is_whole
    assert all(len(problem) < 1_000 for problem in report.problems)


@given(st.integers(0, len(CONTENT)), st.binary(min_size=1, max_size=60))
def test_nothing_can_be_put_in(place: int, more: bytes) -> None:
    changed = CONTENT[:place] + more + CONTENT[place:]
    # blanks between the parts of a line say nothing, and nothing is said of the head
    assert not is_whole(changed) or not more.split() or place < HEADS[0] + 40


def test_the_file_itself_is_whole() -> None:
    assert is_whole(CONTENT)
    assert is_whole(CASES)
