"""Sessions that must end are ended by the database's own procedures; the hub only calls them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from office import Office
from postgres_server import PostgresServer
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from dealerdesk.hub import watchdog as watchdog_module
from dealerdesk.hub.database import DatabaseThread
from dealerdesk.hub.watchdog import Watchdog
from dealerdesk.store.engine import open_engine


def looked(engine: Engine) -> int:
    with DatabaseThread(engine, "watchdog") as database:
        return asyncio.run(Watchdog(database).look())


def test_where_nobody_has_to_go_nobody_does(engine: Engine) -> None:
    assert looked(engine) == 0


@pytest.fixture
def team(postgres: PostgresServer, migrated_template: str) -> Iterator[Office]:
    """People and accounts in a database of their own, whose guards may be taken down for a moment."""
    name = postgres.new_database(migrated_template)
    office = Office(open_engine(postgres.url(name)))
    yield office
    office.engine.dispose()
    postgres.drop_database(name)


def test_a_transaction_held_open_too_long_is_ended(team: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog_module, "TRANSACTION_MAX_S", 1)
    dana = team.engine_of("dana")
    with dana.connect() as holding:
        holding.exec_driver_sql("SELECT pg_sleep(1.2)")
        assert looked(team.engine) == 1
        with pytest.raises(DBAPIError):
            holding.exec_driver_sql("SELECT 1")
    dana.dispose()


def test_whoever_is_told_to_go_is_disconnected(team: Office) -> None:
    ana = team.engine_of("ana")
    with ana.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        with team.engine.begin() as owner:
            owner.exec_driver_sql("ALTER TABLE staff_logins DISABLE TRIGGER USER")
            owner.exec_driver_sql("UPDATE staff_logins SET active = false WHERE login = 'ana'")
            owner.exec_driver_sql("ALTER TABLE staff_logins ENABLE TRIGGER USER")
        assert looked(team.engine) == 1
        with pytest.raises(DBAPIError):
            connection.exec_driver_sql("SELECT 1")
    ana.dispose()
