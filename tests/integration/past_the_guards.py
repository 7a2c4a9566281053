"""What only a database's owner can do: change a table past its triggers, which stand again afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

STANDING = {"A": "ENABLE ALWAYS", "O": "ENABLE", "R": "ENABLE REPLICA"}


@contextmanager
def past_the_guards(connection: Connection, table: str) -> Iterator[None]:
    """Within it, in the caller's transaction, no trigger of the table fires."""
    if connection.dialect.name == "postgresql":
        of_table = f"WHERE tgrelid = '{table}'::regclass AND NOT tgisinternal AND tgenabled <> 'D'"
        guards = connection.exec_driver_sql(f"SELECT tgname, tgenabled FROM pg_trigger {of_table}").all()
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for name, mode in guards:
            connection.exec_driver_sql(f"ALTER TABLE {table} {STANDING[mode]} TRIGGER {name}")
        return
    of_table = f"WHERE type = 'trigger' AND tbl_name = '{table}'"
    guards = connection.exec_driver_sql(f"SELECT name, sql FROM sqlite_master {of_table}").all()
    for name, _ in guards:
        connection.exec_driver_sql(f"DROP TRIGGER {name}")
    yield
    for _, sql in guards:
        connection.exec_driver_sql(sql)
