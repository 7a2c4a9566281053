"""Reads clients' names for people who may see them: on PostgreSQL the column is granted to those roles alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from dealerdesk.store.schema import clients

IDS_PER_QUERY = 500


def client_names(connection: Connection, ids: Sequence[int] | None = None) -> dict[int, str]:
    """Client id → name, of these clients or of all; "" for one whose name is gone. Several servers may know a client:
    one that still has the name counts."""
    query = select(clients.c.id, clients.c.name)
    if ids is None:
        return _named(connection.execute(query))
    names = dict.fromkeys(ids, "")
    for start in range(0, len(ids), IDS_PER_QUERY):
        some = query.where(clients.c.id.in_(ids[start : start + IDS_PER_QUERY]))
        names |= _named(connection.execute(some))
    return names


def _named(rows: Iterable[Row[Any]]) -> dict[int, str]:
    names: dict[int, str] = {}
    for row in rows:
        names[row.id] = row.name or names.get(row.id, "")
    return names
