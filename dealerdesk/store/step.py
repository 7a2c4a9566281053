"""Which step of the migrations a database stands at, and whether this program can work with it.

The quick look that every start takes; `migrate` compares the whole shape and brings it up to date.
"""

from __future__ import annotations

from sqlalchemy import Connection, column, inspect, select, table

from dealerdesk.store.guards import missing_guards

STEPS = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009", "0010")
"""All the steps this program knows, oldest first; it needs the last."""

_standing = table("alembic_version", column("version_num"))


def current_step(connection: Connection) -> str | None:
    """The step the database stands at; None when it is empty."""
    if not inspect(connection).has_table(_standing.name):
        return None
    step: str | None = connection.scalar(select(_standing.c.version_num))
    return step


def step_problems(connection: Connection) -> list[str]:
    """What keeps this program from working with the database, in words; empty when nothing does."""
    known = current_step(connection)
    if known is None:
        return ["the database is empty: run `dealerdesk db upgrade`"]
    if known not in STEPS:
        return [f"the database is at step {known}, which this program does not know: it is newer than the program"]
    if known != STEPS[-1]:
        return [f"the database is at step {known}, this program needs {STEPS[-1]}: run `dealerdesk db upgrade`"]
    return [f"the guard {name} has been taken down" for name in missing_guards(connection)]
