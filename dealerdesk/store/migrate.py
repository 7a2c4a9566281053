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
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from dealerdesk.store.engine import DatabaseUnavailable, open_engine, reading, writing
from dealerdesk.store.guards import missing_guards
from dealerdesk.store.schema import metadata

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
            known = _revision(connection)
        _refuse_newer(known)
        if known == _head():
            return
        with writing(engine) as connection:
            _one_at_a_time(connection)
            command.upgrade(_config(connection), "head")
    finally:
        engine.dispose()


def check(url: str) -> list[str]:
    """What is wrong with the database at `url`, in words; empty when it has this program's shape."""
    engine = open_engine(url)
    try:
        with reading(engine) as connection:
            return _problems(connection)
    except DatabaseUnavailable as error:
        return [f"the database does not answer: {error}"]
    finally:
        engine.dispose()


def _problems(connection: Connection) -> list[str]:
    known = _revision(connection)
    if known is None:
        return ["the database is empty: run `dealerdesk db upgrade`"]
    if known not in _revisions():
        return [f"the database is at step {known}, which this program does not know: it is newer than the program"]
    if known != _head():
        return [f"the database is at step {known}, this program needs {_head()}: run `dealerdesk db upgrade`"]
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    changes = compare_metadata(context, metadata)
    differing = [f"the database differs from step {known}: {_words(change)}" for change in changes]
    return differing + [f"the guard {name} has been taken down" for name in missing_guards(connection)]


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


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _revisions() -> set[str]:
    return {step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions()}


def _head() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def _refuse_newer(known: str | None) -> None:
    if known is not None and known not in _revisions():
        raise DatabaseTooNewError(
            f"the database is at step {known}: it was upgraded by a newer DealerDesk than this one"
        )


def _one_at_a_time(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})")
