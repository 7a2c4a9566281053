"""Verifies an export of chosen entries: each by its proof under one seal, and earlier checkpoints by theirs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from dealerdesk.commands import merkle
from dealerdesk.commands.audit_lines import Case, CaseLine, EndLine, Grown, GrownLine, Line, LineError, SealLine
from dealerdesk.commands.audit_report import NO_CHECKPOINT, Report
from dealerdesk.commands.canonical import LEAF
from dealerdesk.commands.checkpoints import Checkpoint
from dealerdesk.commands.merkle import HASH_BYTES
from dealerdesk.commands.seal_check import SealCheck
from dealerdesk.commands.seals import Seal, Statement, is_hex

NAMED_MAX = 3


class CaseCheck:
    """Takes the lines after the head, one by one."""

    def __init__(self, report: Report, keys: Sequence[str], checkpoints: Sequence[Checkpoint]) -> None:
        self._report = report
        self._seals = SealCheck(report, keys, report.database, is_from_first=False)
        self._checkpoints = list(checkpoints)
        self._said: Statement | None = None
        self._has_ended = False
        if not checkpoints:
            report.notes.append(NO_CHECKPOINT)

    def take(self, number: int, line: Line) -> None:
        """The next line; raises LineError for one that cannot stand there."""
        if self._has_ended:
            raise LineError(f"line {number}: expected nothing after the end of the export")
        match line:
            case SealLine() if self._report.seals == 0:
                self._seal(number, line.seal)
            case CaseLine() if self._said is not None:
                self._case(number, line.case, self._said)
            case GrownLine() if self._said is not None:
                self._grown(number, line.grown, self._said)
            case EndLine() if self._said is not None:
                self._has_ended = True
                if (line.end.entries, line.end.seals) != (self._report.entries, self._report.seals):
                    self._report.problem(
                        f"line {number}: {line.end.entries} entries were exported, {self._report.entries} stand here"
                    )
            case _:
                wanted = "a seal" if self._said is None else "an entry with its proof"
                raise LineError(f"line {number}: expected {wanted}")

    def finish(self) -> None:
        """There are no more lines."""
        if not self._has_ended:
            self._report.problem("the file ends without its last line: its tail was cut off")
        if self._checkpoints and self._said is not None:
            names = ", ".join(point.name for point in self._checkpoints[:NAMED_MAX])
            self._report.notes.append(
                f"{len(self._checkpoints)} checkpoints could not be compared ({names}): an export of single entries"
                " holds proofs for those that it was made with"
            )

    def _seal(self, number: int, seal: Seal) -> None:
        said = self._seals.take(number, seal)
        if said is None:
            raise LineError(f"line {number}: without its seal nothing in this file can be verified")
        self._said = said
        self._report.tree_size, self._report.root = said.tree_size, said.root
        self._compare(number, said.tree_size, said.root)

    def _case(self, number: int, case: Case, said: Statement) -> None:
        self._report.entries += 1
        leaf = hashlib.sha256(LEAF + bytes(case.entry)).digest()
        if leaf.hex() != case.hash:
            self._report.problem(f"line {number}: entry {case.leaf} was changed: its text has another hash", case.leaf)
        elif not merkle.is_included(
            leaf, case.leaf, said.tree_size, _hashes(number, case.proof), bytes.fromhex(said.root)
        ):
            words = f"line {number}: entry {case.leaf} is not proved to be under seal {said.number}"
            self._report.problem(words, case.leaf)

    def _grown(self, number: int, grown: Grown, said: Statement) -> None:
        first, root = _hashes(number, (grown.root,))[0], bytes.fromhex(said.root)
        if not merkle.is_beginning(grown.tree_size, first, said.tree_size, root, _hashes(number, grown.proof)):
            self._report.problem(f"line {number}: the log is not proved to have grown from {grown.tree_size} entries")
            return
        self._compare(number, grown.tree_size, grown.root)

    def _compare(self, number: int, tree_size: int, root: str) -> None:
        """Holds a root that is proved against the checkpoints of that size."""
        meant = [point for point in self._checkpoints if point.tree_size == tree_size]
        self._checkpoints = [point for point in self._checkpoints if point.tree_size != tree_size]
        for point in meant:
            self._report.checkpoints += 1
            if not point.fits(root):
                self._report.problem(
                    f"line {number}: {point.name} is not the beginning of this log: the first {tree_size} entries"
                    " were others then"
                )


def _hashes(number: int, texts: Sequence[str]) -> list[bytes]:
    if not all(is_hex(text, HASH_BYTES) for text in texts):
        raise LineError(f"line {number}: expected a proof of SHA-256 hashes in hex")
    return [bytes.fromhex(text) for text in texts]
