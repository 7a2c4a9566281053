"""Turns the protocol's rows into table rows and back, and writes them in bulk. No streams, no transactions of its own.

Bulk statements go straight to the driver with plain values (prices as digit strings), past SQLAlchemy's row processing:
a snapshot has hundreds of thousands of rows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, Dialect, Table

from dealerdesk.bridges.protocol import RECORD_SETS, Row, RowSet
from dealerdesk.instruments import Symbol
from dealerdesk.store.schema import TABLE_OF

ORIGIN = 3
"""Columns before the row's own: server, epoch, sequence."""
COPY_ROWS_MIN = 500
STATEMENT_ROWS_MAX = 5_000

Record = TypeVar("Record", bound=msgspec.Struct)
Values = tuple[Any, ...]


def key_column(row_set: RowSet) -> str:
    """The column that, with the server, is the primary key of a state set's table."""
    return [column.name for column in TABLE_OF[row_set].primary_key][1]


def table_rows(row_set: RowSet, server: str, epoch: str, rows: Sequence[Row], versions: Sequence[int]) -> list[Values]:
    """The rows as values for their table; `versions` are the sequences that last changed each of them."""
    plain = msgspec.to_builtins(rows)
    if b"\\u0000" in msgspec.json.encode(plain):
        plain = [[_storable(value) for value in fields] for fields in plain]
    if row_set is RowSet.SYMBOL:
        for fields in plain:
            fields[-3] = json.dumps(fields[-3], separators=(",", ":"))
    return [(server, epoch, version, *fields[1:]) for fields, version in zip(plain, versions, strict=True)]


def from_table(record: type[Record], row: Sequence[Any]) -> Record:
    """The protocol's record in a table row that was read with all its columns, through SQLAlchemy."""
    fields = list(row)[ORIGIN:]
    if record is Symbol:
        fields[-3] = json.loads(fields[-3])
    return msgspec.convert([record.__struct_config__.tag, *fields], record)


def put(connection: Connection, row_set: RowSet, rows: list[Values]) -> None:
    """Writes rows: a state row unless a later one of its epoch is there, a record unless it is there already."""
    _write(connection, TABLE_OF[row_set], rows, absent_only=row_set in RECORD_SETS)


def remove(connection: Connection, row_set: RowSet, gone: Sequence[tuple[str, int | str, str, int]]) -> None:
    """Removes state rows, given as (server, key, epoch, sequence); one changed later in that epoch stays."""
    if gone:
        connection.exec_driver_sql(_delete_statement(TABLE_OF[row_set], connection.dialect), list(gone))


def held(connection: Connection, row_set: RowSet, server: str) -> dict[int | str, tuple[str, int]]:
    """Key → (epoch, sequence) of the rows that a state table holds of a server."""
    table = TABLE_OF[row_set]
    quote = connection.dialect.identifier_preparer.quote
    mark = _mark(connection.dialect)
    sql = f"SELECT {quote(key_column(row_set))}, epoch, sequence FROM {quote(table.name)} WHERE server = {mark}"
    return {key: (epoch, sequence) for key, epoch, sequence in connection.exec_driver_sql(sql, (server,))}


def _storable(value: Any) -> Any:
    """PostgreSQL's text knows no zero byte, and a name with one must not stop a stream: it is marked as lost."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def _write(connection: Connection, table: Table, rows: list[Values], *, absent_only: bool) -> None:
    if not rows:
        return
    if connection.dialect.name == "postgresql" and len(rows) >= COPY_ROWS_MIN:
        _copy(connection, table, rows, absent_only=absent_only)
        return
    statement = _insert_statement(table, connection.dialect, absent_only)
    for part in _parts(rows):
        connection.exec_driver_sql(statement, part)


def _copy(connection: Connection, table: Table, rows: list[Values], *, absent_only: bool) -> None:
    """PostgreSQL's fast way: COPY beside the table, then one statement into it."""
    quote = connection.dialect.identifier_preparer.quote
    name, beside = quote(table.name), quote(f"incoming_{table.name}")
    connection.exec_driver_sql(f"CREATE TEMP TABLE {beside} (LIKE {name}) ON COMMIT DROP")
    driver = connection.connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor, cursor.copy(f"COPY {beside} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    conflict = _conflict(table, connection.dialect, absent_only)
    connection.exec_driver_sql(f"INSERT INTO {name} SELECT * FROM {beside} {conflict}")
    connection.exec_driver_sql(f"DROP TABLE {beside}")


def _parts(rows: list[Values]) -> Iterator[list[Values]]:
    for start in range(0, len(rows), STATEMENT_ROWS_MAX):
        yield rows[start : start + STATEMENT_ROWS_MAX]


@lru_cache(maxsize=64)
def _insert_statement(table: Table, dialect: Dialect, absent_only: bool) -> str:
    quote = dialect.identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in table.columns)
    marks = ", ".join([_mark(dialect)] * len(table.columns))
    return f"INSERT INTO {quote(table.name)} ({names}) VALUES ({marks}) {_conflict(table, dialect, absent_only)}"


def _conflict(table: Table, dialect: Dialect, absent_only: bool) -> str:
    quote = dialect.identifier_preparer.quote
    keys = ", ".join(quote(column.name) for column in table.primary_key)
    if absent_only:
        return f"ON CONFLICT ({keys}) DO NOTHING"
    others = [quote(column.name) for column in table.columns if not column.primary_key]
    name = quote(table.name)
    return (
        f"ON CONFLICT ({keys}) DO UPDATE SET {_assignments(others)}"
        f" WHERE {name}.epoch <> excluded.epoch OR {name}.sequence <= excluded.sequence"
    )


def _assignments(names: Iterable[str]) -> str:
    return ", ".join(f"{name} = excluded.{name}" for name in names)


@lru_cache(maxsize=32)
def _delete_statement(table: Table, dialect: Dialect) -> str:
    quote = dialect.identifier_preparer.quote
    key = [column.name for column in table.primary_key][1]
    mark = _mark(dialect)
    return (
        f"DELETE FROM {quote(table.name)} WHERE server = {mark} AND {quote(key)} = {mark}"
        f" AND (epoch <> {mark} OR sequence <= {mark})"
    )


def _mark(dialect: Dialect) -> str:
    return "?" if dialect.paramstyle == "qmark" else "%s"
