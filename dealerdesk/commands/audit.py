"""The audit log: who did what, when, why, before and after; written in the transaction of the change itself.

Each entry is canonical JSON with its leaf hash; the columns beside it only serve to find it. The database refuses to
change or remove an entry. Chaining the leaves and publishing the chain elsewhere is not done here.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection, Row, insert, select

from dealerdesk.commands.canonical import canonical, leaf_hash
from dealerdesk.store.schema import audit


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened. `before` and `after` are what changed, as plain values; `origin` is from where."""

    id: str
    at_us: int
    actor: str
    action: str
    subject: str
    server: str = ""
    login: int | None = None
    reason: str = ""
    origin: str = ""
    before: dict[str, str | int | None] = {}
    after: dict[str, str | int | None] = {}


def new_entry_id() -> str:
    """A fresh id; equal entries of one moment must still be two."""
    return secrets.token_hex(16)


def write(connection: Connection, entry: Entry) -> None:
    """Adds the entry in the caller's transaction."""
    text = canonical(entry)
    columns = {
        "entry_id": entry.id,
        "at_us": entry.at_us,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "server": entry.server,
        "login": entry.login,
    }
    connection.execute(insert(audit).values(**columns, entry=text, leaf_hash=leaf_hash(text)))


def history_of(connection: Connection, subject: str) -> list[Entry]:
    """All entries about a command, a person or a policy, oldest first."""
    rows = connection.scalars(select(audit.c.entry).where(audit.c.subject == subject).order_by(audit.c.id))
    return [msgspec.json.decode(text, type=Entry) for text in rows]


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
    found = (row.entry_id, row.at_us, row.actor, row.action, row.subject, row.server, row.login)
    if found != (entry.id, entry.at_us, entry.actor, entry.action, entry.subject, entry.server, entry.login):
        yield f"audit entry {row.id}: it is filed under something else than what it says"
