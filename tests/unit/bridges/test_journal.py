"""The journal keeps every delta in order, or says what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from platform_double import position

from dealerdesk.bridges import record_file
from dealerdesk.bridges.journal import Journal
from dealerdesk.bridges.protocol import Delta, decode_delta, encode_delta
from dealerdesk.bridges.record_file import JournalCorruptError, SyncFailedError
from dealerdesk.trading import Position


def deltas(first: int, last: int) -> list[Delta]:
    return [Delta(seq, seq, seq, position(seq)) for seq in range(first, last + 1)]


def test_what_was_appended_is_there_after_reopening(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "j")
    journal.append(deltas(1, 300))
    journal.sync()
    epoch = journal.epoch
    journal.close()

    again = Journal.open(tmp_path / "j")

    assert (again.epoch, again.first_seq, again.last_seq, again.synced_seq) == (epoch, 1, 300, 300)
    assert [decode_delta(data) for _, data in again.entries(299)] == deltas(299, 300)
    again.append(deltas(301, 301))
    assert again.read(300, 10, 1 << 20) == [encode_delta(delta) for delta in deltas(300, 301)]
    again.close()


def test_a_lost_journal_begins_a_new_epoch_behind_what_was_published(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "j", after=500)

    assert (journal.first_seq, journal.last_seq, journal.synced_seq) == (501, 500, 500)
    assert len(journal.epoch) == 32
    assert journal.epoch != Journal.open(tmp_path / "k").epoch
    journal.append(deltas(501, 502))
    assert (journal.first_seq, journal.last_seq) == (501, 502)
    journal.close()


def test_a_sequence_that_does_not_follow_on_is_refused_whole(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "j")
    journal.append(deltas(1, 2))

    with pytest.raises(ValueError, match="expected delta 3, got 4"):
        journal.append(deltas(4, 5))
    with pytest.raises(ValueError, match="expected delta 5, got 9"):
        journal.append([*deltas(3, 4), *deltas(9, 9)])

    assert journal.last_seq == 2
    journal.close()


def test_nothing_is_synced_before_sync(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "j")
    journal.append(deltas(1, 4))

    assert (journal.last_seq, journal.synced_seq) == (4, 0)
    journal.sync()
    assert journal.synced_seq == 4
    journal.close()


def test_segments_follow_on_and_the_oldest_go(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "j", segment_bytes=2_000, bytes_max=8_000)
    for first in range(1, 200, 10):
        journal.append(deltas(first, first + 9))

    assert journal.last_seq == 200
    assert 1 < journal.first_seq < 180
    assert journal.size_bytes <= 8_000
    assert journal.size_bytes == sum(path.stat().st_size for path in (tmp_path / "j").iterdir())
    assert [seq for seq, _ in journal.entries(journal.first_seq)] == list(range(journal.first_seq, 201))
    first_seq = journal.first_seq
    journal.close()
    again = Journal.open(tmp_path / "j", segment_bytes=2_000, bytes_max=8_000)
    assert (again.first_seq, again.last_seq) == (first_seq, 200)
    again.close()


def test_a_missing_segment_is_refused_with_the_deltas_it_held(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "j", segment_bytes=1_000)
    for first in range(1, 60, 10):
        journal.append(deltas(first, first + 9))
    journal.close()
    paths = sorted((tmp_path / "j").iterdir())
    paths[2].unlink()

    with pytest.raises(JournalCorruptError, match=rf"{paths[1].name}: deltas 21 to 30 are missing"):
        Journal.open(tmp_path / "j")


def test_a_segment_of_another_journal_is_refused(tmp_path: Path) -> None:
    for name, first in (("j", 1), ("k", 11)):
        journal = Journal.open(tmp_path / name, after=first - 1)
        journal.append(deltas(first, first + 9))
        journal.close()
    foreign = next((tmp_path / "k").iterdir())
    foreign.rename(tmp_path / "j" / foreign.name)

    with pytest.raises(JournalCorruptError, match="segment of another journal"):
        Journal.open(tmp_path / "j")


def test_reading_is_bounded_by_count_and_by_bytes(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "j")
    journal.append(deltas(1, 50))
    size = len(encode_delta(deltas(10, 10)[0])) + 1

    assert len(journal.read(10, 7, 1 << 20)) == 7
    assert len(journal.read(10, 500, 3 * size)) == 3
    assert len(journal.read(48, 500, 1 << 20)) == 3
    assert journal.read(51, 500, 1 << 20) == []
    journal.close()


def test_old_deltas_come_from_the_disk_and_new_ones_from_memory_alike(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "j")
    journal.append(deltas(1, 20_000))
    journal.append(deltas(20_001, 20_010))

    assert journal.read(3, 2, 1 << 20) == [encode_delta(delta) for delta in deltas(3, 4)]
    assert journal.read(20_009, 9, 1 << 20) == [encode_delta(delta) for delta in deltas(20_009, 20_010)]
    journal.close()


def test_an_oversized_delta_is_refused(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path / "j")
    row = position(1)
    huge = Position(
        **{name: getattr(row, name) for name in row.__struct_fields__ if name != "comment"}, comment="x" * 70_000
    )

    with pytest.raises(ValueError, match="delta 1 of 70"):
        journal.append([Delta(1, 1, 1, huge)])
    journal.close()


def test_after_a_failed_sync_nothing_more_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    journal = Journal.open(tmp_path / "j")
    journal.append(deltas(1, 2))
    with monkeypatch.context() as patch:
        patch.setattr(record_file, "sync_file", fail)
        with pytest.raises(SyncFailedError):
            journal.sync()

    with pytest.raises(SyncFailedError, match="an earlier sync"):
        journal.append(deltas(3, 3))
    assert journal.synced_seq == 0
    journal.close()
