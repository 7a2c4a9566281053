"""Keeps a folder for one process: two that write the same journal would spoil it.

The lock is the operating system's, so it goes with its holder, however that ends. What is in the folder is not known
here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK = "in-use.lock"

if sys.platform == "win32":
    import msvcrt

    # a locked byte cannot be read by others there: it lies far behind the number that they want to read
    PLACE = 1 << 20

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, PLACE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FolderInUseError(OSError):
    """Another process has the folder; the text says which, and what to do."""


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Has `folder`, made if it is not there, for this process alone; raises FolderInUseError if another has it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            _lock(descriptor)
        except OSError as error:
            raise FolderInUseError(_in_use(folder)) from error
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        # the file stays: taken away, it could be another's lock already
        os.close(descriptor)


def _in_use(folder: Path) -> str:
    holder = (folder / LOCK).read_text("ascii", "replace").strip()
    return f"{folder} is in use by process {holder or 'unknown'}: end that one first, or choose another folder"
