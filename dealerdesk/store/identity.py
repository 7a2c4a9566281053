"""What a database says of itself: who it is, which step it stands at, and which desks it still takes. No rules.

The identity is made when the database is, and anew by every restore: whoever has read from it before then knows that
time has gone back, and reads everything again. On PostgreSQL a restart or a fail-over is told in the same way.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, select, text
from sqlalchemy.dialects import postgresql, sqlite

from dealerdesk import __version__
from dealerdesk.store.schema import settings
from dealerdesk.store.step import STEPS, current_step, step_problems

DATABASE_ID, OLDEST_DESK = "database_id", "oldest_desk"
SETUP = "setup"


@dataclass(frozen=True, slots=True)
class Identity:
    """`era` changes with every restore, restart and fail-over; `oldest_desk` is a version, or empty for any."""

    database_id: str
    era: str
    step: str
    oldest_desk: str


@dataclass(frozen=True, slots=True)
class Fitness:
    """Whether this program can work with a database: `refused` says why not at all, `looking_only` why only to look."""

    refused: str = ""
    looking_only: str = ""


def identity(connection: Connection) -> Identity:
    """As it stands in this transaction; a database without tables has none (raises as any query on it does)."""
    wanted = settings.c.name.in_((DATABASE_ID, OLDEST_DESK))
    told = {row.name: row.value for row in connection.execute(select(settings.c.name, settings.c.value).where(wanted))}
    database_id = told.get(DATABASE_ID, "")
    started = "" if connection.dialect.name == "sqlite" else connection.scalar(_STARTED)
    return Identity(database_id, f"{database_id} {started}", current_step(connection) or "", told.get(OLDEST_DESK, ""))


def fitness(connection: Connection, version: str = __version__) -> Fitness:
    """What a desk of this program may do with the database.

    One step ahead of the program it can still be looked at: a step never takes away what the one before could read.
    """
    known = current_step(connection)
    if known is not None and known not in STEPS and _is_next(known):
        told = identity(connection)
        words = f"The database is at step {known} and this desk knows {STEPS[-1]}: it can look but not act. Install the"
        return Fitness(_too_old(told, version), f"{words} new version")
    problems = step_problems(connection)
    if problems:
        return Fitness("; ".join(problems))
    return Fitness(_too_old(identity(connection), version))


def make_database_id(connection: Connection, now_us: int) -> None:
    """Gives a database its identity, once."""
    _put(connection, DATABASE_ID, secrets.token_hex(8), now_us, anew=False)


def change_database_id(connection: Connection, now_us: int) -> None:
    """After a restore: what was read before no longer holds."""
    _put(connection, DATABASE_ID, secrets.token_hex(8), now_us, anew=True)


def require_desk(connection: Connection, version: str, now_us: int) -> None:
    """From now on desks older than `version` are refused."""
    _put(connection, OLDEST_DESK, version, now_us, anew=True)


def _too_old(told: Identity, version: str) -> str:
    if told.oldest_desk and _numbers(version) < _numbers(told.oldest_desk):
        return (
            f"This desk is DealerDesk {version} and the database takes {told.oldest_desk} or newer: install the new"
            " version"
        )
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int("".join(filter(str.isdigit, part)) or 0) for part in version.split("."))


def _is_next(known: str) -> bool:
    return known.isdigit() and int(known) == int(STEPS[-1]) + 1


def _put(connection: Connection, name: str, value: str, now_us: int, *, anew: bool) -> None:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    row = {"name": name, "value": value, "version": 1, "changed_us": now_us, "changed_by": SETUP}
    statement = insert(settings).values(**row)
    if not anew:
        connection.execute(statement.on_conflict_do_nothing())
        return
    changed = {"value": value, "version": settings.c.version + 1, "changed_us": now_us, "changed_by": SETUP}
    connection.execute(statement.on_conflict_do_update(index_elements=[settings.c.name], set_=changed))


_STARTED = text("SELECT pg_postmaster_start_time()::text")
