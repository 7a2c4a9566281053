"""Writes the sealed audit log to a file: all of it in its sealed order, or chosen entries with their proofs.

What is not sealed yet is left out; it is a second old at most while the hub runs. Reads the database as it is and
judges nothing: `audit_verify` does, without a database.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import msgspec
from sqlalchemy import Connection, and_, false, func, not_, or_, select

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
    SealLine,
    write_line,
)
from dealerdesk.commands.merkle import Frontier, consistency_ranges, inclusion_ranges, peak_ranges, roots_of
from dealerdesk.commands.records import Refused
from dealerdesk.commands.sealing import Sealed, last_seal, sealed_entries, sealed_hashes, seals_after
from dealerdesk.commands.seals import Statement
from dealerdesk.store.schema import audit, audit_order

CASES_MAX = 10_000
IDS_AT_ONCE = 500
NOTHING_SEALED = "Nothing has been sealed yet: the hub seals the audit log each second"
SEES_A_PART = "You see only part of the audit log: whoever sees every server can export it"
_SEES_A_PART = and_(func.row_security_active("audit"), not_(func.coalesce(func.api.sees_all(), false())))


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written, and the last seal that covers it."""

    entries: int
    seals: int
    last: Sealed


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sealed entry and its place."""

    leaf: int
    entry: str
    leaf_hash: str


def export_everything(connection: Connection, file: BinaryIO, now_us: int) -> Exported:
    """Writes every sealed entry and every seal; raises Refused when there is none."""
    last = _last(connection)
    _head(file, EVERYTHING, last, now_us)
    entries, seals = 0, _seals(connection, last.number)
    seal = next(seals)
    for leaf, entry, leaf_hash in sealed_entries(connection, last.tree_size):
        while leaf >= seal.tree_size:
            write_line(file, SealLine(seal.seal))
            seal = next(seals)
        write_line(file, EntryLine(leaf, leaf_hash, msgspec.Raw(entry)))
        entries += 1
    for rest in (seal, *seals):
        write_line(file, SealLine(rest.seal))
    write_line(file, EndLine(End(entries, last.number)))
    return Exported(entries, last.number, last)


def export_cases(
    connection: Connection, file: BinaryIO, entry_ids: Collection[str], now_us: int, *, sizes: Sequence[int] = ()
) -> Exported:
    """Writes these entries, each with the proof that the last seal covers it, and the proofs that the log of each of
    `sizes` entries (those of checkpoints that lie elsewhere) is the seal's beginning.

    Raises Refused for entries that are not sealed, or too many.
    """
    last = _last(connection)
    chosen = _chosen(connection, entry_ids)
    first_sizes = sorted({size for size in sizes if 0 < size <= last.tree_size})
    paths = {case.leaf: inclusion_ranges(case.leaf, last.tree_size) for case in chosen}
    grown = {size: consistency_ranges(size, last.tree_size) for size in first_sizes}
    beginnings = {size: peak_ranges(size) for size in first_sizes}
    wanted = [part for ranges in (*paths.values(), *grown.values(), *beginnings.values()) for part in ranges]
    roots = roots_of(wanted, sealed_hashes(connection, last.tree_size))
    _head(file, CASES, last, now_us)
    write_line(file, SealLine(last.seal))
    for case in chosen:
        proof = tuple(roots[part].hex() for part in paths[case.leaf])
        write_line(file, CaseLine(Case(case.leaf, case.leaf_hash, msgspec.Raw(case.entry), proof)))
    for size in first_sizes:
        root = Frontier(size, [roots[part] for part in beginnings[size]]).root().hex()
        write_line(file, GrownLine(Grown(size, root, tuple(roots[part].hex() for part in grown[size]))))
    write_line(file, EndLine(End(len(chosen), 1)))
    return Exported(len(chosen), 1, last)


def entries_about(connection: Connection, *, subject: str = "", client_id: int | None = None) -> list[str]:
    """The ids of all entries about a command, person or policy, and of all about a client; oldest first."""
    about = []
    if subject:
        about.append(audit.c.subject == subject)
    if client_id is not None:
        about.append(audit.c.client_id == client_id)
    return list(connection.scalars(select(audit.c.entry_id).where(or_(false(), *about)).order_by(audit.c.id)))


def _last(connection: Connection) -> Sealed:
    """The last seal; raises Refused for who sees only part of the log, since a part proves nothing."""
    if connection.dialect.name == "postgresql" and connection.scalar(select(_SEES_A_PART)):
        raise Refused(SEES_A_PART)
    last = last_seal(connection)
    if last is None:
        raise Refused(NOTHING_SEALED)
    return last


def _head(file: BinaryIO, what: str, last: Sealed, now_us: int) -> None:
    database = msgspec.json.decode(last.statement, type=Statement).database
    write_line(file, ExportLine(Export(what, FORMAT, database, now_us)))


def _seals(connection: Connection, last: int) -> Iterator[Sealed]:
    """All seals up to number `last`, oldest first."""
    number = 0
    while number < last:
        seals = seals_after(connection, number)
        if not seals:
            return
        for seal in seals:
            if seal.number <= last:
                yield seal
        number = seals[-1].number


def _chosen(connection: Connection, entry_ids: Collection[str]) -> list[Chosen]:
    wanted = sorted(set(entry_ids))
    if not wanted:
        raise Refused("There is no such entry in the audit log")
    if len(wanted) > CASES_MAX:
        raise Refused(f"{len(wanted):,} entries are too many to prove one by one: export everything")
    query = select(audit_order.c.leaf, audit.c.entry, audit.c.leaf_hash).join_from(
        audit_order, audit, audit_order.c.audit_id == audit.c.id
    )
    found: list[Chosen] = []
    for start in range(0, len(wanted), IDS_AT_ONCE):
        rows = connection.execute(query.where(audit.c.entry_id.in_(wanted[start : start + IDS_AT_ONCE])))
        found.extend(Chosen(row.leaf, row.entry, row.leaf_hash) for row in rows)
    if len(found) != len(wanted):
        raise Refused(f"{len(wanted) - len(found)} of {len(wanted)} entries are not there or not sealed yet")
    return sorted(found, key=_leaf_of)


def _leaf_of(case: Chosen) -> int:
    return case.leaf
