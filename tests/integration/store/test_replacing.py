"""SQLite's INSERT OR REPLACE writes over nothing permanent, tried at a prompt of one's own: a plain connection without
the program's settings, past which the guards of removing do not see it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from shutil import copy

import pytest
from sqlalchemy import Table, UniqueConstraint

from dealerdesk.store.guards import KEPT, PERMANENT
from dealerdesk.store.schema import metadata

LASTING = sorted({*PERMANENT, *KEPT, "command_kinds"})
CLOSED = ("command_transitions",)
"""Into this no row gets anyway."""
NUMBERED = ("batches", "command_kinds", "commands", "contacts", "covers", "decisions", "documents", "journal_entries",
            "policies", "postings", "staff", "staff_logins")  # fmt: skip
"""Tables whose rows have a hidden number besides their key."""
VALUES = {"INTEGER": (1, 2), "TEXT": ("approve", "refuse"), "NUMERIC": ("1.1", "1.2"), "BLOB": (b"a", b"b")}
SAME_TYPE = {"BIGINT": "INTEGER", "BOOLEAN": "INTEGER"}
FITTING = {
    "client_ratings.rating": ("low", "high"),
    "commands.id": ("command-01", "command-02"),
    "commands.state": ("requested", "requested"),
    "contacts.field": ("email", "phone"),
    "covers.absent": ("ana", "dana"),
    "postings.currency": ("USD", "EUR"),
}
"""Values of columns whose checks want something of their own."""


@pytest.fixture
def prompt(sqlite_template: Path, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A plain connection to the program's database."""
    with closing(sqlite3.connect(copy(sqlite_template, tmp_path / "dealerdesk.db"))) as connection:
        yield connection


def row(table: Table, number: int, same: tuple[str, ...] = ()) -> dict[str, object]:
    """One of two rows that differ in every column but those of `same`."""
    values = {}
    for column in table.columns:
        kind = str(column.type.compile())
        pair = FITTING.get(f"{table.name}.{column.name}", VALUES[SAME_TYPE.get(kind, kind)])
        values[column.name] = pair[0 if column.name in same else number]
    return values


def put(connection: sqlite3.Connection, table: Table, values: dict[str, object], how: str) -> None:
    """One row."""
    marks = ", ".join("?" * len(values))
    with connection:
        connection.execute(f"{how} INTO {table.name} ({', '.join(values)}) VALUES ({marks})", list(values.values()))


def refusal_of(connection: sqlite3.Connection, table: Table, values: dict[str, object]) -> str:
    """What the database says to writing the row over another; nothing where it passes over it."""
    try:
        put(connection, table, values, "INSERT OR REPLACE")
    except sqlite3.IntegrityError as error:
        return str(error)
    return ""


def put_past_the_guards(connection: sqlite3.Connection, table: Table, values: dict[str, object]) -> None:
    """What stands there before the attack. Of the guards only those stay away that look for a command: with them, a row
    would be refused for another reason."""
    guards = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table.name,)
    ).fetchall()
    for name, _ in guards:
        connection.execute(f"DROP TRIGGER {name}")
    put(connection, table, values, "INSERT")
    for name, sql in guards:
        if (
            name.endswith(("_not_replaced", "_replaced_for", "_once"))
            or "BEFORE INSERT" not in sql
            or table.name in CLOSED
        ):
            connection.execute(sql)


def unique_keys(table: Table) -> list[tuple[str, ...]]:
    """By which columns a row of the table could be written over."""
    whole = [each.columns for each in table.constraints if isinstance(each, UniqueConstraint)]
    found = [table.primary_key.columns, *whole, *(each.columns for each in table.indexes if each.unique)]
    return [tuple(column.name for column in each) for each in found]


@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name in LASTING for key in unique_keys(metadata.tables[name])]
)
def test_nothing_that_lasts_is_written_over(prompt: sqlite3.Connection, name: str, key: tuple[str, ...]) -> None:
    table = metadata.tables[name]
    put_past_the_guards(prompt, table, row(table, 0))
    before = prompt.execute(f"SELECT * FROM {name}").fetchall()

    refusal = refusal_of(prompt, table, row(table, 1, same=key))

    assert refusal in ("", f"{name} is never written over", "this entry is posted already") or name in CLOSED
    assert prompt.execute(f"SELECT * FROM {name}").fetchall() == before


@pytest.mark.parametrize("name", NUMBERED)
def test_nothing_that_lasts_is_written_over_by_its_hidden_number(prompt: sqlite3.Connection, name: str) -> None:
    table = metadata.tables[name]
    put_past_the_guards(prompt, table, row(table, 0))
    (number,) = prompt.execute(f"SELECT max(rowid) FROM {name}").fetchone()
    before = prompt.execute(f"SELECT * FROM {name}").fetchall()

    assert refusal_of(prompt, table, row(table, 1) | {"rowid": number}) == f"{name} is never written over"
    assert prompt.execute(f"SELECT * FROM {name}").fetchall() == before


@pytest.mark.parametrize("name", ["commands", "contacts", "staff", "staff_logins"])
def test_no_row_moves_onto_another(prompt: sqlite3.Connection, name: str) -> None:
    table = metadata.tables[name]
    put_past_the_guards(prompt, table, row(table, 0))

    with pytest.raises(sqlite3.IntegrityError):
        prompt.execute(f"UPDATE OR REPLACE {name} SET rowid = rowid + 1")


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO command_kinds SELECT 'mine', requesters, always, waits_us, dispatch_within_us, executor"
        " FROM command_kinds LIMIT 1",
        "UPDATE command_kinds SET always = 'null'",
        "DELETE FROM command_kinds",
    ],
)
def test_the_kinds_are_part_of_the_program(prompt: sqlite3.Connection, sql: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="the kinds are part of the program"):
        prompt.execute(sql)


PROMOTION = '{"kind":"change_role","role":"administrator","staff":"dana"}'


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"kind": "set_book", "payload": PROMOTION}, "a command is one of its kind"),
        ({"kind": "change_Role", "payload": PROMOTION}, "a command is one of its kind"),
        ({"kind": "set_book", "payload": PROMOTION[:-1] + ',"kind":"set_book"}'}, "a command is one of its kind"),
        ({"kind": "set_book", "payload": '{"kind":"set_book"}' + "\0" + PROMOTION}, "a command is one of its kind"),
        ({"kind": "set_book", "payload": '{"kind":"set_book"}', "requested_by": "ghost"}, "staff ask, and only they"),
    ],
    ids=["another_kinds", "no_kinds", "two_kinds", "one_behind_a_zero", "nobodys"],
)
def test_a_command_is_what_it_says_and_somebodys(
    prompt: sqlite3.Connection, changed: dict[str, object], sentence: str
) -> None:
    put_past_the_guards(
        prompt, metadata.tables["staff"], row(metadata.tables["staff"], 0) | {"id": "dana", "active": 1}
    )
    asked = row(metadata.tables["commands"], 0) | {"requested_by": "dana", "approvals_needed": 0} | changed

    assert refusal_of(prompt, metadata.tables["commands"], asked) == sentence


def test_nobody_decides_what_is_not_there_yet(prompt: sqlite3.Connection) -> None:
    """With foreign keys off, as at a prompt, the rules that look at the command would have nothing to look at."""
    put_past_the_guards(
        prompt, metadata.tables["staff"], row(metadata.tables["staff"], 0) | {"id": "carol", "active": 1}
    )
    early = row(metadata.tables["decisions"], 0) | {"staff": "carol", "for_staff": ""}

    assert refusal_of(prompt, metadata.tables["decisions"], early) == "staff decide what was asked for, and only they"
