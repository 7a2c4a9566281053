"""PostgreSQL's own tools are found, given the password in a file, and what they say is passed on."""

from __future__ import annotations

from pathlib import Path

import pytest
from postgres_server import PostgresServer
from sqlalchemy import make_url

from dealerdesk.store import postgres_tools
from dealerdesk.store.postgres_tools import ToolError, conninfo, find_tool, read_listing, run_tool


def tool(folder: Path, version: str, body: str = "") -> Path:
    """A program that says a version, and otherwise does `body`."""
    folder.mkdir(parents=True)
    program = folder / "pg_dump"
    said = f'if [ "$1" = --version ]; then echo "pg_dump (PostgreSQL) {version}"; exit; fi'
    program.write_text(f"#!/bin/sh\n{said}\n{body}\n")
    program.chmod(0o755)
    return program


@pytest.fixture
def only_these(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No tools but those in this folder's <version>/bin."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr(postgres_tools.shutil, "which", lambda _name: None)
    monkeypatch.setattr(postgres_tools.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(postgres_tools, "DEBIAN", tmp_path / "debian")
    return tmp_path / "debian"


def test_the_oldest_tool_that_is_not_older_than_the_server_is_taken(only_these: Path) -> None:
    tool(only_these / "15" / "bin", "15.4")
    sixteen = tool(only_these / "16" / "bin", "16.2")
    tool(only_these / "18" / "bin", "18.1")

    assert find_tool("pg_dump", 16) == sixteen


def test_a_machine_without_a_fitting_tool_is_told_what_to_install(only_these: Path) -> None:
    tool(only_these / "15" / "bin", "15.4")
    tool(only_these / "99" / "bin", "of no version")

    with pytest.raises(ToolError, match="install the package postgresql-client-18"):
        find_tool("pg_dump", 18)


def test_an_address_is_handed_over_without_its_password() -> None:
    address = make_url("postgresql+psycopg://da na:sec%3Aret@db.firm:5433/desk?sslmode=verify-full")

    assert conninfo(address) == "host=db.firm port=5433 user='da na' dbname=desk sslmode=verify-full"


def test_the_password_is_in_a_file_for_this_user_alone_and_gone_afterwards(only_these: Path, tmp_path: Path) -> None:
    body = f'echo "$PGPASSFILE" > {tmp_path}/where; cat "$PGPASSFILE" > {tmp_path}/what; echo "$@" > {tmp_path}/how\n'
    tool(only_these / "18" / "bin", "18.1", body + f'stat -c %a "$PGPASSFILE" > {tmp_path}/mode; env > {tmp_path}/env')

    run_tool("pg_dump", 18, make_url("postgresql://ana@127.0.0.1/desk"), "a:b\\c", ("--format=custom",))

    assert (tmp_path / "what").read_text() == "*:*:*:*:a\\:b\\\\c\n"
    assert (tmp_path / "mode").read_text().strip() == "600"
    assert not Path((tmp_path / "where").read_text().strip()).exists()
    assert "--no-password --format=custom" in (tmp_path / "how").read_text()
    assert "a:b" not in (tmp_path / "how").read_text() + (tmp_path / "env").read_text()


def test_what_a_tool_says_when_it_fails_is_passed_on(only_these: Path) -> None:
    tool(only_these / "18" / "bin", "18.1", "echo 'no such database' >&2; exit 1")

    with pytest.raises(ToolError, match="pg_dump did not succeed: no such database"):
        run_tool("pg_dump", 18, make_url("postgresql://ana@127.0.0.1/desk"), "", ())


def test_a_dump_is_made_with_the_password_and_read_back(postgres: PostgresServer, tmp_path: Path) -> None:
    name = postgres.new_database()
    file = tmp_path / "dump"
    run_tool("pg_dump", 18, make_url(postgres.url(name)), postgres.password, ("--format=custom", f"--file={file}"))
    read_listing(file, 18)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 3])

    with pytest.raises(ToolError, match="cannot be read back"):
        read_listing(file, 18)
    postgres.drop_database(name)
