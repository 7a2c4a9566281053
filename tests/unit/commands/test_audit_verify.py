"""Each way of tampering with an exported audit log is named, with the line and the first broken entry."""

from __future__ import annotations

import io
import subprocess
import sys

import msgspec
import pytest
from sealed_log import DATABASE, OTHER_KEY, PUBLIC, SealedLog, entry_text, file_of

from dealerdesk.commands import seals
from dealerdesk.commands.audit_lines import LINE_BYTES_MAX, End, EndLine, EntryLine, Line, SealLine
from dealerdesk.commands.audit_report import NO_CHECKPOINT, NO_KEY, PROBLEMS_MAX, Report
from dealerdesk.commands.audit_verify import verify
from dealerdesk.commands.canonical import leaf_hash
from dealerdesk.commands.checkpoints import Checkpoint, from_code
from dealerdesk.commands.seals import Seal, read_statement

# the lines of the log: 0 head, 1-4 entries 0-3, 5 seal 1, 6-9 entries 4-7, 10 seal 2, 11-14 entries 8-11, 15 seal 3,
# 16 end; a file's lines are counted from 1
FIRST_SEAL, SECOND_SEAL, THIRD_SEAL, END = 5, 10, 15, 16


def checked(lines: list[Line], keys: tuple[str, ...] = (PUBLIC,), checkpoints: tuple[Checkpoint, ...] = ()) -> Report:
    return verify(file_of(lines), keys, checkpoints)


def checkpoint(seal: Seal) -> Checkpoint:
    said = read_statement(seal.statement)
    return Checkpoint(name="the safe's copy", tree_size=said.tree_size, root_begins=said.root, statement=said)


def test_a_log_that_nobody_touched_is_whole() -> None:
    log = SealedLog()

    report = checked(log.lines, checkpoints=(checkpoint(log.seals[1]), from_code(seals.code_of(12, root_of(log, 2)))))

    assert report.problems == []
    assert report.is_whole
    assert (report.database, report.entries, report.seals, report.checkpoints) == (DATABASE, 12, 3, 2)
    assert (report.tree_size, report.root, report.first_broken) == (12, root_of(log, 2), None)
    assert report.notes == []


def test_a_flipped_byte_is_found_in_its_entry() -> None:
    log = SealedLog()
    old = log.entries[6]
    log.lines[8] = EntryLine(6, old.hash, msgspec.Raw(bytes(old.entry).replace(b"dana", b"dbna")))

    report = checked(log.lines)

    assert report.problems == ["line 9: entry 6 was changed: its text has another hash"]
    assert report.first_broken == 6


def test_a_changed_entry_with_a_hash_to_match_is_found_at_its_seal() -> None:
    log = SealedLog()
    forged = entry_text(6, actor="carl")
    log.lines[8] = EntryLine(6, leaf_hash(forged), msgspec.Raw(forged))

    report = checked(log.lines)

    assert report.problems == [
        "line 11: seal 2 is of other entries: one between entries 4 and 7 was changed, swapped or forged"
    ]
    assert report.first_broken == 4


def test_two_tamperings_between_different_seals_are_both_named() -> None:
    log = SealedLog()
    for place, number in ((2, 1), (12, 9)):
        forged = entry_text(number, actor="carl")
        log.lines[place] = EntryLine(log.lines[place].leaf, leaf_hash(forged), msgspec.Raw(forged))  # type: ignore[union-attr]

    report = checked(log.lines)

    assert [problem.split(":")[0] for problem in report.problems] == ["line 6", "line 16"]
    assert report.first_broken == 0


def test_swapped_entries_are_found_where_the_first_stands() -> None:
    log = SealedLog()
    log.lines[7], log.lines[8] = log.lines[8], log.lines[7]

    report = checked(log.lines)

    assert report.problems == ["line 8: expected entry 5, found entry 6: entries were swapped, taken out or put in"]
    assert report.first_broken == 5


