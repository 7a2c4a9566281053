"""Brings a database to this program's shape, and says what is wrong with one that is not. No tables are defined here.

The steps are packaged beside this module, so neither an ini file nor a working directory matters. Two processes that
start at once upgrade one after the other; one that is killed half-way leaves the database as it was.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from dealerdesk.clock import now_us
from dealerdesk.store.engine import DAMAGED, DatabaseDamaged, DatabaseUnavailable, open_engine, reading, writing
from dealerdesk.store.identity import make_database_id
from dealerdesk.store.schema import metadata
from dealerdesk.store.step import STEPS, current_step, step_problems

MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE_LOCK = 0x0DEA1E12  # any number, the same in every process


class DatabaseTooNewError(Exception):
    """The database was upgraded by a newer program than this one."""


def upgrade(url: str) -> None:
    """Creates or upgrades the database at `url`; nothing happens when it is up to date.

    Raises DatabaseUnavailable, or DatabaseTooNewError when a newer program has been here.
    """
    engine = open_engine(url)
    try:
        with reading(engine) as connection:
            known = current_step(connection)
        _refuse_newer(known)
        if known == STEPS[-1]:
            return
        with writing(engine) as connection:
            _one_at_a_time(connection)
            command.upgrade(_config(connection), STEPS[-1])
            make_database_id(connection, now_us())
    finally:
        engine.dispose()


def check(url: str) -> list[str]:
    """What is wrong with the database at `url`, in words; empty when it has this program's shape."""
    engine = open_engine(url)
    try:
        with reading(engine) as connection:
            return _damage(connection) or differences(connection)
    except DatabaseDamaged as error:
        return [str(error)]
    except DatabaseUnavailable as error:
        return [f"the database does not answer: {error}"]
    finally:
        engine.dispose()


def differences(connection: Connection) -> list[str]:
    """The same of a connection's database."""
    problems = step_problems(connection)
    if current_step(connection) != STEPS[-1]:
        return problems
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    changes = compare_metadata(context, metadata)
    return [f"the database differs from step {STEPS[-1]}: {_words(change)}" for change in changes] + problems


def _damage(connection: Connection) -> list[str]:
    """What SQLite finds when it walks through its whole file, with the file's name."""
    if connection.dialect.name != "sqlite":
        return []
    found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    cause = "; ".join(line for one in found for line in str(one).splitlines())
    return [] if cause == "ok" else [DAMAGED.format(file=connection.engine.url.database, cause=cause)]


def _words(change: Any) -> str:
    """A difference as Alembic gives it (a tuple, or a list of tuples for one column) as words."""
    verb, *what = change[0] if isinstance(change, list) else change
    names = [str(getattr(item, "name", item)) for item in what if item is not None and not isinstance(item, dict)]
    return f"{str(verb).replace('_', ' ')} {' '.join(names)}"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    if connection is not None:
        config.attributes["connection"] = connection
    return config


def _refuse_newer(known: str | None) -> None:
    if known is not None and known not in STEPS:
        raise DatabaseTooNewError(
            f"the database is at step {known}: it was upgraded by a newer DealerDesk than this one"
        )


def _one_at_a_time(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})")
