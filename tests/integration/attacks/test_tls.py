"""Nobody connects without TLS or to a server that the firm's own authority does not vouch for."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from debian_postgres import debian_binaries
from sqlalchemy.exc import OperationalError
from tls_server import Authority, TlsServer

from dealerdesk.store.engine import open_engine

PEOPLE = "CREATE ROLE carol LOGIN PASSWORD 'on the wire'"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="dealerdesk-tls-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def authority(folder: Path) -> Authority:
    return Authority("firm", folder)


@pytest.fixture(scope="module")
def server(folder: Path, authority: Authority) -> Iterator[TlsServer]:
    data = folder / "cluster"
    data.mkdir()
    server = TlsServer(data, debian_binaries(), authority)
    server.run(PEOPLE)
    yield server
    server.stop()


def connect(server: TlsServer, **terms: str) -> psycopg.Connection[Any]:
    where = {"host": "127.0.0.1", "port": str(server.port), "dbname": "postgres"}
    return psycopg.connect(**(where | {"user": "carol", "password": "on the wire"} | terms))  # type: ignore[arg-type]


def test_a_checked_certificate_from_the_firms_authority_is_let_in(server: TlsServer, authority: Authority) -> None:
    terms = {"sslmode": "verify-full", "sslrootcert": str(authority.file), "channel_binding": "require"}
    with connect(server, **terms) as connection:
        row = connection.execute("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone()

    assert row == (True, "TLSv1.3")


def test_without_tls_nobody_is_let_in(server: TlsServer) -> None:
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        connect(server, sslmode="disable")


def test_a_certificate_of_another_authority_is_not_believed(server: TlsServer, folder: Path) -> None:
    other = Authority("impostor", folder)
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        connect(server, sslmode="verify-full", sslrootcert=str(other.file))


def test_a_certificate_of_another_server_is_not_believed(folder: Path, authority: Authority) -> None:
    data = folder / "elsewhere"
    data.mkdir()
    other = TlsServer(data, debian_binaries(), authority, named="127.0.0.2")
    try:
        with pytest.raises(psycopg.OperationalError, match="does not match host name"):
            connect(other, sslmode="verify-full", sslrootcert=str(authority.file))
    finally:
        other.stop()


def test_an_older_protocol_is_not_spoken(server: TlsServer, authority: Authority) -> None:
    terms = {"sslmode": "verify-full", "sslrootcert": str(authority.file), "ssl_max_protocol_version": "TLSv1.2"}
    with pytest.raises(psycopg.OperationalError):
        connect(server, **terms)


def test_the_desks_own_engine_takes_the_firms_authority_and_no_other(
    server: TlsServer, authority: Authority, folder: Path
) -> None:
    url = f"postgresql://carol@127.0.0.1:{server.port}/postgres"
    other = Authority("second-impostor", folder)
    trusted = open_engine(url, lambda: "on the wire", str(authority.file))
    misled = open_engine(url, lambda: "on the wire", str(other.file))
    try:
        with trusted.connect() as connection:
            assert connection.exec_driver_sql("SELECT session_user").scalar() == "carol"
        with pytest.raises(OperationalError, match="certificate verify failed"), misled.connect():
            pass
    finally:
        trusted.dispose()
        misled.dispose()


def test_the_desks_own_engine_does_not_speak_without_tls(server: TlsServer, authority: Authority) -> None:
    url = f"postgresql://carol@127.0.0.1:{server.port}/postgres?sslmode=disable"
    engine = open_engine(url, lambda: "on the wire", str(authority.file))
    try:
        with engine.connect() as connection:
            is_encrypted = connection.exec_driver_sql(
                "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            ).scalar()
    finally:
        engine.dispose()

    assert is_encrypted is True