def test_swapped_entries_with_their_numbers_put_right_are_found_at_their_seal() -> None:
    log = SealedLog()
    five, six = log.entries[5], log.entries[6]
    log.lines[7], log.lines[8] = EntryLine(5, six.hash, six.entry), EntryLine(6, five.hash, five.entry)

    report = checked(log.lines)

    assert report.problems == [
        "line 11: seal 2 is of other entries: one between entries 4 and 7 was changed, swapped or forged"
    ]


def test_an_entry_taken_out_is_found() -> None:
    log = SealedLog()
    del log.lines[7]

    report = checked(log.lines)

    assert report.problems[0] == "line 8: expected entry 5, found entry 6: entries were swapped, taken out or put in"
    assert report.first_broken == 5


def test_the_last_entry_before_a_seal_taken_out_is_found() -> None:
    log = SealedLog()
    del log.lines[9]

    report = checked(log.lines)

    assert report.problems[0] == (
        "line 10: seal 2 covers 8 entries, 7 stand before it: some were taken out or put in between entries 4 and 7"
    )


def test_a_duplicate_is_named_and_the_rest_is_still_checked() -> None:
    log = SealedLog()
    log.lines.insert(8, log.lines[7])

    report = checked(log.lines)

    assert report.problems == ["line 9: entry 5 is a duplicate: 'entry-5' stands before"]
    assert report.first_broken == 6


def test_a_forged_entry_put_in_with_everything_renumbered_is_found() -> None:
    log = SealedLog()
    forged = entry_text(99)
    entries = [*log.entries[:5], EntryLine(5, leaf_hash(forged), msgspec.Raw(forged))]
    entries += [EntryLine(line.leaf + 1, line.hash, line.entry) for line in log.entries[5:]]
    lines = [log.lines[0], *entries[:4], log.lines[FIRST_SEAL], *entries[4:9], log.lines[SECOND_SEAL]]
    lines += [*entries[9:], log.lines[THIRD_SEAL], EndLine(End(13, 3))]

    report = checked(lines)

    assert report.problems[0] == (
        "line 12: seal 2 covers 8 entries, 9 stand before it: some were taken out or put in between entries 4 and 8"
    )
    assert not report.is_whole


def test_entries_forged_after_the_last_seal_are_under_none() -> None:
    log = SealedLog()
    forged = entry_text(12)
    log.lines[END:] = [EntryLine(12, leaf_hash(forged), msgspec.Raw(forged)), EndLine(End(13, 3))]

    report = checked(log.lines)

    assert report.problems == ["line 18: entries 12 to 12 are under no seal"]
    assert report.first_broken == 12


def test_a_cut_tail_is_found_wherever_it_was_cut() -> None:
    content = SealedLog().file().getvalue()

    for end in range(len(content)):
        report = verify(io.BytesIO(content[:end]), (PUBLIC,))
        assert not report.is_whole, end


def test_a_log_cut_at_a_seal_with_its_end_forged_is_found_by_a_checkpoint_alone() -> None:
    log = SealedLog()
    cut = [*log.lines[: SECOND_SEAL + 1], EndLine(End(8, 2))]

    unseen = checked(cut)
    seen = checked(cut, checkpoints=(checkpoint(log.seals[2]),))

    assert unseen.is_whole
    assert unseen.notes == [NO_CHECKPOINT]
    assert seen.problems == [
        "the safe's copy speaks of 12 entries; only 8 stand here: the tail was cut off",
    ]
    assert seen.first_broken == 8


def test_a_missing_seal_is_named() -> None:
    log = SealedLog()
    del log.lines[SECOND_SEAL]

    report = checked(log.lines)

    assert "line 15: seal 3 stands where seal 2 must: seal 2 is missing" in report.problems


def test_a_seal_put_in_twice_is_named() -> None:
    log = SealedLog()
    log.lines.insert(FIRST_SEAL, log.lines[FIRST_SEAL])

    assert checked(log.lines).problems[0] == (
        "line 7: seal 1 stands where seal 2 must: it was put in again or out of order"
    )


