"""The database's own guards by name: triggers that the migrations put up, and that must still stand."""

from __future__ import annotations

from sqlalchemy import Connection

PERMANENT = (
    "audit",
    "balance_operations",
    "command_transitions",
    "day_ends",
    "deals",
    "decisions",
    "quote_samples",
)
"""Tables whose rows are never changed or removed."""

GUARDS = frozenset(
    {f"{table}_no_{event}" for table in PERMANENT for event in ("update", "delete")}
    | {
        "transitions_closed",
        "decisions_four_eyes",
        "decisions_while_open",
        "decisions_of_what_was_seen",
        "commands_start",
        "commands_kept",
        "commands_fixed",
        "commands_transitions",
        "commands_approved",
    }
)
POSTGRES_GUARDS = GUARDS | {f"{table}_no_truncate" for table in (*PERMANENT, "commands")}


def missing_guards(connection: Connection) -> list[str]:
    """The guards that have been taken down or switched off, by name."""
    if connection.dialect.name == "sqlite":
        standing = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars()
        return sorted(GUARDS - set(standing))
    sql = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    return sorted(POSTGRES_GUARDS - set(connection.exec_driver_sql(sql).scalars()))
