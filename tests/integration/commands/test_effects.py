"""How commands on the database itself are carried out: once, in time, whole or not at all. On both backends."""

from __future__ import annotations

import asyncio

from carried_out import approved, execute, person, unknown
from dispatch_desk import Desk
from office import SERVER, Office

from dealerdesk.clock import MINUTE_US
from dealerdesk.commands import audit, dispatch
from dealerdesk.commands.bodies import (
    AddStaff,
    Outcome,
    RateClient,
    Rating,
    Scope,
    SettleUnknown,
)
from dealerdesk.commands.records import CommandState
from dealerdesk.commands.roles import Role
from dealerdesk.hub.database import DatabaseThread
from dealerdesk.store.engine import reading, writing

EVA = AddStaff(staff="eva", name='Eva "the" Lund\\Å', role=Role.DEALER, scopes=(Scope("MT5", "real\\a"), Scope("MT4")))


def test_what_makes_no_sense_any_more_fails_with_the_sentence_and_leaves_nothing(office: Office) -> None:
    lost = unknown(office)
    bodies = [SettleUnknown(command_id=lost.id, outcome=Outcome.FAILED, evidence=words) for words in ("a", "b")]
    first, second = (approved(office, "dana", body, server=SERVER) for body in bodies)

    execute(office, first)
    late = execute(office, second)

    assert late is not None
    assert late.state is CommandState.FAILED
    assert late.result == f"Command {lost.id} is failed: there is nothing to settle"


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