def test_a_seal_of_another_history_does_not_follow() -> None:
    log = SealedLog()
    other = SealedLog([[entry_text(100 + n) for n in range(4)], [entry_text(200 + n) for n in range(4)]])
    log.lines[SECOND_SEAL] = SealLine(other.seals[1])

    report = checked(log.lines)

    assert report.problems[0] == "line 11: seal 2 does not follow from the seal before it"
    assert "line 11: seal 2 is of other entries" in report.problems[1]


def test_a_wrong_key_is_named() -> None:
    report = checked(SealedLog(key=OTHER_KEY).lines)

    assert report.problem_count == 3
    assert report.problems[0] == (
        f"line 6: seal 1 is signed with the wrong key: {seals.public_key(OTHER_KEY)}, expected {PUBLIC}"
    )


def test_without_a_key_the_seals_must_at_least_share_one() -> None:
    log, other = SealedLog(), SealedLog(key=OTHER_KEY)
    log.lines[THIRD_SEAL] = other.lines[THIRD_SEAL]

    report = checked(log.lines, keys=())

    assert NO_KEY in report.notes
    assert report.problems[0].startswith("line 16: seal 3 is signed with the wrong key")


def test_both_keys_are_accepted_where_the_key_was_changed() -> None:
    assert checked(SealedLog(key=OTHER_KEY).lines, keys=(PUBLIC, seals.public_key(OTHER_KEY))).is_whole


def test_a_seal_whose_statement_was_rewritten_is_named() -> None:
    log = SealedLog()
    seal = log.seals[1]
    log.lines[SECOND_SEAL] = SealLine(
        msgspec.structs.replace(seal, statement=seal.statement.replace('"tree_size":8', '"tree_size":7'))
    )

    report = checked(log.lines)

    assert report.problems[0] == (
        "line 11: seal 2 was changed or forged: its signature is not that of the key it names"
    )


def test_a_seal_that_says_nothing_is_named() -> None:
    log = SealedLog()
    log.lines[FIRST_SEAL] = SealLine(Seal(statement="{}", signature="", frontier=()))

    assert checked(log.lines).problems[0].startswith("line 6: expected a seal's statement")


def test_a_forged_frontier_is_not_gone_on_from() -> None:
    log = SealedLog()
    forged = entry_text(1, actor="carl")
    log.lines[2] = EntryLine(1, leaf_hash(forged), msgspec.Raw(forged))
    log.lines[FIRST_SEAL] = SealLine(msgspec.structs.replace(log.seals[0], frontier=("00" * 32,)))

    report = checked(log.lines)

    assert report.problems[0] == "line 6: seal 1 carries another tree than it states"
    assert report.problems[2] == "line 6: what follows seal 1 cannot be checked entry by entry"


def test_a_seal_of_another_database_is_named() -> None:
    log, other = SealedLog(), SealedLog(database="contoso")
    log.lines[SECOND_SEAL] = other.lines[SECOND_SEAL]

    assert "line 11: seal 2 is of another database: 'contoso', expected 'northwind'" in checked(log.lines).problems


def test_a_checkpoint_of_another_database_is_named() -> None:
    point = checkpoint(SealedLog(database="contoso").seals[0])

    report = checked(SealedLog().lines, checkpoints=(point,))

    assert report.problems == ["the safe's copy is a checkpoint of another database: 'contoso'"]


def test_a_history_rewritten_with_the_right_key_is_found_by_an_earlier_checkpoint() -> None:
    honest = SealedLog()
    rewritten = SealedLog([[entry_text(n, actor="carl" if n == 2 else "dana") for n in range(12)]])

    unseen = checked(rewritten.lines)
    paper = from_code(seals.code_of(8, root_of(honest, 1)))
    seen = checked(rewritten.lines, checkpoints=(checkpoint(honest.seals[0]), paper))

    assert unseen.is_whole
    assert seen.problems == [
        "line 5: the safe's copy is not the beginning of this log: the first 4 entries were others then",
        f"line 9: {paper.name} is not the beginning of this log: the first 8 entries were others then",
    ]


