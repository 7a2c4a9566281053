"""The file of checkpoints survives deaths in mid-writing and says which of its lines is wrong."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from sealed_log import OTHER_KEY, PUBLIC, SealedLog

from dealerdesk.commands import checkpoints, seals
from dealerdesk.commands.audit_lines import LineError
from dealerdesk.commands.seals import Seal, SealError, read_statement


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "copies" / "checkpoints.jsonl"


def test_seals_are_added_and_read_back(path: Path) -> None:
    log = SealedLog()
    checkpoints.append(path, log.seals[:1])
    checkpoints.append(path, log.seals[1:])

    found = checkpoints.read_file(path, [PUBLIC])

    assert [point.tree_size for point in found] == [4, 8, 12]
    assert [point.name for point in found] == [f"checkpoints.jsonl, line {n}" for n in (1, 2, 3)]
    assert found[2].statement == read_statement(log.seals[2].statement)
    assert found[2].fits(found[2].root_begins)
    assert not found[2].fits("00" * 32)


def test_the_last_checkpoint_is_the_last_whole_line(path: Path) -> None:
    log = SealedLog()
    assert checkpoints.last_checkpoint(path) is None
    checkpoints.append(path, log.seals[:2])
    with path.open("ab") as file:
        file.write(b'{"statement":"{\\"data')

    last = checkpoints.last_checkpoint(path)

    assert last is not None
    assert last.statement == log.seals[1].statement


def test_a_line_that_a_death_left_behind_spoils_no_other(path: Path) -> None:
    log = SealedLog()
    checkpoints.append(path, log.seals[:1])
    with path.open("ab") as file:
        file.write(b'{"statement":"{\\"data')
    assert [point.tree_size for point in checkpoints.read_file(path, [])] == [4]

    checkpoints.append(path, log.seals[1:])

    assert [point.tree_size for point in checkpoints.read_file(path, [])] == [4, 8, 12]
    assert path.read_bytes().count(b"\n") == 4


def test_a_line_of_another_key_is_named(path: Path) -> None:
    checkpoints.append(path, [*SealedLog().seals, SealedLog(key=OTHER_KEY).seals[0]])

    with pytest.raises(LineError) as refused:
        checkpoints.read_file(path, [PUBLIC])

    assert str(refused.value) == (
        f"checkpoints.jsonl, line 4: signed with key {seals.public_key(OTHER_KEY)}, expected {PUBLIC}"
    )


def test_a_rewritten_line_is_named(path: Path) -> None:
    seal = SealedLog().seals[1]
    said = seal.statement.replace('"tree_size":8', '"tree_size":7')
    checkpoints.append(path, [msgspec.structs.replace(seal, statement=said)])

    with pytest.raises(LineError, match="line 1: the signature is not that of the key it names"):
        checkpoints.read_file(path, [])


def test_a_line_that_is_signed_but_no_statement_is_named(path: Path) -> None:
    checkpoints.append(path, [Seal(statement="{}", signature="")])

    with pytest.raises(LineError, match=r"checkpoints.jsonl, line 1: expected a seal's statement"):
        checkpoints.read_file(path, [])


def test_a_code_from_paper_is_a_checkpoint_too() -> None:
    root = "ab" * 32
    written = seals.code_of(120, root)

    point = checkpoints.from_code(written)

    assert (point.name, point.tree_size, point.statement) == (f"code {written}", 120, None)
    assert point.fits(root)
    assert not point.fits("ac" * 32)
    with pytest.raises(SealError, match="misread"):
        checkpoints.from_code(("A" if written[0] != "A" else "B") + written[1:])
