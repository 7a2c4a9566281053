"""What commands on policies, absences, clients and lost commands do, from the asking to the row, on both backends."""

from __future__ import annotations

import pytest
from carried_out import approved, done, execute, found, unknown
from office import SERVER, Office

from dealerdesk.clock import DAY_US, HOUR_US, MINUTE_US
from dealerdesk.commands import audit, policy, queries
from dealerdesk.commands.bodies import (
    ContactField,
    CoverAbsence,
    EraseClient,
    Outcome,
    RateClient,
    Rating,
    Rule,
    SetContact,
    SetPolicy,
    SettleUnknown,
)
from dealerdesk.commands.records import CommandState, Refused
from dealerdesk.commands.roles import Role
from dealerdesk.store.engine import reading, writing

TOKEN = "dd1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJw=="
"""Shaped as what is sealed under a client's key."""


def test_a_policy_asked_for_is_in_force_once_it_is_carried_out(office: Office) -> None:
    rule = Rule(approvals=2, roles=(Role.SUPERVISOR, Role.HEAD_DEALER))
    body = SetPolicy(policy="all-books", of_kind="set_book", rule=rule, note='two "heads"')

    settled = done(office, "carol", body, by="adam")

    assert (settled.state, settled.result) == (CommandState.CONFIRMED, "all-books v1 is in force")
    with reading(office.engine) as connection:
        (standing, *_) = policy.in_force(connection, "set_book", office.now_us)
    assert (standing.name, standing.rule) == ("all-books v1", rule)
    assert office.request("ana").needs[0].policy == "all-books v1"


def test_a_policy_takes_effect_at_its_time_and_ends_by_a_version_of_its_own(office: Office) -> None:
    later = office.now_us + DAY_US
    done(office, "carol", SetPolicy(policy="p-1", of_kind="set_group", rule=Rule(), effective_us=later), by="adam")
    ended = done(
        office, "carol", SetPolicy(policy="p-1", of_kind="set_group", rule=None, effective_us=later + 5), "adam"
    )

    assert ended.result == "p-1 v2 ends the policy"
    with reading(office.engine) as connection:
        counts = [len(policy.in_force(connection, "set_group", at)) for at in (later - 1, later, later + 4, later + 5)]
    assert counts == [0, 1, 1, 0]


def test_an_absence_is_covered_for_as_long_as_was_asked(office: Office) -> None:
    body = CoverAbsence(absent="ana", cover="dana", from_us=office.now_us, until_us=office.now_us + HOUR_US)

    settled = done(office, "ana", body)

    assert settled.result == "dana stands in for ana"
    assert found(office, "SELECT absent, cover FROM covers") == [("ana", "dana")]


def test_an_absence_that_is_over_by_then_is_not_covered_any_more(office: Office) -> None:
    body = CoverAbsence(absent="ana", cover="dana", from_us=office.now_us, until_us=office.now_us + MINUTE_US)
    record = approved(office, "ana", body)
    office.now_us += MINUTE_US

    settled = execute(office, record)

    assert settled is not None
    assert (settled.state, settled.result) == (CommandState.FAILED, "The absence is over already")
    assert found(office, "SELECT * FROM covers") == []


def test_a_rating_is_changed_by_the_next_command(office: Office) -> None:
    for rating in (Rating.LOW, Rating.PROHIBITED):
        settled = done(office, "cleo", RateClient(client_id=1001, rating=rating))
        assert settled.state is CommandState.CONFIRMED

    assert found(office, "SELECT client_id, rating FROM client_ratings") == [(1001, "prohibited")]


def test_erasing_a_client_leaves_neither_name_nor_contact_nor_key(office: Office) -> None:
    with writing(office.engine) as connection:
        connection.exec_driver_sql("INSERT INTO subject_keys (client_id, key, made_us) VALUES (1001, 'ab', 1)")
    contact = SetContact(client_id=1001, field=ContactField.EMAIL, token=TOKEN)
    assert done(office, "otto", contact).state is CommandState.CONFIRMED
    assert found(office, "SELECT token FROM contacts") == [(TOKEN,)]

    settled = done(office, "cleo", EraseClient(client_id=1001))

    assert settled.state is CommandState.CONFIRMED
    assert found(office, "SELECT * FROM contacts") == []
    assert found(office, "SELECT key, destroyed_us FROM subject_keys") == [(None, office.now_us)]
    assert found(office, "SELECT name FROM clients WHERE id = 1001") == [("",)]
    with writing(office.engine) as connection:
        connection.exec_driver_sql("UPDATE clients SET name = 'Client 1001' WHERE id IN (1001, 1002)")
    assert found(office, "SELECT name FROM clients WHERE id IN (1001, 1002) ORDER BY id") == [("",), ("Client 1001",)]
    with pytest.raises(Refused, match="Client 1001 was erased"):
        office.request("cleo", EraseClient(client_id=1001), server="")


@pytest.mark.parametrize("outcome", list(Outcome))
def test_what_is_unknown_is_settled_as_a_person_found_it_and_another_agreed(office: Office, outcome: Outcome) -> None:
    lost = unknown(office)
    body = SettleUnknown(command_id=lost.id, outcome=outcome, evidence='the platform\'s log, "14:31"')

    settled = done(office, "dana", body, server=SERVER)

    assert settled.result == f"«{lost.title}» is {outcome.value}"
    with reading(office.engine) as connection:
        now = queries.command(connection, lost.id)
        last = audit.history_of(connection, lost.id)[-1]
    assert now is not None
    assert (now.state.value, now.result) == (outcome.value, body.evidence)
    assert settled.id in last.reason
