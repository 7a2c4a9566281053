"""Clients' names as desks read them in bulk."""

from __future__ import annotations

from office import NOW_US, Office
from recorded_books import snapshot_of
from sqlalchemy import select, update

from dealerdesk.commands.client_names import client_names
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.feed import FeedReader
from dealerdesk.store.recording import SnapshotRows, record_snapshot
from dealerdesk.store.schema import clients


def test_all_names_are_read_or_those_of_some_clients(office: Office) -> None:
    with reading(office.engine) as connection:
        everybody = client_names(connection)
        first = min(everybody)

        assert len(everybody) == len(connection.execute(select(clients.c.id)).all())
        assert client_names(connection, [first, 999_999]) == {first: everybody[first], 999_999: ""}


def test_a_name_that_is_gone_on_every_server_is_empty(office: Office) -> None:
    with writing(office.engine) as connection:
        first = min(client_names(connection))
        connection.execute(update(clients).where(clients.c.id == first).values(name=""))

        assert client_names(connection)[first] == ""


def test_desks_are_told_when_names_change(office: Office) -> None:
    reader = FeedReader()
    with reading(office.engine) as connection:
        reader.changes(connection)
    snapshot: SnapshotRows = snapshot_of(office.broker, "e2")
    with writing(office.engine) as connection:
        record_snapshot(connection, "MT5", snapshot, NOW_US)
    with reading(office.engine) as connection:
        assert "clients" in {change.table for change in reader.changes(connection)}
