"""What commands on the database itself do, from the asking to the row, on both backends."""

from __future__ import annotations

import asyncio

import pytest
from dispatch_desk import Desk
from office import SERVER, Office

from dealerdesk.bridges.protocol import Ack, Stage
from dealerdesk.clock import DAY_US, HOUR_US, MINUTE_US
from dealerdesk.commands import audit, dispatch, effects, policy, queries
from dealerdesk.commands.bodies import (
    AddStaff,
    Body,
    ChangeRole,
    ContactField,
    CoverAbsence,
    DropLogin,
    EraseClient,
    MakeLogin,
    Outcome,
    RateClient,
    Rating,
    Rule,
    Scope,
    SetActive,
    SetContact,
    SetPolicy,
    SetScopes,
    SettleUnknown,
)
from dealerdesk.commands.capacities import scopes_of
from dealerdesk.commands.records import CommandRecord, CommandState, Refused
from dealerdesk.commands.roles import Role
from dealerdesk.hub.database import DatabaseThread
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.queries import StaffMember, staff_member

EVA = AddStaff(staff="eva", name='Eva "the" Lund\\Å', role=Role.DEALER, scopes=(Scope("MT5", "real\\a"), Scope("MT4")))


def approved(office: Office, who: str, body: Body, by: str = "carol", server: str = "") -> CommandRecord:
    """The command, approved where it needs to be."""
    asked = office.request(who, body, server=server)
    return asked if asked.state is CommandState.APPROVED else office.approve(by, asked)


def execute(office: Office, record: CommandRecord) -> CommandRecord | None:
    with writing(office.engine) as connection:
        return effects.execute(connection, record.id, office.now_us)


def done(office: Office, who: str, body: Body, by: str = "carol", server: str = "") -> CommandRecord:
    """The command, carried out and settled."""
    settled = execute(office, approved(office, who, body, by, server))
    assert settled is not None
    return settled


def person(office: Office, who: str) -> StaffMember | None:
    with reading(office.engine) as connection:
        return staff_member(connection, who)


def found(office: Office, sql: str) -> list[tuple[object, ...]]:
    with reading(office.engine) as connection:
        return [tuple(row) for row in connection.exec_driver_sql(sql)]


def test_a_new_person_comes_with_role_and_scopes(office: Office) -> None:
    settled = done(office, "adam", EVA)

    assert (settled.state, settled.result) == (CommandState.CONFIRMED, 'Eva "the" Lund\\Å is here as dealer')
    assert person(office, "eva") == StaffMember("eva", 'Eva "the" Lund\\Å', "dealer", True)
    with reading(office.engine) as connection:
        assert scopes_of(connection, "eva") == (Scope("MT4"), Scope("MT5", "real\\a"))


def test_a_role_is_changed_and_the_row_counts_its_versions(office: Office) -> None:
    office.hire("eva", Role.DEALER)

    settled = done(office, "adam", ChangeRole(staff="eva", role=Role.HEAD_DEALER))

    assert (settled.state, settled.result) == (CommandState.CONFIRMED, "eva is a head dealer now")
    assert found(office, "SELECT role, version, command_id FROM staff WHERE id = 'eva'") == [
        ("head_dealer", 2, settled.id)
    ]


def test_whoever_is_shut_out_can_do_nothing_any_more(office: Office) -> None:
    done(office, "adam", EVA)
    office.now_us += 1

    settled = done(office, "adam", SetActive(staff="eva", active=False))

    assert settled.result == "eva is no longer active"
    again = done(office, "adam", SetActive(staff="eva", active=True))
    assert again.result == "eva is active"


def test_a_login_is_made_dropped_and_made_anew(office: Office) -> None:
    done(office, "adam", EVA)

    made = done(office, "adam", MakeLogin(staff="eva", login="eva_db"))
    dropped = done(office, "adam", DropLogin(staff="eva", login="eva_db"))
    again = done(office, "adam", MakeLogin(staff="eva", login="eva_db"))

    assert made.result == again.result == "eva can sign in as eva_db"
    assert dropped.result == "Nobody can sign in as eva_db any more"
    assert found(office, "SELECT login, command_id FROM staff_logins WHERE staff = 'eva'") == [("eva_db", again.id)]
    if office.has_logins:
        assert found(office, "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'eva_db'") == [(True,)]
    done(office, "adam", DropLogin(staff="eva", login="eva_db"))


