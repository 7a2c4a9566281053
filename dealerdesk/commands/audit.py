"""The audit log: who did what, when, why, before and after; written in the transaction of the change itself.

Each entry is canonical JSON with its leaf hash; the columns beside it only serve to find it. The database refuses to
change or remove an entry. Chaining the leaves (`sealing`) and publishing the chain elsewhere is not done here. Nothing
personal stands in an entry unless it is encrypted under its client's own key (`personal`).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select, text

from dealerdesk.commands.canonical import canonical, leaf_hash
from dealerdesk.store.schema import audit

APPROVED = "command approved"
"""The action of the entry that lets a command through: what the sealer does not wait a second for."""
FILED_UNDER = ("at_us", "actor", "action", "subject", "server", "login", "client_id", "kind")
"""The columns that repeat what an entry says."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened. `before` and `after` are what changed, as plain values; `origin` is from where;
    `kind` is that of the command it is about. All fields are in the JSON, `null` where there is nothing."""

    id: str
    at_us: int
    actor: str
    action: str
    subject: str
    server: str = ""
    login: int | None = None
    client_id: int | None = None
    kind: str = ""
    reason: str = ""
    origin: str = ""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}


def new_entry_id() -> str:
    """A fresh id; equal entries of one moment must still be two."""
    return secrets.token_hex(16)


def write(connection: Connection, entry: Entry) -> None:
    """Adds the entry in the caller's transaction."""
    connection.execute(insert(audit).values(_columns(connection, entry)))


def write_once(connection: Connection, entry: Entry) -> None:
    """Adds the entry unless one of its id is there: for what may be told again and whose id follows from what it is."""
    if connection.scalar(select(audit.c.id).where(audit.c.entry_id == entry.id)) is None:
        write(connection, entry)


def _columns(connection: Connection, entry: Entry) -> dict[str, Any]:
    said = canonical(entry)
    txid = "0" if connection.dialect.name == "sqlite" else "pg_current_xact_id()::text::bigint"
    filed = {"entry_id": entry.id} | {name: getattr(entry, name) for name in FILED_UNDER}
    return filed | {"entry": said, "leaf_hash": leaf_hash(said), "txid": text(txid)}


def history_of(connection: Connection, subject: str) -> list[Entry]:
    """All entries about a command, a person or a policy, oldest first."""
    rows = connection.scalars(select(audit.c.entry).where(audit.c.subject == subject).order_by(audit.c.id))
    return [msgspec.json.decode(said, type=Entry) for said in rows]


def verify_leaves(connection: Connection) -> list[str]:
    """What is wrong with the entries, one sentence each, oldest first; empty when every leaf is whole."""
    return [problem for row in connection.execute(select(audit).order_by(audit.c.id)) for problem in _problems(row)]


def _problems(row: Row[tuple[object, ...]]) -> Iterator[str]:
    if leaf_hash(row.entry) != row.leaf_hash:
        yield f"audit entry {row.id}: its text does not match its hash"
    try:
        entry = msgspec.json.decode(row.entry, type=Entry)
    except msgspec.MsgspecError as error:
        yield f"audit entry {row.id}: not an entry: {error}"
        return
    filed = (row.entry_id, *(row._mapping[name] for name in FILED_UNDER))
    if filed != (entry.id, *(getattr(entry, name) for name in FILED_UNDER)):
        yield f"audit entry {row.id}: it is filed under something else than what it says"
