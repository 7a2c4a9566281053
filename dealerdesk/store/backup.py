"""Backs a database up into one file and restores it, both backends, and believes neither until it has looked.

Beside the file stands a manifest: its hash, and how many rows each table held at that very moment. A backup is looked
through before it gets its name; a restore counts again, and ends by giving the database a new identity, so that desks
and hub know that time has gone back. What makes an audit entry whole is said by whoever calls.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Engine, func, inspect, select, table, text

from dealerdesk.clock import now_us
from dealerdesk.store.engine import open_engine, reading, writing
from dealerdesk.store.identity import change_database_id, identity
from dealerdesk.store.lease import put_terms_ahead
from dealerdesk.store.migrate import differences
from dealerdesk.store.postgres_tools import read_listing, run_tool
from dealerdesk.store.roles import ensure_roles, is_superuser, missing_roles, prepare_database
from dealerdesk.store.step import STEPS

Leaves = Callable[[Connection], list[str]]
"""What is wrong with the audit's entries, one sentence each."""
CHUNK_BYTES = 1 << 20
NO_ROLES = (
    "this cluster has not got the role {missing}, and this login may not make it:"
    " restore as a superuser of the cluster, who makes the roles on the way"
)


class BackupError(Exception):
    """A backup or a restore that did not come about, or that cannot be trusted; the text says why."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a backup held when it was made; `rows` is table → count, moments are µs UTC."""

    backend: str
    database_id: str
    step: str
    made_us: int
    bytes: int
    sha256: str
    rows: Mapping[str, int]


def backup(url: str, file: Path, leaves: Leaves, password: str = "") -> Manifest:
    """Writes the database at `url` to `file`, looks it through, and returns its manifest (kept as `file`.json).

    Work goes on meanwhile: the backup is of one moment. Raises BackupError, ToolError, DatabaseUnavailable; `file` is
    then not there.
    """
    if file.exists():
        raise BackupError(f"{file} is there already: a backup never replaces another")
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    engine = open_engine(url, (lambda: password) if password else None)
    try:
        copy = _copy_sqlite if engine.dialect.name == "sqlite" else _dump_postgres
        manifest = copy(engine, part, leaves, password)
        manifest_file(file).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)))
        part.rename(file)
    finally:
        engine.dispose()
        part.unlink(missing_ok=True)
    return manifest


def restore(url: str, file: Path, leaves: Leaves, password: str = "") -> Manifest:
    """Brings `file` into the empty database at `url`, looks it through, and returns the manifest.

    In a PostgreSQL cluster that has not got the fixed roles yet they are made, which takes a superuser. Raises
    BackupError when it may not, when the database is not empty or the file is not what its manifest says.
    """
    manifest = read_manifest(file)
    if manifest.step and manifest.step not in STEPS:
        raise BackupError(
            f"{file} is at step {manifest.step}, which this program does not know: restore it with the newer program"
        )
    engine = open_engine(url, (lambda: password) if password else None)
    try:
        backend = engine.dialect.name
        if backend != manifest.backend:
            raise BackupError(f"{file} is a backup of {manifest.backend}, the database is {backend}")
        _refuse_filled(engine)
        if backend == "sqlite":
            engine.dispose()
            with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as source:
                _copy_into(source, Path(str(engine.url.database)), file)
        else:
            _make_room(engine)
            arguments = ("--exit-on-error", "--single-transaction", str(file))
            run_tool("pg_restore", _major(engine), engine.url, password or engine.url.password or "", arguments)
        _begin_anew(engine, manifest, leaves)
        if manifest.step == STEPS[-1]:  # an older one is whole too, and is upgraded by whoever restores it
            with reading(engine) as connection:
                _refuse_if(differences(connection))
    finally:
        engine.dispose()
    return manifest


def manifest_file(file: Path) -> Path:
    """Where the manifest of a backup stands."""
    return file.with_name(f"{file.name}.json")


