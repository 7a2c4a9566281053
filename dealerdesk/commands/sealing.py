"""Puts the audit's entries in their sealed order: which may be sealed now, and the next seal over them.

Entries get their place in the order of the transactions that wrote them, and only once no older transaction can still
add one: so nothing is ever put before what was sealed. Two sealers cannot both write seal number n: the second one's
transaction fails. When to seal, and where seals go besides, is the hub's business.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, func, insert, literal_column, or_, select

from dealerdesk.commands.audit import APPROVED
from dealerdesk.commands.merkle import Frontier
from dealerdesk.commands.seals import Seal, Statement, public_key, sign, statement_hash
from dealerdesk.store.schema import audit, audit_order, audit_seals

SEALED_AT_ONCE_MAX = 20_000
"""Entries of one seal: a log that was never sealed is sealed in pieces."""
ROWS_AT_ONCE = 10_000
DATABASE_NAME_BYTES = 8

_OLDEST_RUNNING: ColumnElement[int] = literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
_NOT_BEGUN: ColumnElement[int] = literal_column("pg_snapshot_xmax(pg_current_snapshot())::text::bigint")


@dataclass(frozen=True, slots=True)
class Sealed:
    """A seal as it stands in the database."""

    number: int
    tree_size: int
    root: str
    frontier: tuple[str, ...]
    statement: str
    statement_hash: str
    signature: str
    key_id: str
    sealed_us: int

    @property
    def seal(self) -> Seal:
        """The seal as it is handed on."""
        return Seal(statement=self.statement, signature=self.signature, frontier=self.frontier)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where to look for entries that are not sealed yet: from transaction `from_txid` on (PostgreSQL), after row
    `after_id` (SQLite). EVERYWHERE is always right, and slow in a long log."""

    from_txid: int = 0
    after_id: int = 0


EVERYWHERE = Place()


def last_seal(connection: Connection) -> Sealed | None:
    """The newest seal, or None."""
    row = connection.execute(select(audit_seals).order_by(audit_seals.c.number.desc()).limit(1)).first()
    return _sealed(row) if row is not None else None


def seals_after(connection: Connection, number: int, limit: int = 1_000) -> list[Sealed]:
    """The seals that follow seal `number`, oldest first, at most `limit`."""
    query = select(audit_seals).where(audit_seals.c.number > number).order_by(audit_seals.c.number).limit(limit)
    return [_sealed(row) for row in connection.execute(query)]


def approval_waits(connection: Connection, place: Place) -> bool:
    """Whether an approval could be sealed now."""
    query = select(audit.c.id).where(_sealable(connection, place), audit.c.action == APPROVED)
    return connection.execute(query.limit(1)).first() is not None


def place_to_look(connection: Connection) -> Place:
    """Where entries can still be unsealed once a `seal` that begins after this call has sealed all it found.

    Every transaction before the oldest one running has ended, so all that it wrote is there to be sealed.
    """
    if connection.dialect.name == "sqlite":
        return Place(after_id=connection.scalar(select(func.coalesce(func.max(audit_order.c.audit_id), 0))) or 0)
    return Place(from_txid=connection.scalar(select(_OLDEST_RUNNING)) or 0)


def seal(connection: Connection, key: str, now_us: int, place: Place = EVERYWHERE) -> Sealed | None:
    """Seals what can be sealed now, in the caller's transaction; None when there is nothing.

    Raises IntegrityError when another sealer was quicker, SealError for what is no key.
    """
    before = last_seal(connection)
    entries = _entries(connection, place)
    if not entries:
        return None
    frontier = Frontier(before.tree_size, map(bytes.fromhex, before.frontier)) if before else Frontier()
    first = frontier.size
    for _, leaf in entries:
        frontier.append(leaf)
    sealed = _next(before, frontier, key, now_us)
    columns = {name: getattr(sealed, name) for name in Sealed.__slots__}
    columns["frontier"] = msgspec.json.encode(sealed.frontier).decode()
    # first of all the number: a second sealer stops here and has placed nothing
    connection.execute(insert(audit_seals).values(**columns))
    rows = [{"leaf": first + offset, "audit_id": entry} for offset, (entry, _) in enumerate(entries)]
    connection.execute(insert(audit_order), rows)
    return sealed


def sealed_entries(connection: Connection, tree_size: int) -> Iterator[tuple[int, str, str]]:
    """The first `tree_size` entries in their sealed order as (leaf, entry, leaf hash)."""
    for row in _in_order(connection, tree_size, audit_order.c.leaf, audit.c.entry, audit.c.leaf_hash):
        yield row.leaf, row.entry, row.leaf_hash


def sealed_hashes(connection: Connection, tree_size: int) -> Iterator[bytes]:
    """The leaf hashes of the first `tree_size` entries in their sealed order."""
    for row in _in_order(connection, tree_size, audit.c.leaf_hash):
        yield bytes.fromhex(row.leaf_hash)


def _in_order(connection: Connection, tree_size: int, *columns: ColumnElement[Any]) -> Iterator[Row[Any]]:
    query = select(*columns).join_from(audit_order, audit, audit_order.c.audit_id == audit.c.id)
    for start in range(0, tree_size, ROWS_AT_ONCE):
        end = min(start + ROWS_AT_ONCE, tree_size)
        part = query.where(audit_order.c.leaf >= start, audit_order.c.leaf < end)
        yield from connection.execute(part.order_by(audit_order.c.leaf))


def _entries(connection: Connection, place: Place) -> list[tuple[int, bytes]]:
    """The entries to be sealed, in order, as (id, leaf hash)."""
    query = select(audit.c.id, audit.c.leaf_hash).where(_sealable(connection, place))
    rows = connection.execute(query.order_by(audit.c.txid, audit.c.id).limit(SEALED_AT_ONCE_MAX))
    return [(row.id, bytes.fromhex(row.leaf_hash)) for row in rows]


def _sealable(connection: Connection, place: Place) -> ColumnElement[bool]:
    unsealed = ~select(audit_order.c.leaf).where(audit_order.c.audit_id == audit.c.id).exists()
    if connection.dialect.name == "sqlite":
        return unsealed & (audit.c.id > place.after_id)
    # a transaction that has not begun can have written nothing: its entries came with a restored database
    ended = or_(audit.c.txid < _OLDEST_RUNNING, audit.c.txid >= _NOT_BEGUN)
    return unsealed & ended & (audit.c.txid >= place.from_txid)


def _next(before: Sealed | None, frontier: Frontier, key: str, now_us: int) -> Sealed:
    """The seal after `before`. The first one names the database; the name goes from seal to seal."""
    name = (
        msgspec.json.decode(before.statement, type=Statement).database
        if before is not None
        else secrets.token_hex(DATABASE_NAME_BYTES)
    )
    statement = Statement(
        database=name,
        key=public_key(key),
        number=before.number + 1 if before is not None else 1,
        previous=before.statement_hash if before is not None else "",
        root=frontier.root().hex(),
        sealed_us=now_us,
        tree_size=frontier.size,
    )
    text, signature = sign(statement, key)
    return Sealed(
        number=statement.number,
        tree_size=statement.tree_size,
        root=statement.root,
        frontier=tuple(peak.hex() for peak in frontier.peaks),
        statement=text,
        statement_hash=statement_hash(text),
        signature=signature,
        key_id=statement.key,
        sealed_us=now_us,
    )


def _sealed(row: Row[Any]) -> Sealed:
    values = dict(row._mapping)
    return Sealed(**values | {"frontier": msgspec.json.decode(row.frontier, type=tuple[str, ...])})
