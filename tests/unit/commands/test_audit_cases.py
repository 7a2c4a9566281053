"""Single entries are proved by their seal alone, and earlier checkpoints by the proofs beside them."""

from __future__ import annotations

import io

import msgspec
import pytest
from sealed_log import KEY, OTHER_KEY, PUBLIC, SealedLog, entry_text, file_of

from dealerdesk.commands import seals
from dealerdesk.commands.audit_lines import Case, CaseLine, End, EndLine, Grown, GrownLine, Line, SealLine
from dealerdesk.commands.audit_report import NO_CHECKPOINT, NO_KEY, Report
from dealerdesk.commands.audit_verify import verify
from dealerdesk.commands.canonical import leaf_hash
from dealerdesk.commands.checkpoints import Checkpoint, from_code
from dealerdesk.commands.seals import read_statement

# the lines: 0 head, 1 seal 3, 2 entry 5, 3 entry 11, 4 growth from 8, 5 end
SEAL, FIVE, GROWTH, END = 1, 2, 4, 5


@pytest.fixture
def log() -> SealedLog:
    return SealedLog()


@pytest.fixture
def lines(log: SealedLog) -> list[Line]:
    return log.cases([5, 11], sizes=(8,))


def checked(lines: list[Line], *checkpoints: Checkpoint, keys: tuple[str, ...] = (PUBLIC,)) -> Report:
    return verify(file_of(lines), keys, checkpoints)


def paper(log: SealedLog, place: int) -> Checkpoint:
    said = read_statement(log.seals[place].statement)
    return from_code(seals.code_of(said.tree_size, said.root))


def test_two_entries_of_twelve_are_proved(log: SealedLog, lines: list[Line]) -> None:
    report = checked(lines, paper(log, 1), paper(log, 2))

    assert report.problems == []
    assert report.notes == []
    assert (report.entries, report.seals, report.checkpoints, report.tree_size) == (2, 1, 2, 12)


def test_what_was_not_given_is_noted(lines: list[Line]) -> None:
    report = checked(lines, keys=())

    assert report.is_whole
    assert report.notes == [NO_KEY, NO_CHECKPOINT]


def test_a_changed_entry_has_another_hash(log: SealedLog, lines: list[Line]) -> None:
    case = lines[FIVE].case  # type: ignore[union-attr]
    lines[FIVE] = CaseLine(msgspec.structs.replace(case, entry=msgspec.Raw(entry_text(5, actor="carl"))))

    report = checked(lines)

    assert report.problems == ["line 3: entry 5 was changed: its text has another hash"]
    assert report.first_broken == 5


def test_a_forged_entry_is_not_under_the_seal(lines: list[Line]) -> None:
    forged = entry_text(5, actor="carl")
    proof = lines[FIVE].case.proof  # type: ignore[union-attr]
    lines[FIVE] = CaseLine(Case(5, leaf_hash(forged), msgspec.Raw(forged), proof))

    assert checked(lines).problems == ["line 3: entry 5 is not proved to be under seal 3"]


def test_an_entry_at_another_place_is_not_proved(lines: list[Line]) -> None:
    lines[FIVE] = CaseLine(msgspec.structs.replace(lines[FIVE].case, leaf=4))  # type: ignore[union-attr]

    assert checked(lines).problems == ["line 3: entry 4 is not proved to be under seal 3"]


def test_a_seal_of_another_key_proves_nothing(log: SealedLog) -> None:
    report = checked(SealedLog(key=OTHER_KEY).cases([5]))

    assert "signed with the wrong key" in report.problems[0]
    assert checked(log.cases([5])).is_whole


def test_an_earlier_checkpoint_of_another_history_is_named(lines: list[Line]) -> None:
    other = SealedLog([[entry_text(n, actor="carl") for n in range(8)]])

    report = checked(lines, paper(other, 0))

    assert len(report.problems) == 1
    assert "is not the beginning of this log: the first 8 entries were others then" in report.problems[0]


def test_a_growth_that_is_not_proved_is_named(lines: list[Line]) -> None:
    grown = lines[GROWTH].grown  # type: ignore[union-attr]
    lines[GROWTH] = GrownLine(Grown(7, grown.root, grown.proof))

    assert checked(lines).problems == ["line 5: the log is not proved to have grown from 7 entries"]


def test_checkpoints_without_a_proof_here_are_noted(log: SealedLog, lines: list[Line]) -> None:
    newer = from_code(seals.code_of(900, "ab" * 32))

    report = checked(lines, paper(log, 0), newer)

    assert report.is_whole
    assert report.checkpoints == 0
    assert report.notes[0].startswith("2 checkpoints could not be compared (code ")


def test_the_end_must_count_the_entries(lines: list[Line]) -> None:
    lines[END] = EndLine(End(3, 1))

    assert checked(lines).problems == ["line 6: 3 entries were exported, 2 stand here"]


def test_a_file_cut_anywhere_is_found(lines: list[Line]) -> None:
    content = file_of(lines).getvalue()

    for end in range(len(content)):
        assert not verify(io.BytesIO(content[:end]), (PUBLIC,)).is_whole


def test_lines_where_they_cannot_stand_are_refused(log: SealedLog, lines: list[Line]) -> None:
    late = "; nothing from there on was looked at"

    assert checked([lines[0], *lines[2:]]).problems == [f"line 2: expected a seal{late}"]
    assert checked([*lines[:2], SealLine(log.seals[0])]).problems == [f"line 3: expected an entry with its proof{late}"]
    assert checked([*lines[:3], log.entries[0]]).problems == [f"line 4: expected an entry with its proof{late}"]
    assert checked([*lines, lines[FIVE]]).problems == [f"line 7: expected nothing after the end of the export{late}"]


@pytest.mark.parametrize("proof", [("zz",), ("ü",), ("",)])
def test_a_proof_that_is_no_hashes_is_refused_or_proves_nothing(lines: list[Line], proof: tuple[str, ...]) -> None:
    lines[FIVE] = CaseLine(msgspec.structs.replace(lines[FIVE].case, proof=proof))  # type: ignore[union-attr]

    assert checked(lines).problems[0].startswith("line 3: ")


def test_a_seal_that_says_nothing_ends_it(lines: list[Line]) -> None:
    lines[SEAL] = SealLine(seals.Seal(statement="{}", signature=""))

    assert "line 2: without its seal nothing in this file can be verified" in checked(lines).problems[1]


def test_a_root_that_is_no_hash_proves_nothing(log: SealedLog, lines: list[Line]) -> None:
    said = msgspec.structs.replace(read_statement(log.seals[2].statement), root="root")
    text, signature = seals.sign(said, KEY)
    lines[SEAL] = SealLine(seals.Seal(statement=text, signature=signature))

    assert checked(lines).problems[0].startswith("line 2: expected a seal's root to be a SHA-256 hash")
