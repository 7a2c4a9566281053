"""What the inbox reads, on either database; on PostgreSQL under the person's own login and rights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from office import TO_A, Office, act_as

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.commands.inbox_queries import Inbox, evidence, inbox
from dealerdesk.commands.records import CommandState
from dealerdesk.commands.roles import Role
from dealerdesk.store.engine import reading
from dealerdesk.trading import Book

T = TypeVar("T")


def read(office: Office, who: str, query: Callable[..., T], *args: Any) -> T:
    """A query as that person reads it."""
    with reading(office.engine) as connection:
        act_as(connection, who)
        return query(connection, *args)


def inbox_of(office: Office, who: str) -> Inbox:
    return read(office, who, inbox, who, office.now_us)


def to_a(login: int) -> SetBook:
    return SetBook(login=login, book=Book.A, covered_percent=100)


@pytest.fixture
def strict(office: Office) -> Office:
    """An office in which every change of book takes a supervisor."""
    office.needs_supervisor()
    return office


def test_what_waits_for_a_supervisor_is_in_carols_inbox_and_not_in_anas(strict: Office) -> None:
    record = strict.request("dana")

    assert [item.key for item in inbox_of(strict, "carol").mine(strict.now_us)] == [record.id]
    anas = inbox_of(strict, "ana")
    assert anas.mine(strict.now_us) == ()
    assert [item.key for item in anas.items] == [record.id]


def test_it_knows_the_persons_role_and_everybodys_names(strict: Office) -> None:
    found = inbox_of(strict, "carol")

    assert (found.me.id, found.me.name, found.me.role) == ("carol", "Carol Ferreira", Role.SUPERVISOR)
    assert found.name("dana") == "Dana Novak"
    assert found.name("hub") == "hub"


def test_one_of_two_approvals_is_seen_with_who_gave_it_and_what_they_said(office: Office) -> None:
    office.needs_supervisor(approvals=2, roles=(Role.SUPERVISOR, Role.PAYMENTS))
    record = office.request("dana")
    office.approve("ben", record)
    [item] = inbox_of(office, "carol").items

    assert [(said.staff, said.role, said.comment) for said in item.said] == [("ben", Role.PAYMENTS, "seen")]
    assert inbox_of(office, "ben").why_not_mine(item, office.now_us).startswith("You have approved it; still missing")
    assert [mine.key for mine in inbox_of(office, "carol").mine(office.now_us)] == [record.id]


def test_what_the_inbox_calls_mine_the_database_lets_me_decide(strict: Office) -> None:
    strict.request("dana")
    [item] = inbox_of(strict, "carol").mine(strict.now_us)
    decided = strict.approve("carol", item.head)

    assert decided.state is CommandState.APPROVED
    assert inbox_of(strict, "carol").mine(strict.now_us) == ()


def test_earlier_decisions_on_the_same_account_come_before_newer_ones_on_others(strict: Office) -> None:
    same = strict.request("dana", to_a(1001))
    strict.refuse("carol", same, "wait for Monday")
    strict.now_us += 1_000_000
    other = strict.request("dana", to_a(1002))
    strict.approve("carol", other)
    strict.now_us += 1_000_000
    asked = strict.request("dana", to_a(1001))
    found = read(strict, "carol", evidence, asked)

    assert [(each.record.id, each.same_account) for each in found.precedents] == [(same.id, True), (other.id, False)]
    [said] = found.precedents[0].decisions
    assert (said.staff, said.approves, said.comment) == ("carol", False, "wait for Monday")


def test_what_nobody_decided_is_no_precedent(strict: Office) -> None:
    first = strict.request("dana", to_a(1001))
    strict.withdraw("dana", first)
    asked = strict.request("dana", to_a(1001))

    assert read(strict, "carol", evidence, asked).precedents == ()


def test_an_unrated_client_is_called_so(strict: Office) -> None:
    record = strict.request("dana", TO_A)

    assert read(strict, "carol", evidence, record).rating == "unrated"


def test_a_supervisor_of_another_server_has_nothing_to_decide_here(strict: Office) -> None:
    strict.hire("far", Role.SUPERVISOR, server="MT4")
    strict.request("dana", TO_A)

    assert inbox_of(strict, "far").mine(strict.now_us) == ()
