"""Commands on the database itself, asked for, approved and carried out in a test's office."""

from __future__ import annotations

from office import Office

from dealerdesk.bridges.protocol import Ack, Stage
from dealerdesk.commands import dispatch, effects
from dealerdesk.commands.bodies import (
    Body,
)
from dealerdesk.commands.records import CommandRecord, CommandState
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.queries import StaffMember, staff_member


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


def unknown(office: Office) -> CommandRecord:
    """A command of which nobody knows what became."""
    record = office.approved()
    with writing(office.engine) as connection:
        dispatch.mark_dispatched(connection, record.id, "e1", office.now_us)
        lost = dispatch.note_ack(connection, Ack(id=record.id, stage=Stage.UNKNOWN, time_us=1), office.now_us)
    assert lost is not None
    return lost
