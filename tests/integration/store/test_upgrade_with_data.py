"""A PostgreSQL that was at work before there were rights is brought up to date with everything in it."""

from __future__ import annotations

import psycopg
import pytest
from alembic import command
from postgres_server import PostgresServer

from dealerdesk.store.engine import open_engine, writing
from dealerdesk.store.migrate import _config, check, upgrade
from dealerdesk.store.roles import SET_UP_FIRST, RolesMissingError

OLD_ROWS = """
INSERT INTO staff VALUES ('dana', 'Dana', 'head_dealer', true, 1, 1), ('carol', 'Carol', 'supervisor', true, 1, 1);
INSERT INTO policies VALUES ('large', 1, 'set_book', '{}', 1, NULL, 'adam', '');
INSERT INTO commands (id, kind, server, login, payload, payload_hash, title, reason, requested_by, requested_us,
    expires_us, approvals_needed, needs, state, changed_us, comment, sends, stage, code, result, ticket)
VALUES ('command-1', 'set_book', 'MT5', 1001, '{}', 'x', 't', 'r', 'dana', 1, 2, 1, '[]', 'requested', 1, '', 0, '',
    '', '', '');
INSERT INTO decisions VALUES ('command-1', 'carol', 'supervisor', 'approve', 'x', '', 1);
INSERT INTO audit (entry_id, at_us, actor, action, subject, server, entry, leaf_hash)
VALUES ('e1', 1, 'dana', 'command requested', 'command-1', 'MT5', '{}', '00');
"""


@pytest.fixture
def old_database(postgres: PostgresServer) -> str:
    """At step 0003, with a request that has been approved."""
    name = postgres.new_database()
    engine = open_engine(postgres.url(name))
    with writing(engine) as connection:
        command.upgrade(_config(connection), "0003")
        connection.exec_driver_sql(OLD_ROWS, execution_options={"no_parameters": True})
    engine.dispose()
    return name


def test_nothing_is_lost_and_everything_has_an_owner(postgres: PostgresServer, old_database: str) -> None:
    url = postgres.url(old_database)
    upgrade(url)

    assert check(url) == []
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        counts = [
            connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
            for table in ("staff", "staff_scopes", "policies", "commands", "decisions", "audit")
        ]
        owners = connection.execute(
            "SELECT DISTINCT relowner::regrole::text FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
        ).fetchall()

    assert counts == [(2,), (2,), (1,), (1,), (1,), (1,)]
    assert owners == [("dealerdesk_audit",), ("dealerdesk_tables",)]


def test_an_owner_who_is_no_superuser_is_told_what_to_do_and_nothing_changes(postgres: PostgresServer) -> None:
    name = postgres.new_database()
    postgres.run("CREATE ROLE former LOGIN PASSWORD 'former'")
    postgres.run(f"ALTER DATABASE {name} OWNER TO former")
    url = postgres.url(name).replace(f"postgres:{postgres.password}", "former:former")
    try:
        with pytest.raises(RolesMissingError) as caught:
            upgrade(url)
        assert str(caught.value) == SET_UP_FIRST
        assert check(url) == ["the database is empty: run `dealerdesk db upgrade`"]
    finally:
        postgres.drop_database(name)
        postgres.run("DROP ROLE former")
