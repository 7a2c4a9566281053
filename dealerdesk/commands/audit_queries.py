"""Reads the audit log a page at a time: what is asked for, newest first, and the seal that each entry lies under.

The database does the choosing, so that a log of any length is looked at through some thousand entries. Changes nothing
and proves nothing; proofs are for the export.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, func, or_, select

from dealerdesk.commands.audit import Entry
from dealerdesk.commands.audit_query import AuditQuery
from dealerdesk.store.schema import accounts, audit, audit_order, audit_seals, commands, staff

PAGE = 1_000
OUT_OF_ORDER_MAX = 2_000
ESCAPE = "\\"

_entries: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An entry with its place in the log. `leaf` and the seal (`number`, `sealed_us`) are None until it is sealed;
    `title` is the sentence of the command that it is about, empty where it is about none."""

    id: int
    entry: Entry
    leaf_hash: str
    leaf: int | None
    seal: int | None
    sealed_us: int | None
    title: str = ""


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Rows newest first; `has_more` when older ones meet the query too. `seal` and `sealed_us` are the newest seal's,
    `waiting` is how many entries none has closed over yet."""

    rows: tuple[AuditRow, ...]
    has_more: bool
    seal: int | None
    sealed_us: int | None
    waiting: int


def audit_page(connection: Connection, query: AuditQuery, before_id: int | None = None, limit: int = PAGE) -> AuditPage:
    """The newest entries that meet the query; `before_id` goes on behind the oldest row of an earlier page."""
    chosen = _chosen(
        select(audit, audit_order.c.leaf).outerjoin(audit_order, audit_order.c.audit_id == audit.c.id), query
    )
    if before_id is not None:
        chosen = chosen.where(audit.c.id < before_id)
    found = connection.execute(chosen.order_by(audit.c.id.desc()).limit(limit + 1)).all()
    newest = select(audit_seals.c.number, audit_seals.c.sealed_us).order_by(audit_seals.c.number.desc()).limit(1)
    seal = connection.execute(newest).first()
    rows = tuple(_rows(connection, found[:limit]))
    number, sealed_us = seal if seal is not None else (None, None)
    return AuditPage(rows, len(found) > limit, number, sealed_us, _waiting(connection))


def audit_head(connection: Connection) -> tuple[int, int]:
    """The newest entry's number and the newest seal's: whoever shows the log reads it anew when one has moved."""
    entry, seal = (
        connection.scalar(select(func.max(audit.c.id))),
        connection.scalar(select(func.max(audit_seals.c.number))),
    )
    return entry or 0, seal or 0


def people(connection: Connection) -> dict[str, str]:
    """Staff id → name."""
    return {row.id: row.name for row in connection.execute(select(staff.c.id, staff.c.name))}


def _chosen(chosen: Select[Any], query: AuditQuery) -> Select[Any]:
    exact = {"subject": query.subject, "server": query.server, "login": query.login}
    for column, value in exact.items():
        if value not in (None, ""):
            chosen = chosen.where(audit.c[column] == value)
    if query.client_id is not None:
        chosen = chosen.where(
            or_(audit.c.client_id == query.client_id, audit.c.subject.in_(_of_client(query.client_id)))
        )
    if query.from_us is not None:
        chosen = chosen.where(audit.c.at_us >= query.from_us)
    if query.until_us is not None:
        chosen = chosen.where(audit.c.at_us < query.until_us)
    if query.actor:
        named = select(staff.c.id).where(_holds(staff.c.name, query.actor))
        chosen = chosen.where(or_(_holds(audit.c.actor, query.actor), audit.c.actor.in_(named)))
    if query.what:
        chosen = chosen.where(
            or_(_holds(audit.c.action, query.what), _holds(audit.c.kind, query.what.replace(" ", "_")))
        )
    if query.text:
        chosen = chosen.where(_holds(audit.c.entry, query.text))
    return chosen


def _of_client(client_id: int) -> Select[Any]:
    """The commands on a client's accounts: entries about them are the client's, filed under the client or not."""
    of_account = (commands.c.server == accounts.c.server) & (commands.c.login == accounts.c.login)
    return select(commands.c.id).join_from(accounts, commands, of_account).where(accounts.c.client_id == client_id)


def _holds(column: Any, words: str) -> Any:
    """That a column holds the words, each wildcard taken as itself."""
    for sign in (ESCAPE, "%", "_"):
        words = words.replace(sign, ESCAPE + sign)
    return column.ilike(f"%{words}%", escape=ESCAPE)


def _waiting(connection: Connection) -> int:
    """How many of the last entries have no place in the tree yet. Transactions commit in another order than they
    number their entries, so a few before the last sealed one are looked at too."""
    last = connection.scalar(select(func.max(audit_order.c.audit_id))) or 0
    unplaced = ~select(audit_order.c.leaf).where(audit_order.c.audit_id == audit.c.id).exists()
    recent = audit.c.id > last - OUT_OF_ORDER_MAX
    return connection.scalar(select(func.count()).select_from(audit).where(recent, unplaced)) or 0


def _rows(connection: Connection, found: Sequence[Row[Any]]) -> list[AuditRow]:
    leaves = [row.leaf for row in found if row.leaf is not None]
    seals = _seals_over(connection, min(leaves), max(leaves)) if leaves else []
    sizes = [size for size, _, _ in seals]
    about = select(commands.c.id, commands.c.title).where(commands.c.id.in_({row.subject for row in found}))
    titles = {row.id: row.title for row in connection.execute(about)}
    rows = []
    for row in found:
        # the first seal whose tree is larger than the leaf's number is the one that closed over it
        place = bisect_right(sizes, row.leaf) if row.leaf is not None else len(seals)
        number, sealed_us = seals[place][1:] if place < len(seals) else (None, None)
        title = titles.get(row.subject, "")
        rows.append(AuditRow(row.id, _entries.decode(row.entry), row.leaf_hash, row.leaf, number, sealed_us, title))
    return rows


def _seals_over(connection: Connection, first: int, last: int) -> list[tuple[int, int, int]]:
    """The seals (tree size, number, moment) that closed over the leaves `first` … `last`, in order."""
    closing = select(func.min(audit_seals.c.tree_size)).where(audit_seals.c.tree_size > last).scalar_subquery()
    within = (audit_seals.c.tree_size > first) & (
        (audit_seals.c.tree_size <= closing) | ((audit_seals.c.tree_size <= last) & closing.is_(None))
    )
    columns = (audit_seals.c.tree_size, audit_seals.c.number, audit_seals.c.sealed_us)
    return [
        (r.tree_size, r.number, r.sealed_us)
        for r in connection.execute(select(*columns).where(within).order_by(columns[0]))
    ]
