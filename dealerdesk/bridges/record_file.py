"""One append-only file of numbered records, each with its length and CRC-32: the floor under journal and command log.

At opening, a record that was not written to its end is cut off; a damaged record with sound ones after it is refused,
with the file and the offset, because what follows a hole cannot be trusted. What the records mean is not known here.
"""

from __future__ import annotations

import os
import struct
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from zlib import crc32

import numpy as np

HEADER = struct.Struct("<8s16sQI")
RECORD = struct.Struct("<IIQ")
MAGIC = b"DDREC01\n"
PAYLOAD_BYTES_MAX = 1 << 20
INDEX_EVERY = 64
READ_BYTES = 1 << 18

sync_file = getattr(os, "fdatasync", os.fsync)


class JournalCorruptError(Exception):
    """A file on disk that cannot be trusted; the text names it and the byte offset."""

    def __init__(self, path: Path, offset: int, what: str) -> None:
        super().__init__(f"{path}: {what} at byte {offset}")
        self.path = path
        self.offset = offset


class SyncFailedError(OSError):
    """The system could not put on disk what it had taken; what is there now is not known until it is read again."""


class RecordFile:
    """Records `first` … `last`, in order. `identity` (16 bytes) says which journal the file belongs to."""

    def __init__(self, path: Path, descriptor: int, identity: bytes, first: int) -> None:
        self.path = path
        self.identity = identity
        self.first = first
        self.last = first - 1
        self.bytes = HEADER.size
        self._descriptor = descriptor
        self._offsets = array("Q")

    @classmethod
    def create(cls, path: Path, identity: bytes, first: int) -> RecordFile:
        """A new empty file, on disk when this returns."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            _write(descriptor, _header(identity, first), 0)
            os.fsync(descriptor)
            sync_folder(path.parent)
        except BaseException:
            os.close(descriptor)
            path.unlink(missing_ok=True)
            raise
        return cls(path, descriptor, identity, first)

    @classmethod
    def open(cls, path: Path) -> RecordFile | None:
        """An existing file, its torn tail cut off; None when not even its header was written to the end.

        Raises JournalCorruptError for a damaged header, or a damaged record that sound ones follow.
        """
        data = path.read_bytes()
        if len(data) < HEADER.size:
            return None
        magic, identity, first, check = HEADER.unpack_from(data)
        if magic != MAGIC or check != crc32(data[: HEADER.size - 4]):
            raise JournalCorruptError(path, 0, "damaged header")
        file = cls(path, os.open(path, os.O_RDWR), identity, first)
        try:
            file._scan(data)
        except BaseException:
            file.close()
            raise
        return file

    def append(self, payloads: Sequence[bytes]) -> None:
        """Writes records last+1 …; an OSError leaves the file as it was."""
        number = self.last
        offset = self.bytes
        parts: list[bytes] = []
        index: list[int] = []
        for payload in payloads:
            number += 1
            if (number - self.first) % INDEX_EVERY == 0:
                index.append(offset)
            parts += (RECORD.pack(len(payload), crc32(payload, number & 0xFFFFFFFF), number), payload)
            offset += RECORD.size + len(payload)
        try:
            _write(self._descriptor, b"".join(parts), self.bytes)
        except OSError:
            os.ftruncate(self._descriptor, self.bytes)
            raise
        self._offsets.extend(index)
        self.bytes = offset
        self.last = number

    def sync(self) -> None:
        """Returns when all that was appended is on disk; SyncFailedError when that cannot be said."""
        try:
            sync_file(self._descriptor)
        except OSError as error:
            raise SyncFailedError(error.errno, f"{self.path}: {error.strerror}") from error

    def entries(self, number: int) -> Iterator[tuple[int, bytes]]:
        """Records from `number` (or the first) on; raises JournalCorruptError when one is not what was written."""
        number = max(number, self.first)
        if number > self.last:
            return
        slot = (number - self.first) // INDEX_EVERY
        offset = self._offsets[slot]
        expected = self.first + slot * INDEX_EVERY
        end, last = self.bytes, self.last
        block = b""
        start = offset
        while expected <= last:
            if offset + RECORD.size > start + len(block) or not _whole(block, offset - start):
                start, block = (
                    offset,
                    os.pread(self._descriptor, min(max(READ_BYTES, self._need(offset)), end - offset), offset),
                )
            payload = _record(block, offset - start, expected)
            if payload is None:
                raise JournalCorruptError(self.path, offset, "damaged record")
            if expected >= number:
                yield expected, payload
            offset += RECORD.size + len(payload)
            expected += 1

    def close(self) -> None:
        os.close(self._descriptor)

    def _need(self, offset: int) -> int:
        head = os.pread(self._descriptor, RECORD.size, offset)
        return RECORD.size + int(RECORD.unpack(head)[0]) if len(head) == RECORD.size else RECORD.size

    def _scan(self, data: bytes) -> None:
        while (payload := _record(data, self.bytes, self.last + 1)) is not None:
            if (self.last + 1 - self.first) % INDEX_EVERY == 0:
                self._offsets.append(self.bytes)
            self.bytes += RECORD.size + len(payload)
            self.last += 1
        if self.bytes == len(data):
            return
        if _sound_record_after(data, self.bytes, self.last + 1):
            raise JournalCorruptError(self.path, self.bytes, "damaged record with sound ones after it")
        os.ftruncate(self._descriptor, self.bytes)
        sync_file(self._descriptor)


def sync_folder(folder: Path) -> None:
    """Puts the names of a folder's files on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _header(identity: bytes, first: int) -> bytes:
    head = HEADER.pack(MAGIC, identity, first, 0)[:-4]
    return head + crc32(head).to_bytes(4, "little")


def _write(descriptor: int, data: bytes, offset: int) -> None:
    view = memoryview(data)
    while view:
        written = os.pwrite(descriptor, view, offset)
        view = view[written:]
        offset += written


def _whole(block: bytes, offset: int) -> bool:
    return offset + RECORD.size + int(RECORD.unpack_from(block, offset)[0]) <= len(block)


def _record(data: bytes, offset: int, number: int) -> bytes | None:
    """The payload of record `number` at `offset`, or None when it is not there whole."""
    if offset + RECORD.size > len(data):
        return None
    length, check, found = RECORD.unpack_from(data, offset)
    payload = data[offset + RECORD.size : offset + RECORD.size + length]
    if found != number or length > PAYLOAD_BYTES_MAX or len(payload) != length:
        return None
    return payload if crc32(payload, number & 0xFFFFFFFF) == check else None


def _sound_record_after(data: bytes, offset: int, number: int) -> bool:
    """Whether any record above `number` lies whole behind `offset`: then this is damage, not an unfinished write."""
    limit = number + (len(data) - offset) // RECORD.size + 1
    for shift in range(8):
        start = offset + shift + 1
        count = (len(data) - start) // 8
        if count <= 0:
            break
        words = np.frombuffer(data, "<u8", count, start)
        for hit in np.flatnonzero((words > number) & (words <= limit)):
            place = start + int(hit) * 8 - 8
            if place > offset and _record(data, place, int(words[hit])) is not None:
                return True
    return False
