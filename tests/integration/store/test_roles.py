"""The cluster's fixed roles: made once, set right when they differ, and left alone by who may not make them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from debian_postgres import debian_binaries
from postgres_server import PostgresServer
from sqlalchemy import Engine

from dealerdesk.store import roles
from dealerdesk.store.engine import open_engine, writing


@pytest.fixture(scope="module", params=["wheel", "debian"])
def cluster(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    binaries = debian_binaries() if request.param == "debian" else None
    folder = Path(tempfile.mkdtemp(prefix="dealerdesk-roles-"))
    server = PostgresServer(folder, binaries)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def superuser(cluster: PostgresServer) -> Iterator[Engine]:
    engine = open_engine(cluster.url("postgres"))
    yield engine
    engine.dispose()


def standing(engine: Engine) -> tuple[list[str], list[tuple[object, ...]]]:
    """The roles and memberships of the cluster."""
    with engine.connect() as connection:
        known = connection.exec_driver_sql("SELECT r::text FROM pg_roles AS r ORDER BY 1").scalars().all()
        members = connection.exec_driver_sql(
            "SELECT roleid::regrole::text, member::regrole::text, admin_option FROM pg_auth_members ORDER BY 1, 2"
        ).all()
    return list(known), [tuple(row) for row in members]


def test_roles_are_made_once_and_a_second_time_changes_nothing(superuser: Engine) -> None:
    with writing(superuser) as connection:
        roles.ensure_roles(connection)
    before = standing(superuser)
    with writing(superuser) as connection:
        roles.ensure_roles(connection)
        assert roles.missing_roles(connection) == []

    assert standing(superuser) == before


def test_nobody_who_owns_or_groups_signs_in(superuser: Engine) -> None:
    with writing(superuser) as connection:
        roles.ensure_roles(connection)
        may_sign_in = connection.exec_driver_sql(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE 'dealerdesk%%' AND rolcanlogin ORDER BY 1"
        ).scalars()
        assert list(may_sign_in) == ["dealerdesk_hub", "dealerdesk_migrator"]


@pytest.mark.parametrize(
    "change",
    [
        "ALTER ROLE dealerdesk_tables LOGIN",
        "ALTER ROLE dealerdesk_supervisor SUPERUSER",
        "ALTER ROLE dealerdesk_hub BYPASSRLS",
        "ALTER ROLE dealerdesk_registrar INHERIT",
        "REVOKE dealerdesk_audit FROM dealerdesk_migrator",
    ],
)
def test_what_differs_is_set_right(superuser: Engine, change: str) -> None:
    with writing(superuser) as connection:
        roles.ensure_roles(connection)
    right = standing(superuser)
    with writing(superuser) as connection:
        connection.exec_driver_sql(change)
    assert standing(superuser) != right

    with writing(superuser) as connection:
        roles.ensure_roles(connection)

    assert standing(superuser) == right


def test_who_is_no_superuser_is_let_past_only_when_the_roles_are_there(
    cluster: PostgresServer, superuser: Engine
) -> None:
    with writing(superuser) as connection:
        roles.ensure_roles(connection)
    cluster.run("CREATE ROLE plain LOGIN PASSWORD 'plain'")
    plain = open_engine(cluster.url("postgres").replace(f"postgres:{cluster.password}", "plain:plain"))
    try:
        with writing(plain) as connection:
            roles.ensure_roles(connection)
        cluster.run("ALTER ROLE dealerdesk_watchdog RENAME TO lost")
        with pytest.raises(roles.RolesMissingError, match="dealerdesk db init"), writing(plain) as connection:
            roles.ensure_roles(connection)
    finally:
        plain.dispose()
        cluster.run("ALTER ROLE lost RENAME TO dealerdesk_watchdog")
        cluster.run("DROP ROLE plain")
