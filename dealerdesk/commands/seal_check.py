"""Whether one seal follows from the one before it: signature, key, number, name of the database. Not the tree."""

from __future__ import annotations

from collections.abc import Sequence

from dealerdesk.commands.audit_report import NO_KEY, Report
from dealerdesk.commands.merkle import HASH_BYTES, Frontier
from dealerdesk.commands.seals import (
    Seal,
    SealError,
    Statement,
    is_hex,
    is_signed,
    read_statement,
    statement_hash,
)


def tree_of(said: Statement, seal: Seal) -> Frontier | None:
    """The tree that a seal carries to go on from; None when it is not the one that was signed."""
    if not all(is_hex(peak, HASH_BYTES) for peak in seal.frontier):
        return None
    try:
        frontier = Frontier(said.tree_size, map(bytes.fromhex, seal.frontier))
    except ValueError:
        return None
    return frontier if frontier.root().hex() == said.root else None


class SealCheck:
    """Takes seals in their order; what is wrong with one goes into the report."""

    def __init__(self, report: Report, keys: Sequence[str], database: str, *, is_from_first: bool = True) -> None:
        self._report = report
        self._keys = list(keys)
        self._database = database
        self._number = 0 if is_from_first else None
        self._previous = ""
        self._tree_size = 0
        if not keys:
            report.notes.append(NO_KEY)

    def take(self, line: int, seal: Seal) -> Statement | None:
        """What the seal says; None when it says nothing."""
        where = f"line {line}"
        self._report.seals += 1
        try:
            said = read_statement(seal.statement)
        except SealError as error:
            self._report.problem(f"{where}: {error}")
            return None
        where = f"{where}: seal {said.number}"
        for trouble in self._troubles(said, seal):
            self._report.problem(f"{where} {trouble}")
        self._number, self._tree_size = said.number, said.tree_size
        self._previous = statement_hash(seal.statement)
        return said

    def _troubles(self, said: Statement, seal: Seal) -> list[str]:
        troubles = []
        if not self._keys:
            # without a key from elsewhere, all seals must at least have one in common
            self._keys.append(said.key)
        if said.key not in self._keys:
            troubles.append(f"is signed with the wrong key: {said.key}, expected {' or '.join(self._keys)}")
        if not is_signed(seal.statement, seal.signature, said.key):
            troubles.append("was changed or forged: its signature is not that of the key it names")
        if said.database != self._database:
            troubles.append(f"is of another database: {said.database!r}, expected {self._database!r}")
        if tree_of(said, seal) is None:
            troubles.append("carries another tree than it states")
        if self._number is not None:
            troubles.extend(self._out_of_order(said))
        return troubles

    def _out_of_order(self, said: Statement) -> list[str]:
        expected = (self._number or 0) + 1
        if said.number > expected:
            missing = (
                f"seal {expected} is" if said.number == expected + 1 else f"seals {expected} to {said.number - 1} are"
            )
            return [f"stands where seal {expected} must: {missing} missing"]
        if said.number < expected:
            return [f"stands where seal {expected} must: it was put in again or out of order"]
        if said.previous != self._previous:
            return ["does not follow from the seal before it"]
        if said.tree_size < self._tree_size:
            return [f"covers {said.tree_size} entries, the one before it {self._tree_size}"]
        return []
