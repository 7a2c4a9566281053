"""Verifies an exported audit log offline: every entry, every seal, and that earlier checkpoints are its beginnings.

Needs the file, the sealer's public key and checkpoints from elsewhere; no database. Each tampering is named with its
line, the first one first. What a log cannot show by itself (that its end was cut off together with the seals, that its
own key is the right one) is said in the report's notes instead.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from typing import BinaryIO

import msgspec

from dealerdesk.commands.audit_cases import CaseCheck
from dealerdesk.commands.audit_lines import (
    CASES,
    CutError,
    EndLine,
    EntryLine,
    Line,
    LineError,
    SealLine,
    raw_lines,
    read_head,
    read_line,
)
from dealerdesk.commands.audit_report import NO_CHECKPOINT, Report
from dealerdesk.commands.canonical import LEAF
from dealerdesk.commands.checkpoints import Checkpoint
from dealerdesk.commands.merkle import Frontier
from dealerdesk.commands.seal_check import SealCheck, tree_of
from dealerdesk.commands.seals import Seal, Statement


class EntryHead(msgspec.Struct, frozen=True):
    """What is read of an entry; all of it is hashed."""

    id: str
    at_us: int
    actor: str
    action: str


_heads = msgspec.json.Decoder(EntryHead)


def verify(file: BinaryIO, keys: Sequence[str] = (), checkpoints: Sequence[Checkpoint] = ()) -> Report:
    """The report on an export of everything or of chosen entries.

    `keys`: the public keys (hex) that may have sealed it; with none, seals are held against the key they name.
    """
    report = Report()
    lines = raw_lines(file)
    check: CaseCheck | LogCheck | None = None
    try:
        head = read_head(lines)
        report.database = head.database
        points = _of_this_database(report, checkpoints)
        check = CaseCheck(report, keys, points) if head.what == CASES else LogCheck(report, keys, points)
        for number, line in lines:
            check.take(number, read_line(number, line))
        check.finish()
    except CutError as error:
        report.problem(f"{error}: the file's tail was cut off", _place(check))
    except LineError as error:
        report.problem(f"{error}; nothing from there on was looked at", _place(check))
    return report


def _place(check: CaseCheck | LogCheck | None) -> int | None:
    """The entry that had to come next where reading stopped; None before any and in an export of single ones."""
    return check.place if isinstance(check, LogCheck) else None


class LogCheck:
    """Takes the lines after the head of an export of everything, one by one.

    What is wrong between two seals is said where it shows; the next seal, if its frontier gives its root, lets the
    entries after it be checked as if nothing had been before.
    """

    def __init__(self, report: Report, keys: Sequence[str], checkpoints: Sequence[Checkpoint]) -> None:
        self._report = report
        self._seals = SealCheck(report, keys, report.database)
        self._frontier = Frontier()
        self._sealed = 0
        self._is_broken = False
        self._ids: set[str] = set()
        self._points: dict[int, list[Checkpoint]] = defaultdict(list)
        for point in checkpoints:
            self._points[point.tree_size].append(point)
        self._has_ended = False
        if not checkpoints:
            report.notes.append(NO_CHECKPOINT)

    @property
    def place(self) -> int:
        """The number of the entry that comes next."""
        return self._frontier.size

    def take(self, number: int, line: Line) -> None:
        """The next line; raises LineError for one that cannot stand there."""
        if self._has_ended:
            raise LineError(f"line {number}: expected nothing after the end of the export")
        match line:
            case EntryLine():
                self._entry(number, line)
            case SealLine():
                self._seal(number, line.seal)
            case EndLine():
                self._end(number, line)
            case _:
                raise LineError(f"line {number}: expected an entry, a seal or the end")

    def finish(self) -> None:
        """There are no more lines."""
        if not self._has_ended:
            self._report.problem("the file ends without its last line: its tail was cut off")
        later = sorted((point for points in self._points.values() for point in points), key=_size_of)
        if later:
            point, more = later[-1], f", and so do {len(later) - 1} others" if later[1:] else ""
            self._report.problem(
                f"{point.name} speaks of {point.tree_size} entries{more}; only {self._frontier.size} stand here:"
                " the tail was cut off",
                self._frontier.size,
            )

    def _entry(self, number: int, line: EntryLine) -> None:
        said = bytes(line.entry)
        leaf = hashlib.sha256(LEAF + said).digest()
        place = self._frontier.size
        try:
            entry_id = _heads.decode(said).id
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            self._broken(f"line {number}: entry {line.leaf} is no audit entry: {error}", place)
            entry_id = ""
        if entry_id in self._ids:
            # left out of the tree, so that what follows can still be right
            self._broken(f"line {number}: entry {line.leaf} is a duplicate: {entry_id!r} stands before", place)
            return
        if entry_id:
            self._ids.add(entry_id)
        if line.leaf != place and not self._is_broken:
            words = f"expected entry {place}, found entry {line.leaf}: entries were swapped, taken out or put in"
            self._broken(f"line {number}: {words}", place)
        if leaf.hex() != line.hash:
            self._broken(f"line {number}: entry {line.leaf} was changed: its text has another hash", place)
        self._report.entries += 1
        self._frontier.append(leaf)
        if place + 1 in self._points:
            self._compare(number)

    def _seal(self, number: int, seal: Seal) -> None:
        said = self._seals.take(number, seal)
        if said is None:
            return
        if not self._is_broken:
            self._hold_against(number, said)
        if self._frontier.size != said.tree_size or self._frontier.root().hex() != said.root:
            self._go_on_from(number, seal, said)
        else:
            self._is_broken = False
        self._sealed = self._frontier.size
        self._report.tree_size, self._report.root = said.tree_size, said.root

    def _hold_against(self, number: int, said: Statement) -> None:
        """Says what is wrong with entries that each looked right."""
        size = self._frontier.size
        where = f"line {number}: seal {said.number}"
        between = f"between entries {self._sealed} and {max(size, said.tree_size) - 1}"
        if size != said.tree_size:
            words = f"{where} covers {said.tree_size} entries, {size} stand before it: some were taken out or put in"
            self._broken(f"{words} {between}", self._sealed)
        elif self._frontier.root().hex() != said.root:
            self._broken(f"{where} is of other entries: one {between} was changed, swapped or forged", self._sealed)

    def _go_on_from(self, number: int, seal: Seal, said: Statement) -> None:
        """Takes the seal's own tree to go on from, if it is what was signed."""
        frontier = tree_of(said, seal)
        if frontier is None:
            self._report.problem(f"line {number}: what follows seal {said.number} cannot be checked entry by entry")
            return
        self._frontier, self._is_broken = frontier, False
        if said.tree_size in self._points:
            self._compare(number)

    def _end(self, number: int, line: EndLine) -> None:
        self._has_ended = True
        size = self._frontier.size
        if size > self._sealed:
            self._broken(f"line {number}: entries {self._sealed} to {size - 1} are under no seal", self._sealed)
        if (line.end.entries, line.end.seals) != (size, self._report.seals):
            self._report.problem(
                f"line {number}: {line.end.entries} entries and {line.end.seals} seals were exported,"
                f" {size} and {self._report.seals} stand here"
            )

    def _compare(self, number: int) -> None:
        """Holds the tree as it stands against the checkpoints of its size."""
        root = self._frontier.root().hex()
        for point in self._points.pop(self._frontier.size):
            self._report.checkpoints += 1
            if not point.fits(root):
                self._report.problem(
                    f"line {number}: {point.name} is not the beginning of this log: the first {point.tree_size}"
                    " entries were others then"
                )

    def _broken(self, words: str, entry: int) -> None:
        self._is_broken = True
        self._report.problem(words, entry)


def _of_this_database(report: Report, checkpoints: Sequence[Checkpoint]) -> list[Checkpoint]:
    """The checkpoints that can be compared; one of another database is a problem of its own."""
    points = []
    for point in checkpoints:
        if point.statement is not None and point.statement.database != report.database:
            report.problem(f"{point.name} is a checkpoint of another database: {point.statement.database!r}")
        else:
            points.append(point)
    return points


def _size_of(point: Checkpoint) -> int:
    return point.tree_size
