"""What screens read, read by people over their own connections: their role's rights are enough, and no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from office import Office
from sqlalchemy.exc import ProgrammingError

from dealerdesk.commands.audit_queries import audit_head, audit_page, people
from dealerdesk.commands.audit_query import AuditQuery
from dealerdesk.commands.bodies import Rule
from dealerdesk.commands.client_names import client_names
from dealerdesk.commands.policy_queries import policy_book
from dealerdesk.commands.policy_replay import what_would
from dealerdesk.commands.staff_queries import colleagues
from dealerdesk.store.engine import reading


def read(office: Office, who: str, query: Callable[..., Any], *given: Any) -> Any:
    """A query over the person's own connection."""
    engine = office.engine_of(who) if office.has_logins else office.engine
    try:
        with reading(engine) as connection:
            return query(connection, *given)
    finally:
        if office.has_logins:
            engine.dispose()


@pytest.mark.parametrize("who", ["iris", "carol", "cleo"])
def test_the_readers_of_the_audit_log_read_it(office: Office, who: str) -> None:
    record = office.request()

    rows = read(office, who, audit_page, AuditQuery(subject=record.id)).rows
    assert {row.title for row in rows} == {record.title}
    client_id = rows[0].entry.client_id
    assert client_id is not None
    assert read(office, who, audit_page, AuditQuery(client_id=client_id)).rows
    assert read(office, who, audit_head)[0] >= rows[0].id
    assert read(office, who, people)["dana"] == "Dana Novak"


@pytest.mark.parametrize("who", ["adam", "carol", "iris"])
def test_the_readers_of_the_list_of_staff_read_it(office: Office, who: str) -> None:
    assert "dana" in {each.id for each in read(office, who, colleagues, office.now_us)}


@pytest.mark.parametrize("who", ["dana", "carol", "iris", "adam"])
def test_everybody_reads_the_policies(office: Office, who: str) -> None:
    assert read(office, who, policy_book, office.now_us).versions


def test_a_supervisor_tries_a_rule_on_the_past(office: Office) -> None:
    record = office.request()

    found = read(office, "carol", what_would, Rule(), "set_book", office.now_us - 1, office.now_us + 1)
    assert [each.command_id for each in found] == [record.id]


@pytest.mark.parametrize("who", ["otto", "ben", "cleo", "carol", "iris"])
def test_names_are_read_in_bulk_by_whoever_sees_them_plainly(office: Office, who: str) -> None:
    assert all(read(office, who, client_names).values())


@pytest.mark.parametrize("who", ["dana", "ana", "adam"])
def test_names_are_refused_to_others_by_the_database_where_it_can(office: Office, who: str) -> None:
    if not office.has_logins:
        # there the operating-system account is the boundary, and the desk alone keeps names from people
        assert read(office, who, client_names)
        return
    with pytest.raises(ProgrammingError, match="permission denied"):
        read(office, who, client_names)
