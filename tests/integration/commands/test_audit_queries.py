"""The audit log a page at a time: what is asked for, newest first, with the seal of each entry."""

from __future__ import annotations

import pytest
from office import NOW_US, Office
from sqlalchemy import Engine, insert

from dealerdesk.clock import SECOND_US
from dealerdesk.commands import audit
from dealerdesk.commands.audit_queries import AuditPage, audit_head, audit_page, people
from dealerdesk.commands.audit_query import AuditQuery
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.schema import audit_order, audit_seals


def write(engine: Engine, number: int, **changes: object) -> None:
    fields: dict[str, object] = {"id": f"e{number}", "actor": "dana", "action": "signed in", "subject": "dana"}
    fields |= {"at_us": NOW_US + number * SECOND_US}
    with writing(engine) as connection:
        audit.write(connection, audit.Entry(**(fields | changes)))  # type: ignore[arg-type]


def read(engine: Engine, query: AuditQuery | None = None, **more: int) -> AuditPage:
    with reading(engine) as connection:
        return audit_page(connection, query or AuditQuery(), **more)


def found(engine: Engine, **asked: object) -> list[str]:
    return [row.entry.id for row in read(engine, AuditQuery(**asked)).rows]  # type: ignore[arg-type]


@pytest.fixture
def log(engine: Engine) -> Engine:
    """Five entries: a sign-in, a request on MT5 1001 of client 7, its approval, an opened name, an export by iris."""
    write(engine, 1)
    about = {"subject": "dd-command-1", "server": "MT5", "login": 1001, "client_id": 7, "kind": "set_book"}
    write(engine, 2, action="command requested", reason="100% hedged", **about)
    write(engine, 3, action="command approved", actor="carol", **about)
    write(engine, 4, action="read", subject="client 8", client_id=8, after={"what": "name"})
    write(engine, 5, action="exported", actor="iris", subject="audit log")
    return engine


def test_everything_comes_newest_first(log: Engine) -> None:
    assert found(log) == ["e5", "e4", "e3", "e2", "e1"]


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({"actor": "DANA"}, ["e4", "e2", "e1"]),
        ({"what": "approved"}, ["e3"]),
        ({"what": "set book"}, ["e3", "e2"]),
        ({"client_id": 8}, ["e4"]),
        ({"subject": "dd-command-1"}, ["e3", "e2"]),
        ({"server": "MT5", "login": 1001}, ["e3", "e2"]),
        ({"from_us": NOW_US + 3 * SECOND_US, "until_us": NOW_US + 5 * SECOND_US}, ["e4", "e3"]),
        ({"text": "100%"}, ["e2"]),
        ({"text": "1_0%"}, []),
        ({"actor": "carol", "client_id": 7}, ["e3"]),
    ],
)
def test_what_is_asked_must_hold(log: Engine, asked: dict[str, object], ids: list[str]) -> None:
    assert found(log, **asked) == ids


def test_a_person_is_found_by_their_name_too(office: Office) -> None:
    write(office.engine, 1, actor="carol")

    assert found(office.engine, actor="ferreira") == ["e1"]
    with reading(office.engine) as connection:
        assert people(connection)["carol"] == "Carol Ferreira"


def test_a_clients_history_has_the_commands_on_their_accounts(office: Office) -> None:
    record = office.request()
    with reading(office.engine) as connection:
        client_id = connection.exec_driver_sql("SELECT client_id FROM accounts WHERE login = 1001").scalar_one()

    history = read(office.engine, AuditQuery(client_id=client_id)).rows
    assert {row.entry.subject for row in history} == {record.id}
    assert {row.title for row in history} == {record.title}


def test_older_entries_come_on_demand(log: Engine) -> None:
    first = read(log, limit=2)
    rest = read(log, before_id=first.rows[-1].id, limit=10)

    assert [row.entry.id for row in first.rows] == ["e5", "e4"]
    assert first.has_more
    assert [row.entry.id for row in rest.rows] == ["e3", "e2", "e1"]
    assert not rest.has_more


def test_each_entry_lies_under_the_first_seal_that_closed_over_it(log: Engine) -> None:
    ids = {row.entry.id: row.id for row in read(log).rows}
    with writing(log) as connection:
        # entry 3 took its place before entry 2, as when it was committed first
        order = [ids[name] for name in ("e1", "e3", "e2", "e4")]
        connection.execute(insert(audit_order), [{"leaf": leaf, "audit_id": row} for leaf, row in enumerate(order)])
        texts = dict.fromkeys(("root", "frontier", "statement", "statement_hash", "signature", "key_id"), "x")
        seals = [(1, 2, NOW_US + 1), (2, 4, NOW_US + 2)]
        connection.execute(
            insert(audit_seals), [texts | {"number": n, "tree_size": size, "sealed_us": at} for n, size, at in seals]
        )

    page = read(log)
    assert {row.entry.id: (row.leaf, row.seal) for row in page.rows} == {
        "e1": (0, 1),
        "e3": (1, 1),
        "e2": (2, 2),
        "e4": (3, 2),
        "e5": (None, None),
    }
    assert (page.seal, page.sealed_us, page.waiting) == (2, NOW_US + 2, 1)
    with reading(log) as connection:
        assert audit_head(connection) == (ids["e5"], 2)


def test_an_empty_log_has_no_seal(engine: Engine) -> None:
    page = read(engine)

    assert (page.rows, page.seal, page.waiting) == ((), None, 0)
