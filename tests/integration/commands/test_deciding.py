"""Who may decide what: absences, scopes, escalation, batches. On both backends."""

from __future__ import annotations

import pytest
from office import SERVER, Office

from dealerdesk.bridges.protocol import ChangeBalance, SetBook, SetGroup
from dealerdesk.clock import HOUR_US
from dealerdesk.commands import effects, policy
from dealerdesk.commands.bodies import (
    AddStaff,
    ChangeRole,
    CoverAbsence,
    RateClient,
    Rating,
    Rule,
    SetPolicy,
)
from dealerdesk.commands.records import CommandRecord, CommandState, Refused
from dealerdesk.commands.roles import Role
from dealerdesk.store.engine import reading, writing
from dealerdesk.trading import BalanceKind, Book


def stands_in(office: Office, cover: str, absent: str, hours: int = 1) -> None:
    """From now on, for so long."""
    until_us = office.now_us + hours * HOUR_US
    body = CoverAbsence(absent=absent, cover=cover, from_us=office.now_us, until_us=until_us)
    approver = "adam" if "carol" in (absent, cover) else "carol"
    record = office.approve(approver, office.request(absent, body, server=""))
    with writing(office.engine) as connection:
        settled = effects.execute(connection, record.id, office.now_us)
    assert settled is not None
    assert settled.state is CommandState.CONFIRMED


def with_policy(office: Office, rule: Rule, kind: str = "set_book") -> None:
    with writing(office.engine) as connection:
        policy.enact(connection, "p", kind, rule, author="setup", note="", now_us=office.now_us - 1)


def role_of_decision(office: Office, record: CommandRecord) -> object:
    with reading(office.engine) as connection:
        sql = f"SELECT role FROM decisions WHERE command_id = '{record.id}'"
        return connection.exec_driver_sql(sql).scalar()


def test_who_stands_in_decides_in_the_absent_ones_role_for_that_time(office: Office) -> None:
    office.needs_supervisor()
    stands_in(office, "dana", "carol")
    first, second = office.request("ana"), office.request("ana", SetBook(login=1002, book=Book.A, covered_percent=100))

    assert office.approve("dana", first).state is CommandState.APPROVED
    assert role_of_decision(office, first) == "supervisor"
    office.now_us += HOUR_US
    with pytest.raises(Refused, match="A head dealer cannot decide this: it takes a supervisor"):
        office.approve("dana", second)


def test_who_stands_in_never_decides_what_the_absent_one_asked_for(office: Office) -> None:
    office.needs_supervisor(roles=(Role.SUPERVISOR, Role.HEAD_DEALER))
    stands_in(office, "dana", "carol")
    asked = office.request("carol")

    with pytest.raises(Refused, match="You stand in for carol, who asked for this"):
        office.approve("dana", asked)


def test_nobody_decides_about_themselves_nor_for_one_whom_it_is_about(office: Office) -> None:
    stands_in(office, "dana", "carol")
    about_carol = office.request("adam", ChangeRole(staff="carol", role=Role.DEALER), server="")

    with pytest.raises(Refused, match="This is about you: somebody else must decide it"):
        office.approve("carol", about_carol)
    with pytest.raises(Refused, match="cannot decide this"):
        office.approve("dana", about_carol)


def test_nobody_asks_for_what_is_about_themselves(office: Office) -> None:
    for body in (
        ChangeRole(staff="adam", role=Role.SUPERVISOR),
        CoverAbsence(absent="ana", cover="adam", from_us=office.now_us, until_us=office.now_us + 1),
    ):
        with pytest.raises(Refused, match="This is about you: somebody else must ask for it"):
            office.request("adam", body, server="")


def test_another_asks_for_an_absence_only_as_administrator(office: Office) -> None:
    body = CoverAbsence(absent="ana", cover="dana", from_us=office.now_us, until_us=office.now_us + HOUR_US)

    with pytest.raises(Refused, match="Ask for your own absence to be covered"):
        office.request("otto", body, server="")
    assert office.request("adam", body, server="").state is CommandState.REQUESTED


def test_what_lies_outside_ones_scope_is_neither_asked_for_nor_decided(office: Office) -> None:
    office.hire("far", Role.SUPERVISOR, server="MT4")
    office.hire("near", Role.SUPERVISOR, server=SERVER, group="retail")
    office.needs_supervisor()
    asked = office.request("dana")

    # where the database hides another desk's commands, it does not tell that there is one
    is_hidden = office.engine.dialect.name == "postgresql"
    sentence = f"There is no command {asked.id}" if is_hidden else "outside the servers and groups"
    with pytest.raises(Refused, match=sentence):
        office.approve("far", asked)
    with pytest.raises(Refused, match="outside the servers and groups"):
        office.request("far", SetBook(login=1002, book=Book.A, covered_percent=100))
    assert office.approve("near", asked).state is CommandState.APPROVED


