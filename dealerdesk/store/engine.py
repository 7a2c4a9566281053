"""Opens the database and frames transactions on it: SQLite on one machine, PostgreSQL for a team. No tables.

Every transaction of the program runs in `reading` or `writing`. What the outside world does to a database (it is down,
locked, full, the connection broke) comes out as `DatabaseUnavailable`, to be shown as a light and tried again; anything
else is a bug and stays what it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from dealerdesk.store.locks import who_holds
from dealerdesk.store.trouble import AnswerLost as AnswerLost
from dealerdesk.store.trouble import DatabaseDamaged as DatabaseDamaged
from dealerdesk.store.trouble import DatabaseUnavailable as DatabaseUnavailable

LOCK_TIMEOUT_MS = 5_000
SQLITE_BUSY_TIMEOUT_MS = 15_000
"""SQLite has one writer at a time, and a hub that joins a large server writes for seconds."""
CONNECT_TIMEOUT_S = 5
SQLITE_CACHE_KIB = 4_000
"""What one connection keeps of the file at most; a desk holds several connections for as long as it is open."""
RECORDING_CACHE_KIB = 32_000
"""The same for who takes whole servers in at once."""
WRITES = "dealerdesk_writes"
LOCK_TIMEOUT_STATE = "55P03"

SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # NORMAL may lose the last commits at power loss
    "foreign_keys=ON",
    f"busy_timeout={SQLITE_BUSY_TIMEOUT_MS}",
    "trusted_schema=OFF",
    "recursive_triggers=ON",  # else INSERT OR REPLACE would remove rows past their triggers
    "cell_size_check=ON",
    "secure_delete=ON",  # an erased client's key must not stay in the file's free space
    "temp_store=MEMORY",
    "wal_autocheckpoint=4000",
)
POSTGRES_CONNECT: dict[str, Any] = {
    "connect_timeout": CONNECT_TIMEOUT_S,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "application_name": "dealerdesk",
    "options": f"-c lock_timeout={LOCK_TIMEOUT_MS} -c idle_in_transaction_session_timeout=60000 -c timezone=UTC",
}
# 08 connection, 25P03 idle session ended, 40 serialisation and deadlock, 53 resources, 55P03 lock timeout,
# 57 operator intervention (shut down, cancelled), 58 system error
PASSING_SQLSTATES = ("08", "25P03", "40", "53", "55P03", "57", "58")
FAILING_SQLITE = ("SQLITE_FULL", "SQLITE_IOERR")
PASSING_SQLITE = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READONLY")


# the file's pages are not what SQLite wrote, or there are fewer of them than it wrote
DAMAGED_SQLITE = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
DAMAGED = "the file {file} is damaged ({cause}): end what uses it, keep a copy of it, and restore the last backup"


class DatabaseAddressError(ValueError):
    """A database address that is neither SQLite with a file nor PostgreSQL."""


# a server that cannot prove who it is, or that would take the password itself, is not spoken to
GUARDED_CONNECT = {"sslmode": "verify-full", "channel_binding": "require", "require_auth": "scram-sha-256"}


def open_engine(
    url: str, password: Callable[[], str] | None = None, ca: str = "", cache_kib: int = SQLITE_CACHE_KIB
) -> Engine:
    """An engine on `sqlite:///FILE` or `postgresql://…`; raises DatabaseAddressError for any other address.

    Nothing is connected yet. A SQLite file's folder is made, and the file is readable by its owner alone. A PostgreSQL
    `password` is read anew for each connection and kept nowhere; with one, or with `ca` (the file of certificates that
    may vouch for the server), nothing less than a checked certificate and SCRAM will do, whatever the address says.
    `cache_kib` is how much of a SQLite file each connection may keep in memory.
    """
    address = make_url(url)
    match address.get_backend_name():
        case "sqlite":
            return _sqlite(address, cache_kib)
        case "postgresql":
            return _postgres(address.set(drivername="postgresql+psycopg"), password, ca)
        case other:
            raise DatabaseAddressError(f"database: expected sqlite or postgresql, got {other!r}")


def _postgres(address: URL, password: Callable[[], str] | None, ca: str) -> Engine:
    terms = POSTGRES_CONNECT
    if password is not None or ca:
        terms = terms | GUARDED_CONNECT | ({"sslrootcert": ca} if ca else {})
    engine = create_engine(address, connect_args=terms, pool_pre_ping=True, pool_size=2, max_overflow=4)
    if password is not None:
        event.listen(engine, "do_connect", _connect_with(password))
    return engine


def _connect_with(password: Callable[[], str]) -> Callable[..., Any]:
    def connect(dialect: Dialect, _record: object, arguments: tuple[Any, ...], terms: dict[str, Any]) -> Any:
        # into a copy: `terms` is the engine's own and lives as long as it does
        return dialect.connect(*arguments, **(terms | {"password": password()}))

    return connect


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the database; raises DatabaseUnavailable."""
    with _passing_trouble(engine), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that commits on leaving and rolls back on an exception; raises DatabaseUnavailable, and its kind
    AnswerLost where the work may have been committed all the same.

    On SQLite it takes the write lock at once, so that it never fails half-way for want of it.
    """
    writer = engine.execution_options(**{WRITES: True})
    is_committing = False
    try:
        with _passing_trouble(engine), writer.connect() as connection, connection.begin():
            yield connection
            is_committing = True
    except DatabaseUnavailable as error:
        # a file that could not be written to says so itself; only a line can lose an answer
        if is_committing and engine.dialect.name == "postgresql":
            raise AnswerLost(str(error)) from error
        raise


@contextmanager
def _passing_trouble(engine: Engine) -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        file, name = engine.url.database, getattr(error.orig, "sqlite_errorname", None) or ""
        if name.startswith(DAMAGED_SQLITE):
            # connections keep the pages they have read: one that was mended would not be looked at again
            engine.dispose()
            raise DatabaseDamaged(DAMAGED.format(file=file, cause=error.orig)) from error
        if not is_passing(error):
            raise
        words = f"{error.orig}: {file}" if name.startswith(FAILING_SQLITE) else str(error.orig)
        if getattr(error.orig, "sqlstate", None) == LOCK_TIMEOUT_STATE:
            words = f"{who_holds(engine) or 'somebody holds a lock'}: it was waited for {LOCK_TIMEOUT_MS // 1000} s"
        raise DatabaseUnavailable(words) from error


def is_passing(error: DBAPIError) -> bool:
    """Whether the trouble lies in the outside world and may pass by itself."""
    if error.connection_invalidated:
        return True
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return (getattr(cause, "sqlite_errorname", None) or "").startswith(PASSING_SQLITE)
    state = getattr(cause, "sqlstate", None)
    if state is None:
        # psycopg has no SQLSTATE when the connection itself broke or could not be made
        return isinstance(error, OperationalError | InterfaceError)
    return str(state).startswith(PASSING_SQLSTATES)


def _sqlite(address: URL, cache_kib: int) -> Engine:
    if not address.database or address.database == ":memory:":
        raise DatabaseAddressError("database: expected sqlite:///FILE, a database in memory cannot be shared")
    file = Path(address.database)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not file.exists():
        file.touch(mode=0o600)
    engine = create_engine(address, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_MS / 1000, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite(cache_kib))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(cache_kib: int) -> Callable[[sqlite3.Connection, object], None]:
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # the driver must not begin transactions by itself: `_begin_sqlite` says which kind
        connection.isolation_level = None
        for pragma in (*SQLITE_PRAGMAS, f"cache_size=-{cache_kib}"):
            connection.execute(f"PRAGMA {pragma}").close()

    return prepare


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
