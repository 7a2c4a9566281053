"""Databases for tests: each test that asks for one runs on SQLite and on a PostgreSQL of the tests' own.

Where PostgreSQL cannot run, tests that need it are skipped with the reason, and fail in CI. Tests may run in several
processes: a session is one of them, so each has servers, ports, roles and files of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from office import Office
from postgres_server import SET_CLOCK, PostgresServer
from sqlalchemy import Engine

from dealerdesk.store.engine import open_engine
from dealerdesk.store.migrate import upgrade


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The server that the session's tests share."""
    yield from _server()


def _server() -> Iterator[PostgresServer]:
    folder = Path(tempfile.mkdtemp(prefix="dealerdesk-postgres-"))
    try:
        try:
            server = PostgresServer(folder)
        except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"no PostgreSQL here: {error}")
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def mortal_postgres() -> Iterator[PostgresServer]:
    """A server that one module may kill."""
    yield from _server()


@pytest.fixture(scope="session")
def migrated_template(postgres: PostgresServer) -> str:
    """A PostgreSQL database of this program's shape, to copy from."""
    name = postgres.new_database()
    upgrade(postgres.url(name))
    with psycopg.connect(postgres.url(name).replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(SET_CLOCK)
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file of this program's shape, to copy: a tenth of the time that all the steps take."""
    file = tmp_path_factory.mktemp("template") / "dealerdesk.db"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, on either backend."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.new_database()
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture(scope="session")
def recycled_database(postgres: PostgresServer, migrated_template: str) -> str:
    """A PostgreSQL database that is emptied from test to test, which is a great deal quicker than a new one."""
    return postgres.new_database(migrated_template)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database of this program's shape with nothing in it, on either backend."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        return f"sqlite:///{shutil.copy(template, tmp_path / 'dealerdesk.db')}"
    server: PostgresServer = request.getfixturevalue("postgres")
    name: str = request.getfixturevalue("recycled_database")
    server.empty(name)
    return server.url(name)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a database of this program's shape, on either backend."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def office(engine: Engine) -> Office:
    """People and accounts on either backend."""
    return Office(engine)