def test_an_account_is_not_moved_out_of_ones_scope(office: Office) -> None:
    office.hire("near", Role.SUPERVISOR, server=SERVER, group="retail")

    with pytest.raises(Refused, match="outside the servers and groups"):
        office.request("near", SetGroup(login=1001, group="vip"))


def test_what_has_waited_long_enough_may_be_decided_by_others_too(office: Office) -> None:
    with_policy(office, Rule(escalate_after_s=600, escalate_roles=(Role.HEAD_DEALER,)))
    asked = office.request("ana")
    office.now_us += 600 * 1_000_000 - 1
    with pytest.raises(Refused, match="it takes a supervisor"):
        office.approve("dana", asked)

    office.now_us += 1

    assert office.approve("dana", asked).state is CommandState.APPROVED


def test_an_auditor_decides_nothing_and_an_administrator_no_money_whatever_a_policy_says(office: Office) -> None:
    with_policy(office, Rule(roles=(Role.AUDITOR, Role.ADMINISTRATOR, Role.SUPERVISOR)))
    asked = office.request("dana")

    for who in ("iris", "adam"):
        with pytest.raises(Refused, match="cannot decide this"):
            office.approve(who, asked)


def test_staff_always_take_a_second_person(office: Office) -> None:
    asked = office.request("adam", AddStaff(staff="eva", name="Eva", role=Role.DEALER), server="")

    assert (asked.state, [need.policy for need in asked.needs]) == (CommandState.REQUESTED, ["always"])
    with pytest.raises(Refused, match="You asked for this yourself"):
        office.approve("adam", asked)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule(approvals=3), "one or two approvals|does not take this as its rule"),
        (Rule(roles=(Role.AUDITOR,)), "roles that may decide"),
        (Rule(roles=(Role.ADMINISTRATOR,)), "moves money or risk"),
        (Rule(escalate_after_s=5), "To escalate takes"),
        (Rule(amounts_min={"USD": -1}), "never below zero|does not take this as its rule"),
    ],
)
def test_a_rule_that_could_never_be_met_never_comes_into_force(office: Office, rule: Rule, words: str) -> None:
    with pytest.raises(Refused, match=words):
        bring_into_force(office, SetPolicy(policy="p-1", of_kind="set_book", rule=rule))

    with reading(office.engine) as connection:
        names = [standing.id for standing in policy.in_force(connection, "set_book", office.now_us)]
    assert names == ["set-book-large-account"]


def bring_into_force(office: Office, body: SetPolicy) -> None:
    """Asks for it and carries it out: what PostgreSQL lets be asked for fails then, with the same sentence."""
    record = office.approve("adam", office.request("carol", body, server=""))
    with writing(office.engine) as connection:
        settled = effects.execute(connection, record.id, office.now_us)
    assert settled is not None
    assert settled.state is CommandState.FAILED
    raise Refused(settled.result)


def test_amounts_of_a_day_add_up_whoever_asks(office: Office) -> None:
    half = ChangeBalance(login=1001, operation=BalanceKind.DEPOSIT, amount=600_000)
    rule = Rule(daily_totals_min={"USD": 1_000_000}, roles=(Role.SUPERVISOR,))
    with_policy(office, rule, "change_balance")

    assert office.request("otto", half).state is CommandState.APPROVED
    other = ChangeBalance(login=1001, operation=BalanceKind.WITHDRAWAL, amount=-400_000)
    waiting = office.request("ben", other)

    assert waiting.state is CommandState.REQUESTED
    assert waiting.needs[0].words == ("10000.00 USD are asked for today in all, 10000.00 USD or more need approval")


def test_a_clients_rating_decides_who_is_asked(office: Office) -> None:
    rating = office.request("cleo", RateClient(client_id=1001, rating=Rating.PROHIBITED), server="")
    with writing(office.engine) as connection:
        effects.execute(connection, rating.id, office.now_us)

    asked = office.request("ben", ChangeBalance(login=1001, operation=BalanceKind.WITHDRAWAL, amount=-1))

    assert [need.policy for need in asked.needs] == ["prohibited-clients v1"]
    assert office.approve("cleo", asked).state is CommandState.APPROVED