def test_scopes_are_replaced_whole(office: Office) -> None:
    done(office, "adam", EVA)

    settled = done(office, "adam", SetScopes(staff="eva", scopes=(Scope("cTrader"),)))

    assert settled.result == "eva sees and acts on all of cTrader"
    with reading(office.engine) as connection:
        assert scopes_of(connection, "eva") == (Scope("cTrader"),)


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
    contact = SetContact(client_id=1001, field=ContactField.EMAIL, token='t"ok\\en')
    assert done(office, "otto", contact).state is CommandState.CONFIRMED
    assert found(office, "SELECT token FROM contacts") == [('t"ok\\en',)]

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


def unknown(office: Office) -> CommandRecord:
    """A command of which nobody knows what became."""
    record = office.approved()
    with writing(office.engine) as connection:
        dispatch.mark_dispatched(connection, record.id, "e1", office.now_us)
        lost = dispatch.note_ack(connection, Ack(id=record.id, stage=Stage.UNKNOWN, time_us=1), office.now_us)
    assert lost is not None
    return lost


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


def test_what_makes_no_sense_any_more_fails_with_the_sentence_and_leaves_nothing(office: Office) -> None:
    lost = unknown(office)
    bodies = [SettleUnknown(command_id=lost.id, outcome=Outcome.FAILED, evidence=words) for words in ("a", "b")]
    first, second = (approved(office, "dana", body, server=SERVER) for body in bodies)

    execute(office, first)
    late = execute(office, second)

    assert late is not None
    assert late.state is CommandState.FAILED
    assert late.result == f"Command {lost.id} is failed: there is nothing to settle"


def test_a_change_on_another_version_than_was_seen_fails(office: Office) -> None:
    done(office, "adam", EVA)
    body = SetActive(staff="eva", active=False)
    record = office.approve("carol", office.request("adam", body, server="", expected_version=7))

    settled = execute(office, record)

    assert settled is not None
    assert (settled.state, settled.result) == (CommandState.FAILED, "eva has been changed since: look again")
    assert person(office, "eva") is not None


def test_a_command_is_carried_out_once_however_often_it_is_tried(office: Office) -> None:
    record = approved(office, "cleo", RateClient(client_id=1001, rating=Rating.LOW))

    assert execute(office, record) is not None
    assert execute(office, record) is None

    with reading(office.engine) as connection:
        actions = [entry.action for entry in audit.history_of(connection, record.id)]
    assert actions == ["command requested", "command approved", "command dispatched", "command confirmed"]


def test_what_waits_for_approval_or_is_for_a_bridge_is_not_carried_out_here(office: Office) -> None:
    waiting = office.request("adam", EVA, server="")

    assert execute(office, waiting) is None
    assert execute(office, office.approved()) is None
    assert person(office, "eva") is None


def test_what_comes_too_late_expires_instead(office: Office) -> None:
    record = approved(office, "cleo", RateClient(client_id=1001, rating=Rating.LOW))
    office.now_us += 31 * MINUTE_US

    assert execute(office, record) is None
    with writing(office.engine) as connection:
        assert dispatch.expire_overdue(connection, office.now_us) == 1


def test_the_dispatcher_does_it_without_any_bridge_and_sends_nothing(office: Office) -> None:
    record = approved(office, "adam", EVA)

    async def play() -> Desk:
        with DatabaseThread(office.engine, "commands") as database:
            desk = Desk(office, database)
            desk.connect()
            await desk.dispatcher.turn()
            return desk

    desk = asyncio.run(play())

    assert (desk.bridge.sent, desk.bridge.asked) == ([], [])
    assert desk.state(record).state is CommandState.CONFIRMED