def test_the_end_must_count_what_stands_above_it() -> None:
    log = SealedLog()
    log.lines[END] = EndLine(End(13, 3))

    assert checked(log.lines).problems == [
        "line 17: 13 entries and 3 seals were exported, 12 and 3 stand here",
    ]


def test_nothing_may_follow_the_end() -> None:
    log = SealedLog()

    assert checked([*log.lines, log.lines[1]]).problems == [
        "line 18: expected nothing after the end of the export; nothing from there on was looked at"
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "line 1: expected the head of an export, the file is empty"),
        (b"hello\n", "line 1: expected a line of an audit export, found b'hello'"),
        (b"\xff\xfe\x00\n", "line 1: expected a line of an audit export"),
        (b'{"export":{}}\n', "line 1: expected the head of an export"),
        (b'{"end":{"entries":0,"seals":0}}\n', "line 1: expected the head of an export"),
        (b'{"leaf":' + b"[" * 100_000 + b"\n", "line 1: expected an entry"),
        (b'{"leaf":0,"hash":"","entry":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n", "line 1: expected an entry"),
        (
            b'{"export":{"what":"everything","format":2,"database":"","exported_us":1}}\n',
            "line 1: expected an export in format 1",
        ),
    ],
)
def test_what_is_no_export_gets_its_line_and_what_was_expected(content: bytes, words: str) -> None:
    report = verify(io.BytesIO(content))

    assert report.problems[0].startswith(words)


def test_a_line_without_an_end_is_not_taken_into_memory() -> None:
    report = verify(io.BytesIO(b"x" * (LINE_BYTES_MAX + 5)))

    assert report.problems == [f"line 1: longer than {LINE_BYTES_MAX:,} bytes; nothing from there on was looked at"]


@pytest.mark.parametrize(
    "entry",
    [b"1", b"[]", b'{"id":1}', b'{"id":"\xff\xff"}', b"[" * 2_000 + b"]" * 2_000],
)
def test_a_hostile_entry_is_no_audit_entry(entry: bytes) -> None:
    log = SealedLog()
    lines = log.file().getvalue().split(b"\n")
    lines[1] = b'{"leaf":0,"hash":"","entry":' + entry + b"}"

    report = verify(io.BytesIO(b"\n".join(lines)), (PUBLIC,))

    assert report.problems[0].startswith("line 2: ")
    assert len(report.problems[0]) < 600


def test_a_member_that_stands_twice_is_no_line_of_an_export() -> None:
    lines = SealedLog().file().getvalue().split(b"\n")
    lines[3] = lines[3].replace(b'{"leaf":2,', b'{"leaf":7,"leaf":2,')

    report = verify(io.BytesIO(b"\n".join(lines)), (PUBLIC,))

    assert report.problems[0].startswith("line 4: expected an entry in the one spelling")
    assert report.first_broken == 2


def test_problems_are_all_counted_but_not_all_kept() -> None:
    texts = [entry_text(n) for n in range(300)]
    log = SealedLog([texts])
    log.lines[1:301] = [EntryLine(line.leaf, "00", line.entry) for line in log.entries]

    report = checked(log.lines)

    assert report.problem_count == 300
    assert len(report.problems) == PROBLEMS_MAX


def test_verifying_needs_no_database_library() -> None:
    script = (
        "import sys; sys.modules['sqlalchemy'] = None; sys.modules['psycopg'] = None\n"
        "import dealerdesk.commands.audit_verify, dealerdesk.commands.checkpoints"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def root_of(log: SealedLog, place: int) -> str:
    return read_statement(log.seals[place].statement).root
