"""Checkpoints of the audit log outside the database: a file of signed statements, or a code that was written down.

The file holds one seal a line and only ever grows; any of its lines may be copied elsewhere, each is a checkpoint of
its own. What lies in the same place as the database protects against nobody who holds both. No database here.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from dealerdesk.commands.audit_lines import CutError, LineError, raw_lines
from dealerdesk.commands.seals import Code, Seal, SealError, Statement, is_signed, read_code, read_statement

TAIL_BYTES = 1 << 16


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """What the log was once: its first `tree_size` entries had a root that begins with `root_begins` (hex).

    `name` is where this is known from; `statement` is None for a code from paper.
    """

    name: str
    tree_size: int
    root_begins: str
    statement: Statement | None = None

    def fits(self, root: str) -> bool:
        """Whether a tree of this size with that root (hex) is the one that was."""
        return root.startswith(self.root_begins)


def append(path: Path, seals: Iterable[Seal]) -> None:
    """Adds the seals to the file, on disk when this returns; raises OSError.

    The line that a death in mid-writing left behind is ended first, so that it spoils no other.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        if file.tell() > 0:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
        for seal in seals:
            file.write(msgspec.json.encode({"statement": seal.statement, "signature": seal.signature}) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def last_checkpoint(path: Path) -> Seal | None:
    """The last whole line of the file; None when there is none. Raises OSError."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - TAIL_BYTES))
        lines = file.read().split(b"\n")[:-1]
    for line in reversed(lines):
        try:
            return msgspec.json.decode(line, type=Seal)
        except msgspec.MsgspecError:
            continue  # the line that was being written when the sealer died
    return None


def read_file(path: Path, keys: Sequence[str]) -> list[Checkpoint]:
    """The checkpoints in a file; raises LineError for a line that is none, or not signed by its key.

    A line that a death left behind (it does not even parse) is passed over. `keys`: the public keys that may have
    signed, any where empty. Raises OSError.
    """
    found = []
    # the last line may have been in writing when the sealer died
    with path.open("rb") as file, contextlib.suppress(CutError):
        for number, line in raw_lines(file):
            seal = _seal(line)
            if seal is not None:
                found.append(_checkpoint(f"{path.name}, line {number}", seal, keys))
    return found


def from_code(written: str) -> Checkpoint:
    """The checkpoint that a written code stands for; raises SealError when it was misread."""
    code: Code = read_code(written)
    return Checkpoint(name=f"code {written}", tree_size=code.tree_size, root_begins=code.root_begins)


def _seal(line: bytes) -> Seal | None:
    try:
        return msgspec.json.decode(line, type=Seal)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _checkpoint(name: str, seal: Seal, keys: Sequence[str]) -> Checkpoint:
    try:
        statement = read_statement(seal.statement)
    except SealError as error:
        raise LineError(f"{name}: {error}") from error
    if keys and statement.key not in keys:
        raise LineError(f"{name}: signed with key {statement.key}, expected {' or '.join(keys)}")
    if not is_signed(seal.statement, seal.signature, statement.key):
        raise LineError(f"{name}: the signature is not that of the key it names")
    return Checkpoint(name=name, tree_size=statement.tree_size, root_begins=statement.root, statement=statement)
