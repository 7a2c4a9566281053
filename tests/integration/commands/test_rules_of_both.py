"""Batches, absences and scopes: the same rules on both databases, whoever keeps them."""

from __future__ import annotations

from typing import Any

import pytest
from office import EPOCH, NOW_US, SERVER, Office
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from dealerdesk.bridges.protocol import ChangeBalance, SetBook
from dealerdesk.commands import bodies, dispatch, policy, queries, requests
from dealerdesk.commands.records import CommandState, Conflict, Member, Refused
from dealerdesk.commands.roles import Role
from dealerdesk.store.engine import reading, writing
from dealerdesk.trading import BalanceKind, Book


def _batch(amounts: list[int]) -> list[Member]:
    return [
        Member(
            command_id=f"member-{number}",
            body=ChangeBalance(login=1001, operation=BalanceKind.DEPOSIT, amount=amount, reference=f"{number}"),
        )
        for number, amount in enumerate(amounts)
    ]


def _ask_batch(office: Office, members: list[Member], batch_id: str = "batch-one") -> Any:
    with office.deed("otto") as connection:
        return requests.request_batch(
            connection,
            who="otto",
            server=SERVER,
            members=members,
            reason="pay day",
            now_us=office.now_us,
            batch_id=batch_id,
        )


def _decide_batch(office: Office, who: str, batch: Any, batch_hash: str = "") -> Any:
    with office.deed(who) as connection:
        return requests.decide_batch(
            connection,
            who=who,
            batch_id=batch.id,
            batch_hash=batch_hash or batch.hash,
            verdict=requests.Verdict.APPROVE,
            now_us=office.now_us,
        )


def test_a_batch_does_not_become_small_by_being_split_and_is_decided_as_one(office: Office) -> None:
    currency = _currency_of(office, 1001)
    rule = policy.Rule(daily_totals_min={currency: 1_000_000})
    with writing(office.engine) as connection:
        policy.enact(connection, "day", "change_balance", rule, author="setup", note="", now_us=NOW_US - 1)

    batch = _ask_batch(office, _batch([400_000, 300_000, 300_000]))

    assert [member.state for member in batch.members] == [CommandState.REQUESTED] * 3
    assert {member.approvals_needed for member in batch.members} == {1}
    with pytest.raises(Refused, match="part of a batch"):
        office.approve("carol", batch.members[0])
    with pytest.raises(Conflict, match="What you saw is not what was asked for"):
        _decide_batch(office, "carol", batch, batch_hash="0" * 64)
    with pytest.raises(Refused, match="cannot decide this: it takes a supervisor"):
        _decide_batch(office, "ben", batch)
    assert [each.state for each in _decide_batch(office, "carol", batch)] == [CommandState.APPROVED] * 3
    assert _ask_batch(office, _batch([400_000, 300_000, 300_000])).id == batch.id
    with pytest.raises(Conflict, match="already stands for something else"):
        _ask_batch(office, _batch([400_000, 300_000, 300_001]))


def test_a_batch_with_one_command_that_makes_no_sense_is_not_asked_for_at_all(office: Office) -> None:
    with pytest.raises(Refused, match="The amount is zero"):
        _ask_batch(office, _batch([5, 0]))

    with reading(office.engine) as connection:
        assert queries.recent_commands(connection) == []


def test_who_stands_in_decides_in_the_absent_ones_role_but_never_what_that_one_asked_for(office: Office) -> None:
    office.needs_supervisor(roles=(Role.SUPERVISOR, Role.HEAD_DEALER))
    office.hire("sam", Role.SUPERVISOR)
    _stand_in(office, "carol", "otto")

    by_dana = office.request("dana")
    by_carol = office.request("carol", SetBook(login=1002, book=Book.A, covered_percent=100))

    with pytest.raises(Refused, match="You stand in for carol, who asked for this"):
        office.approve("otto", by_carol)
    assert office.approve("otto", by_dana).state is CommandState.APPROVED
    with reading(office.engine) as connection:
        role = connection.scalar(text("SELECT role FROM decisions WHERE staff = 'otto'"))
    assert role == "supervisor"
    office.now_us += 10_000_000
    with pytest.raises(Refused, match="A back office clerk cannot decide this"):
        office.approve("otto", by_carol)


def test_two_who_stand_in_for_one_absent_person_are_one_approval(office: Office) -> None:
    office.needs_supervisor(approvals=2)
    office.hire("sam", Role.SUPERVISOR)
    office.hire("ida", Role.BACK_OFFICE)
    for cover in ("otto", "ida"):
        _stand_in(office, "carol", cover)
    asked = office.request("dana")

    assert office.approve("otto", asked).state is CommandState.REQUESTED
    for who in ("ida", "carol"):
        with pytest.raises(Refused, match="This was decided with carol's authority already"):
            office.approve(who, asked)
    assert office.approve("otto", asked).state is CommandState.REQUESTED
    assert office.approve("sam", asked).state is CommandState.APPROVED
    with reading(office.engine) as connection:
        told = connection.execute(
            text("SELECT staff, for_staff, role FROM decisions WHERE command_id = :id ORDER BY staff"), {"id": asked.id}
        ).all()
    assert [tuple(row) for row in told] == [("otto", "carol", "supervisor"), ("sam", "sam", "supervisor")]


def test_the_database_takes_no_decision_for_somebody_whom_the_decider_does_not_stand_in_for(office: Office) -> None:
    office.needs_supervisor()
    asked = office.request("dana")
    sql = (
        "INSERT INTO decisions (command_id, staff, for_staff, role, verdict, payload_hash, comment, decided_us)"
        f" VALUES ('{asked.id}', 'otto', 'carol', 'supervisor', 'approve', '{asked.payload_hash}', '', {NOW_US})"
    )

    with pytest.raises(DBAPIError, match="whom they do not stand in for"), writing(office.engine) as connection:
        connection.exec_driver_sql(sql)


def test_people_act_within_their_servers_and_groups_alone(office: Office) -> None:
    office.hire("mia", Role.SUPERVISOR, server="MT4")
    office.needs_supervisor()
    asked = office.request("dana")

    with pytest.raises(Refused, match="outside the servers and groups"):
        office.request("mia")
    # where the database hides another desk's commands, it does not tell that there is one
    is_hidden = office.engine.dialect.name == "postgresql"
    sentence = f"There is no command {asked.id}" if is_hidden else "outside the servers and groups"
    with pytest.raises(Refused, match=sentence):
        office.approve("mia", asked)


def _stand_in(office: Office, absent: str, cover: str) -> None:
    """Lets `cover` stand in from now on for nine seconds; sam, a supervisor, must be there to approve it."""
    body = bodies.CoverAbsence(absent=absent, cover=cover, from_us=NOW_US - 9, until_us=NOW_US + 9_000_000)
    asked = office.request(absent, body, server="")
    assert office.approve("sam", asked).state is CommandState.APPROVED
    with writing(office.engine) as connection:
        dispatch.mark_dispatched(connection, asked.id, EPOCH, office.now_us)
        connection.execute(
            text("INSERT INTO covers VALUES (:id, :absent, :cover, :begin, :end)"),
            {"id": asked.id, "absent": absent, "cover": cover, "begin": body.from_us, "end": body.until_us},
        )


def _currency_of(office: Office, login: int) -> str:
    with reading(office.engine) as connection:
        return str(connection.scalar(text(f"SELECT currency FROM accounts WHERE login = {login}")))