def read_manifest(file: Path) -> Manifest:
    """The manifest of a backup whose file is still what it was; raises BackupError."""
    try:
        manifest = msgspec.json.decode(manifest_file(file).read_bytes(), type=Manifest)
        found = (file.stat().st_size, _sha256(file))
    except (OSError, msgspec.MsgspecError) as error:
        raise BackupError(f"{file}: not a backup with its manifest: {error}") from error
    if found != (manifest.bytes, manifest.sha256):
        raise BackupError(f"{file} is not the file that was backed up: its size or its hash differs")
    return manifest


def _copy_sqlite(engine: Engine, part: Path, leaves: Leaves, _password: str) -> Manifest:
    original = Path(str(engine.url.database))
    with closing(sqlite3.connect(original)) as source:
        _copy_into(source, part, original)
    copy = open_engine(f"sqlite:///{part}")
    try:
        with reading(copy) as connection:
            _refuse_if(leaves(connection))
            told = _told(connection)
    finally:
        copy.dispose()
    with closing(sqlite3.connect(part)) as target:
        # the engine has turned its log on: one file, and nothing beside it
        target.execute("PRAGMA journal_mode=DELETE").close()
    return _manifest("sqlite", told, part)


def _copy_into(source: sqlite3.Connection, file: Path, original: Path) -> None:
    try:
        with closing(sqlite3.connect(file)) as target:
            source.backup(target)
            (whole,) = target.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise BackupError(f"{original} could not be copied: {error}") from error
    if whole != "ok":
        raise BackupError(f"{original} could not be copied: the copy is damaged: {whole}")


def _dump_postgres(engine: Engine, part: Path, leaves: Leaves, password: str) -> Manifest:
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        told = _told(connection)
        _refuse_if(leaves(connection))
        arguments = ("--format=custom", f"--snapshot={snapshot}", f"--file={part}")
        run_tool("pg_dump", _major(engine), engine.url, password or engine.url.password or "", arguments)
    read_listing(part, _major(engine))
    return _manifest("postgresql", told, part)


def _make_room(engine: Engine) -> None:
    """What a dump does not bring along: the cluster's roles, and who may connect to the database."""
    with writing(engine) as connection:
        missing = missing_roles(connection)
        if is_superuser(connection):
            ensure_roles(connection)
            prepare_database(connection)
        elif missing:
            raise BackupError(NO_ROLES.format(missing=missing[0]))


def _begin_anew(engine: Engine, manifest: Manifest, leaves: Leaves) -> None:
    with writing(engine) as connection:
        _database_id, _step, rows = _told(connection)
        wrong = [
            f"{name}: {manifest.rows.get(name, 0)} rows were backed up, {rows.get(name, 0)} are here"
            for name in sorted(manifest.rows.keys() | rows.keys())
            if manifest.rows.get(name, 0) != rows.get(name, 0)
        ]
        _refuse_if(wrong + leaves(connection))
        change_database_id(connection, now_us())
        put_terms_ahead(connection, now_us())


def _told(connection: Connection) -> tuple[str, str, dict[str, int]]:
    """Identity, step, and how many rows each table has."""
    told = identity(connection)
    names = sorted(inspect(connection).get_table_names())
    rows = {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}
    return told.database_id, told.step, rows


def _manifest(backend: str, told: tuple[str, str, dict[str, int]], part: Path) -> Manifest:
    database_id, step, rows = told
    return Manifest(
        backend=backend,
        database_id=database_id,
        step=step,
        made_us=now_us(),
        bytes=part.stat().st_size,
        sha256=_sha256(part),
        rows=rows,
    )


def _refuse_filled(engine: Engine) -> None:
    with reading(engine) as connection:
        names = inspect(connection).get_table_names()
    if names:
        raise BackupError(
            f"the database is not empty ({len(names)} tables): a restore goes into a new one and replaces nothing"
        )


def _refuse_if(problems: list[str]) -> None:
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise BackupError(f"{problems[0]}{more}")


def _major(engine: Engine) -> int:
    with reading(engine) as connection:
        return int(connection.scalar(text("SHOW server_version_num")) or 0) // 10_000


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
