"""Records are read back as written, a torn tail is cut off, damage is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dealerdesk.bridges import record_file
from dealerdesk.bridges.record_file import HEADER, RECORD, JournalCorruptError, RecordFile, SyncFailedError

IDENTITY = b"i" * 16


def written(path: Path, count: int) -> None:
    file = RecordFile.create(path, IDENTITY, 10)
    file.append([f"record {i}".encode() for i in range(count)])
    file.close()


def test_records_come_back_numbered(tmp_path: Path) -> None:
    written(tmp_path / "a", 200)
    file = RecordFile.open(tmp_path / "a")

    assert file is not None
    assert (file.first, file.last, file.identity) == (10, 209, IDENTITY)
    assert list(file.entries(207)) == [(207, b"record 197"), (208, b"record 198"), (209, b"record 199")]
    assert [number for number, _ in file.entries(1)] == list(range(10, 210))
    assert list(file.entries(210)) == []
    file.close()


def test_a_file_torn_at_any_byte_opens_with_the_records_before_the_tear(tmp_path: Path) -> None:
    written(tmp_path / "a", 5)
    whole = (tmp_path / "a").read_bytes()
    size = RECORD.size + len(b"record 0")

    for cut in range(len(whole)):
        torn = tmp_path / "torn"
        torn.write_bytes(whole[:cut])
        file = RecordFile.open(torn)
        if cut < HEADER.size:
            assert file is None
            continue
        assert file is not None
        assert file.last - 9 == (cut - HEADER.size) // size
        file.append([b"next"])
        assert list(file.entries(file.last)) == [(file.last, b"next")]
        file.close()


def test_a_damaged_record_with_sound_ones_after_it_is_refused_with_its_place(tmp_path: Path) -> None:
    written(tmp_path / "a", 5)
    data = bytearray((tmp_path / "a").read_bytes())
    second = HEADER.size + RECORD.size + len(b"record 0")
    data[second + RECORD.size] ^= 1
    (tmp_path / "a").write_bytes(data)

    with pytest.raises(JournalCorruptError, match=rf"a: damaged record with sound ones after it at byte {second}"):
        RecordFile.open(tmp_path / "a")


def test_any_flipped_bit_is_cut_off_or_refused_but_never_read(tmp_path: Path) -> None:
    written(tmp_path / "a", 3)
    whole = (tmp_path / "a").read_bytes()
    sound = [b"record 0", b"record 1", b"record 2"]

    for place in range(len(whole)):
        data = bytearray(whole)
        data[place] ^= 0x10
        (tmp_path / "b").write_bytes(data)
        try:
            file = RecordFile.open(tmp_path / "b")
        except JournalCorruptError:
            continue
        assert file is not None
        assert [payload for _, payload in file.entries(1)] == sound[: file.last - 9]
        file.close()


def test_damage_that_happens_while_open_is_found_when_read(tmp_path: Path) -> None:
    written(tmp_path / "a", 5)
    file = RecordFile.open(tmp_path / "a")
    assert file is not None
    with (tmp_path / "a").open("r+b") as raw:
        raw.seek(HEADER.size + RECORD.size)
        raw.write(b"X")

    with pytest.raises(JournalCorruptError, match="damaged record"):
        list(file.entries(10))
    file.close()


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = RecordFile.create(tmp_path / "a", IDENTITY, 1)
    file.append([b"one"])
    write = os.pwrite
    calls: list[int] = []

    def half_then_full(descriptor: int, data: bytes, offset: int) -> int:
        calls.append(offset)
        if len(calls) == 1:
            return write(descriptor, bytes(data)[:5], offset)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(record_file.os, "pwrite", half_then_full)
    with pytest.raises(OSError, match="No space"):
        file.append([b"two"])
    monkeypatch.undo()

    file.append([b"two again"])
    assert list(file.entries(1)) == [(1, b"one"), (2, b"two again")]
    file.close()


def test_a_failed_sync_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    file = RecordFile.create(tmp_path / "a", IDENTITY, 1)
    monkeypatch.setattr(record_file, "sync_file", fail)

    with pytest.raises(SyncFailedError, match="Input/output error"):
        file.sync()
    file.close()


def test_a_file_that_is_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"something else entirely, long enough to be a header")

    with pytest.raises(JournalCorruptError, match="damaged header at byte 0"):
        RecordFile.open(tmp_path / "a")
