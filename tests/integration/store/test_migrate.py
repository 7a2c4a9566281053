from __future__ import annotations

import pytest
from alembic import op
from postgres_server import PostgresServer
from sqlalchemy import inspect

from dealerdesk.store.engine import open_engine, writing
from dealerdesk.store.migrate import DatabaseTooNewError, check, upgrade
from dealerdesk.store.schema import metadata
from dealerdesk.store.step import STEPS


def test_an_empty_database_is_called_empty_and_becomes_whole(empty_url: str) -> None:
    assert check(empty_url) == ["the database is empty: run `dealerdesk db upgrade`"]

    upgrade(empty_url)

    assert check(empty_url) == []


def test_migrations_and_metadata_give_the_same_tables_constraints_and_indexes(
    empty_url: str, request: pytest.FixtureRequest
) -> None:
    upgrade(empty_url)
    migrated = open_engine(empty_url)
    by_migrations = _shape(migrated)
    with writing(migrated) as connection:
        if connection.dialect.name == "postgresql":
            # procedures and policies hang on the tables
            connection.exec_driver_sql("DROP SCHEMA api CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        metadata.drop_all(connection)
    with writing(migrated) as connection:
        metadata.create_all(connection)

    by_metadata = _shape(migrated)
    migrated.dispose()

    by_migrations.pop("alembic_version")
    by_metadata.pop("alembic_version", None)
    assert by_migrations == by_metadata
    assert set(by_metadata) == set(metadata.tables)


def test_upgrading_twice_changes_nothing(empty_url: str) -> None:
    upgrade(empty_url)
    engine = open_engine(empty_url)
    before = _shape(engine)

    upgrade(empty_url)

    assert _shape(engine) == before
    engine.dispose()


def test_a_missing_column_is_named(empty_url: str) -> None:
    upgrade(empty_url)
    engine = open_engine(empty_url)
    with writing(engine) as connection:
        connection.exec_driver_sql("ALTER TABLE settings DROP COLUMN changed_by")
    engine.dispose()

    assert check(empty_url) == [f"the database differs from step {STEPS[-1]}: add column settings changed_by"]


def test_an_upgrade_that_breaks_off_leaves_the_database_as_it_was(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    executed = []

    def break_off(statement: str) -> None:
        executed.append(statement)
        if len(executed) == 5:
            raise KeyboardInterrupt
        execute(statement)

    execute = op.execute
    with monkeypatch.context() as patch:
        patch.setattr(op, "execute", break_off)
        with pytest.raises(KeyboardInterrupt):
            upgrade(empty_url)

    assert check(empty_url) == ["the database is empty: run `dealerdesk db upgrade`"]
    upgrade(empty_url)
    assert check(empty_url) == []


def test_a_guard_that_was_taken_down_is_named(empty_url: str) -> None:
    upgrade(empty_url)
    engine = open_engine(empty_url)
    with writing(engine) as connection:
        on_table = " ON audit" if engine.dialect.name == "postgresql" else ""
        connection.exec_driver_sql(f"DROP TRIGGER audit_no_delete{on_table}")
    engine.dispose()

    assert check(empty_url) == ["the guard audit_no_delete has been taken down"]


def test_on_postgres_a_guard_that_was_switched_off_is_named_too(
    postgres: PostgresServer, migrated_template: str
) -> None:
    name = postgres.new_database(migrated_template)
    engine = open_engine(postgres.url(name))
    with writing(engine) as connection:
        connection.exec_driver_sql("ALTER TABLE commands DISABLE TRIGGER commands_fixed")
    engine.dispose()

    assert check(postgres.url(name)) == ["the guard commands_fixed has been taken down"]
    postgres.drop_database(name)


def test_a_database_of_a_newer_program_is_refused(empty_url: str) -> None:
    upgrade(empty_url)
    engine = open_engine(empty_url)
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()

    with pytest.raises(DatabaseTooNewError, match="9999"):
        upgrade(empty_url)
    assert "9999" in check(empty_url)[0]


def _shape(engine: object) -> dict[str, object]:
    found = inspect(engine)
    return {
        table: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in found.get_columns(table)],
            found.get_pk_constraint(table),
            sorted((key["name"], key["referred_table"]) for key in found.get_foreign_keys(table)),
            sorted(str(check["name"]) for check in found.get_check_constraints(table)),
            sorted((index["name"], tuple(index["column_names"])) for index in found.get_indexes(table)),
            sorted(str(unique["name"]) for unique in found.get_unique_constraints(table)),
        )
        for table in found.get_table_names()
    }
