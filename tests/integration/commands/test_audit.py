from __future__ import annotations

import pytest
from office import Office
from past_the_guards import past_the_guards
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from dealerdesk.commands import audit
from dealerdesk.commands.audit import Entry
from dealerdesk.commands.canonical import canonical, leaf_hash
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.schema import audit as audit_table


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
        ("client_id = 8", "it is filed under something else than what it says"),
        ("kind = 'set_book'", "it is filed under something else than what it says"),
        ("entry = 'x'", "not an entry"),
    ],
)
def test_an_entry_changed_past_the_guards_is_found(engine: Engine, change: str, problem: str) -> None:
    with writing(engine) as connection:
        for number in (1, 2, 3):
            audit.write(connection, entry(number))
    with writing(engine) as connection, past_the_guards(connection, "audit"):
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


def test_the_json_has_every_field_in_the_order_of_the_names_and_the_columns_repeat_it(engine: Engine) -> None:
    full = Entry(
        id="entry-1",
        at_us=5,
        actor="dana",
        action="tested",
        subject="s",
        server="MT5",
        login=1001,
        client_id=55,
        kind="set_book",
        reason="why",
        origin="desk",
        before={"b": 1, "a": None},
        after={},
    )
    with writing(engine) as connection:
        audit.write(connection, full)

    with reading(engine) as connection:
        row = connection.execute(audit_table.select()).one()
        assert audit.history_of(connection, "s") == [full]
    assert row.entry == (
        '{"action":"tested","actor":"dana","after":{},"at_us":5,"before":{"a":null,"b":1},"client_id":55,"id":"entry-1",'
        '"kind":"set_book","login":1001,"origin":"desk","reason":"why","server":"MT5","subject":"s"}'
    )
    assert (row.client_id, row.kind, row.txid > 0) == (55, "set_book", engine.dialect.name == "postgresql")


def test_what_a_desk_put_on_record_in_any_shape_can_be_read(engine: Engine) -> None:
    odd = Entry(id="entry-1", at_us=1, actor="dana", action="exported", subject="s", after={"a": [1, {"b": 1.5}, True]})
    with writing(engine) as connection:
        audit.write(connection, odd)

    with reading(engine) as connection:
        assert audit.history_of(connection, "s") == [odd]


def test_an_entry_of_an_earlier_version_without_client_and_kind_is_whole(engine: Engine) -> None:
    said = canonical({"action": "tested", "actor": "dana", "at_us": 1, "id": "old", "subject": "s", "server": ""})
    columns = {"entry_id": "old", "at_us": 1, "actor": "dana", "action": "tested", "subject": "s", "server": ""}
    with writing(engine) as connection:
        connection.execute(audit_table.insert().values(**columns, entry=said, leaf_hash=leaf_hash(said)))

    with reading(engine) as connection:
        assert audit.verify_leaves(connection) == []
