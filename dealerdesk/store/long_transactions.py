"""Ends sessions that must end, by the database's own watchdog: those with a transaction held open too long, and those
of people who have been told to go. PostgreSQL alone has one.

A transaction left open keeps the server from cleaning up after everybody else, and whoever opened it can lift their own
time limits; the procedure that ends it belongs to a role which may do nothing else.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select, text


def end_long_transactions(connection: Connection, max_s: int) -> int:
    """Ends people's transactions older than `max_s` seconds; returns how many. Where there is no watchdog, none."""
    return _ended(connection, "end_long_transactions", max_s)


def end_sessions_of_inactive(connection: Connection) -> int:
    """Ends the connections of people who have been told to go; returns how many. Where there is no watchdog, none."""
    return _ended(connection, "end_sessions_of_inactive")


def _ended(connection: Connection, procedure: str, *arguments: int) -> int:
    if connection.dialect.name == "sqlite":
        return 0
    kinds = ", ".join("integer" for _ in arguments)
    stands = text("SELECT to_regprocedure(:name) IS NOT NULL")
    if not connection.scalar(stands, {"name": f"api.{procedure}({kinds})"}):
        return 0
    return connection.scalar(select(getattr(func.api, procedure)(*arguments))) or 0
