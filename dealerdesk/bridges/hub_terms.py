"""The greatest term in which a hub has come to this bridge, kept on disk: an older hub has been replaced.

Terms grow over all databases that ever stood behind the bridge: one that was made later, or restored, begins with the
second in which that happened. So the hub of a new database is let in, and one of the database before it never again.

A hub that slept past its lease may still have a command on its lips; the database refuses what it writes, and here is
what refuses what it sends. Which hub is at work is decided in the database alone.
"""

from __future__ import annotations

import os
from pathlib import Path

from dealerdesk.bridges.record_file import JournalCorruptError, sync_folder

FILE = "hub-term"


class HubTerms:
    """`newest` is 0 before any hub with a term came. The file holds the number as text, and is replaced as a whole."""

    def __init__(self, file: Path) -> None:
        """Reads the file if there is one; raises OSError, or JournalCorruptError for one that holds no number."""
        self._file = file
        try:
            self.newest = int(file.read_text("ascii")) if file.exists() else 0
        except ValueError as error:
            raise JournalCorruptError(file, 0, "no hub's term") from error

    def admit(self, term: int) -> bool:
        """Whether a hub in this term may work: it is the newest or a newer one, which is on disk when this returns.

        An OSError leaves what stood.
        """
        if term > self.newest:
            self._write(term)
            self.newest = term
        return term == self.newest

    def _write(self, term: int) -> None:
        fresh = self._file.with_suffix(".new")
        with fresh.open("w", encoding="ascii") as stream:
            stream.write(f"{term}\n")
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(self._file)
        sync_folder(self._file.parent)
