"""The bridge's journal: every delta on disk, in order, before any client sees it.

A folder of segment files; the oldest go when the whole grows beyond its limit. The journal's identity (`epoch`) is
random and new whenever the folder had to be begun anew, so no client mistakes a lost journal for its old one. Deltas
are kept as the bytes of their JSON, so replaying them encodes nothing. Which client needs what is not known here.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from threading import Lock

from dealerdesk.bridges.protocol import Delta, encode_delta
from dealerdesk.bridges.record_file import JournalCorruptError, RecordFile, SyncFailedError, sync_folder

SUFFIX = ".journal"
SEGMENT_BYTES = 16 << 20
JOURNAL_BYTES_MAX = 256 << 20
DELTA_BYTES_MAX = 64 << 10
TAIL_MAX = 8_192


class Journal:
    """Deltas `first_seq` … `last_seq`, of which those up to `synced_seq` are on disk.

    One process, and one thread apart from `sync`, which another may call.
    """

    def __init__(
        self, folder: Path, segments: list[RecordFile], after: int, segment_bytes: int, bytes_max: int
    ) -> None:
        self._folder = folder
        self._segments = segments
        self._segment_bytes = segment_bytes
        self._bytes_max = bytes_max
        self._identity = segments[0].identity if segments else secrets.token_bytes(16)
        self._lock = Lock()
        self._failure: SyncFailedError | None = None
        self._tail: list[bytes] = []
        self.last_seq = segments[-1].last if segments else after
        self.synced_seq = self.last_seq
        self._sealed_bytes = sum(segment.bytes for segment in segments[:-1])

    @classmethod
    def open(
        cls, folder: Path, *, after: int = 0, segment_bytes: int = SEGMENT_BYTES, bytes_max: int = JOURNAL_BYTES_MAX
    ) -> Journal:
        """The journal in `folder`; an empty or missing one is begun, with a new epoch, behind delta `after`.

        Raises JournalCorruptError for damage that is no torn tail.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        segments: list[RecordFile] = []
        try:
            for path in sorted(folder.glob(f"*{SUFFIX}")):
                segment = RecordFile.open(path)
                if segment is None:
                    path.unlink()
                    continue
                segments.append(segment)
            _check_chain(segments)
        except BaseException:
            for segment in segments:
                segment.close()
            raise
        return cls(folder, segments, after, segment_bytes, bytes_max)

    @property
    def epoch(self) -> str:
        """The journal's identity, 32 hex digits."""
        return self._identity.hex()

    @property
    def first_seq(self) -> int:
        """The oldest delta still held; last_seq + 1 when there is none."""
        return self._segments[0].first if self._segments else self.last_seq + 1

    @property
    def size_bytes(self) -> int:
        """Size on disk."""
        return self._sealed_bytes + (self._segments[-1].bytes if self._segments else 0)

    def append(self, deltas: Sequence[Delta]) -> None:
        """Writes deltas last_seq + 1 … (an empty journal begins where they begin); not yet safe from a power cut,
        see `sync`. ValueError for another sequence; an OSError leaves the journal as it was."""
        if not deltas:
            return
        self._refuse_if_failed()
        payloads = self._payloads(deltas)
        if not self._segments or self._segments[-1].bytes >= self._segment_bytes:
            self._begin_segment(deltas[0].seq)
        self._segments[-1].append(payloads)
        self.last_seq = deltas[-1].seq
        self._tail += payloads
        if len(self._tail) > 2 * TAIL_MAX:
            del self._tail[:-TAIL_MAX]

    def sync(self) -> None:
        """Returns when everything appended before the call is on disk. After an OSError here the journal refuses
        all further work: what the disk then holds is not known until it is opened again."""
        with self._lock:
            self._refuse_if_failed()
            seq = self.last_seq
            if not self._segments or seq == self.synced_seq:
                return
            self._sync_last()
            self.synced_seq = seq

    def entries(self, from_seq: int) -> Iterator[tuple[int, bytes]]:
        """(seq, JSON bytes) of the deltas held from `from_seq` on; raises JournalCorruptError for a damaged one."""
        for segment in tuple(self._segments):
            if segment.last >= from_seq:
                yield from segment.entries(from_seq)

    def read(self, from_seq: int, count_max: int, bytes_max: int) -> list[bytes]:
        """The deltas from `from_seq` on, at most that many and that large together; recent ones without the disk."""
        taken: list[bytes] = []
        size = 0
        back = self.last_seq - from_seq + 1
        recent = 0 <= back <= len(self._tail)
        source = (
            self._tail[len(self._tail) - back :][:count_max]
            if recent
            else (data for _seq, data in self.entries(from_seq))
        )
        for data in source:
            size += len(data) + 1
            if len(taken) == count_max or size > bytes_max:
                break
            taken.append(data)
        return taken

    def close(self) -> None:
        """Closes the files; `sync` first if everything must be kept."""
        for segment in self._segments:
            segment.close()
        self._segments = []

    def _payloads(self, deltas: Sequence[Delta]) -> list[bytes]:
        expected = self.last_seq + 1 if self._segments else deltas[0].seq
        payloads = []
        for delta in deltas:
            if delta.seq != expected:
                raise ValueError(f"journal: expected delta {expected}, got {delta.seq}")
            payload = encode_delta(delta)
            if len(payload) > DELTA_BYTES_MAX:
                raise ValueError(f"journal: delta {delta.seq} of {len(payload)} bytes, at most {DELTA_BYTES_MAX}")
            payloads.append(payload)
            expected += 1
        return payloads

    def _begin_segment(self, first: int) -> None:
        with self._lock:
            if self._segments:
                self._sync_last()
                self.synced_seq = self.last_seq
            segment = RecordFile.create(self._folder / f"{first:020d}{SUFFIX}", self._identity, first)
            if self._segments:
                self._sealed_bytes += self._segments[-1].bytes
            self._segments.append(segment)
            self._retire()

    def _retire(self) -> None:
        while len(self._segments) > 1 and self.size_bytes + self._segment_bytes > self._bytes_max:
            oldest = self._segments.pop(0)
            self._sealed_bytes -= oldest.bytes
            oldest.close()
            oldest.path.unlink()
        sync_folder(self._folder)

    def _sync_last(self) -> None:
        try:
            self._segments[-1].sync()
        except SyncFailedError as error:
            self._failure = error
            raise

    def _refuse_if_failed(self) -> None:
        if self._failure is not None:
            raise SyncFailedError(self._failure.errno, f"{self._folder}: an earlier sync to disk failed")


def _check_chain(segments: list[RecordFile]) -> None:
    for before, after in pairwise(segments):
        if after.identity != before.identity:
            raise JournalCorruptError(after.path, 0, "segment of another journal")
        if after.first != before.last + 1:
            raise JournalCorruptError(
                before.path, before.bytes, f"deltas {before.last + 1} to {after.first - 1} are missing"
            )
