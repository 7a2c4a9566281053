"""A small sealed audit log in memory, as an export writes it, for tests that then spoil it."""

from __future__ import annotations

import io

import msgspec

from dealerdesk.commands import merkle
from dealerdesk.commands.audit_lines import (
    CASES,
    EVERYTHING,
    FORMAT,
    Case,
    CaseLine,
    End,
    EndLine,
    EntryLine,
    Export,
    ExportLine,
    Grown,
    GrownLine,
    Line,
    SealLine,
    write_line,
)
from dealerdesk.commands.canonical import canonical, leaf_hash
from dealerdesk.commands.merkle import Frontier
from dealerdesk.commands.seals import Seal, Statement, public_key, sign, statement_hash

KEY = "11" * 32
OTHER_KEY = "22" * 32
PUBLIC = public_key(KEY)
DATABASE = "northwind"
SEALED_US = 1_700_000_000_000_000


def entry_text(number: int, actor: str = "dana") -> str:
    """An audit entry as canonical JSON."""
    fields = {"id": f"entry-{number}", "at_us": SEALED_US + number, "actor": actor, "action": "tested"}
    return canonical(fields | {"subject": "s", "before": {}, "after": {"ü": "✓", "n": number}})


class SealedLog:
    """`batches` are the entries' texts by seal; `seals` and `entries` are filled from them."""

    def __init__(
        self,
        batches: list[list[str]] | None = None,
        *,
        key: str = KEY,
        database: str = DATABASE,
    ) -> None:
        self.batches = batches or [[entry_text(4 * batch + n) for n in range(4)] for batch in range(3)]
        self.seals: list[Seal] = []
        self.entries: list[EntryLine] = []
        self.lines: list[Line] = [ExportLine(Export(EVERYTHING, FORMAT, database, SEALED_US))]
        frontier, previous = Frontier(), ""
        for number, batch in enumerate(self.batches, start=1):
            for text in batch:
                line = EntryLine(frontier.size, leaf_hash(text), msgspec.Raw(text))
                frontier.append(bytes.fromhex(line.hash))
                self.entries.append(line)
                self.lines.append(line)
            statement = Statement(
                database=database,
                key=public_key(key),
                number=number,
                previous=previous,
                root=frontier.root().hex(),
                sealed_us=SEALED_US + number,
                tree_size=frontier.size,
            )
            text, signature = sign(statement, key)
            previous = statement_hash(text)
            seal = Seal(statement=text, signature=signature, frontier=tuple(peak.hex() for peak in frontier.peaks))
            self.seals.append(seal)
            self.lines.append(SealLine(seal))
        self.lines.append(EndLine(End(len(self.entries), len(self.seals))))

    def cases(self, leaves: list[int], sizes: tuple[int, ...] = ()) -> list[Line]:
        """The lines of an export of these entries alone, with the proofs for trees of `sizes`."""
        hashes = [bytes.fromhex(line.hash) for line in self.entries]
        lines: list[Line] = [ExportLine(Export(CASES, FORMAT, DATABASE, SEALED_US)), SealLine(self.seals[-1])]
        for leaf in leaves:
            line = self.entries[leaf]
            proof = tuple(part.hex() for part in merkle.inclusion_proof(leaf, hashes))
            lines.append(CaseLine(Case(leaf, line.hash, line.entry, proof)))
        for size in sizes:
            proof = tuple(part.hex() for part in merkle.consistency_proof(size, hashes))
            lines.append(GrownLine(Grown(size, merkle.root_of(hashes[:size]).hex(), proof)))
        return [*lines, EndLine(End(len(leaves), 1))]

    def file(self) -> io.BytesIO:
        """The export's bytes."""
        return file_of(self.lines)


def file_of(lines: list[Line]) -> io.BytesIO:
    """These lines as a file."""
    file = io.BytesIO()
    for line in lines:
        write_line(file, line)
    file.seek(0)
    return file
