from __future__ import annotations

import pytest
from office import Office
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from dealerdesk.commands import audit
from dealerdesk.commands.audit import Entry
from dealerdesk.store.engine import reading, writing


def entry(number: int) -> Entry:
    return Entry(
        id=f"entry-{number}", at_us=number, actor="dana", action="tested", subject="s", after={"ü": "✓", "a": None}
    )


def test_entries_are_kept_as_written_and_found_by_their_subject(engine: Engine) -> None:
    with writing(engine) as connection:
        for number in (2, 1):
            audit.write(connection, entry(number))

    with reading(engine) as connection:
        assert audit.history_of(connection, "s") == [entry(2), entry(1)]
        assert audit.history_of(connection, "other") == []
        assert audit.verify_leaves(connection) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("entry = replace(entry, 'dana', 'carl')", "its text does not match its hash"),
        ("leaf_hash = '00'", "its text does not match its hash"),
        ("actor = 'carl'", "it is filed under something else than what it says"),
        ("at_us = 9", "it is filed under something else than what it says"),
        ("entry = 'x'", "not an entry"),
    ],
)
def test_an_entry_changed_past_the_guards_is_found(engine: Engine, change: str, problem: str) -> None:
    with writing(engine) as connection:
        for number in (1, 2, 3):
            audit.write(connection, entry(number))
    with writing(engine) as connection:
        _unguard(connection)
        connection.exec_driver_sql(f"UPDATE audit SET {change} WHERE entry_id = 'entry-2'")

    with reading(engine) as connection:
        problems = audit.verify_leaves(connection)

    assert any(problem in found for found in problems)
    assert all(found.startswith("audit entry 2:") for found in problems)


def test_an_entrys_id_is_never_used_twice(office: Office) -> None:
    with writing(office.engine) as connection:
        audit.write(connection, entry(1))
    with pytest.raises(IntegrityError), writing(office.engine) as connection:
        audit.write(connection, entry(1))


def _unguard(connection: Connection) -> None:
    """What the owner of the database can do, whatever its triggers say."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
    else:
        connection.exec_driver_sql("DROP TRIGGER audit_no_update")
