"""Writes the hub's sign of life, which `queries.hub_status` reads. It changes too often for the change feed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from dealerdesk.store.queries import HubStatus
from dealerdesk.store.schema import hub_status


def write_hub_status(connection: Connection, beats: Sequence[HubStatus]) -> None:
    """One row a server, over the one before."""
    if not beats:
        return
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(hub_status)
    others = {column.name: statement.excluded[column.name] for column in hub_status.columns if not column.primary_key}
    connection.execute(
        statement.on_conflict_do_update(index_elements=[hub_status.c.server], set_=others),
        [asdict(beat) for beat in beats],
    )
