"""Carries out the commands that change the database itself: staff, logins, policies, clients, lost commands.

The hub does each in one transaction: dispatched, done, read back, confirmed. So whatever is killed, it was done whole
or not at all, and never twice. What makes no sense any more fails with the sentence. The database's guards let a row
pass only while its command is dispatched and says just that. Sending to a bridge is not done here.
"""

from __future__ import annotations

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from dealerdesk.commands.bodies import (
    AddStaff,
    ChangeRole,
    CoverAbsence,
    DropLogin,
    EraseClient,
    MakeLogin,
    RateClient,
    SetActive,
    SetContact,
    SetPolicy,
    SetScopes,
    SettleUnknown,
)
from dealerdesk.commands.client_effects import cover, erase, put_policy_in_force, rate, set_contact, settle
from dealerdesk.commands.kinds import is_of_database, kind_of
from dealerdesk.commands.queries import command
from dealerdesk.commands.records import CommandRecord, CommandState, Refused
from dealerdesk.commands.staff_effects import add_staff, change_role, drop_login, make_login, set_active, set_scopes
from dealerdesk.commands.transitions import HUB, move
from dealerdesk.store.engine import is_passing

STAGE_DONE = "done"


def execute(connection: Connection, command_id: str, now_us: int) -> CommandRecord | None:
    """Carries an approved command out and settles it; None if it is not for the database, not approved, or too late."""
    record = command(connection, command_id, lock=True)
    if record is None or record.state is not CommandState.APPROVED or not is_of_database(record.kind):
        return None
    if record.deadline_us is not None and now_us >= record.deadline_us:
        return None
    sent = move(connection, record, CommandState.DISPATCHED, actor=HUB, now_us=now_us, dispatched_us=now_us, sends=1)
    deed = connection.begin_nested()
    try:
        words = apply(connection, sent, now_us)
    except Refused as refused:
        deed.rollback()
        return _settle(connection, sent, CommandState.FAILED, now_us, str(refused))
    except DBAPIError as error:
        if is_passing(error):
            raise
        deed.rollback()
        return _settle(connection, sent, CommandState.FAILED, now_us, f"The database refused: {_first_line(error)}")
    deed.commit()
    return _settle(connection, sent, CommandState.CONFIRMED, now_us, words, stage=STAGE_DONE)


def apply(connection: Connection, record: CommandRecord, now_us: int) -> str:
    """Does what the dispatched command says, reads it back, and returns that in words.

    Raises Refused when it makes no sense any more or does not show afterwards; the caller must then undo it.
    """
    kind_of(record.body).check(connection, record.server, record.body, record.requested_by)
    match record.body:
        case AddStaff() as body:
            return add_staff(connection, record, body, now_us)
        case ChangeRole() as body:
            return change_role(connection, record, body, now_us)
        case SetScopes() as body:
            return set_scopes(connection, record, body, now_us)
        case SetActive() as body:
            return set_active(connection, record, body, now_us)
        case MakeLogin() as body:
            return make_login(connection, record, body, now_us)
        case DropLogin() as body:
            return drop_login(connection, record, body, now_us)
        case SetPolicy() as body:
            return put_policy_in_force(connection, record, body, now_us)
        case CoverAbsence() as body:
            return cover(connection, record, body, now_us)
        case RateClient() as body:
            return rate(connection, record, body, now_us)
        case SetContact() as body:
            return set_contact(connection, record, body, now_us)
        case EraseClient() as body:
            return erase(connection, record, body, now_us)
        case SettleUnknown() as body:
            return settle(connection, record, body, now_us)
        case other:
            raise TypeError(f"not for the database: {other!r}")


def _settle(
    connection: Connection, record: CommandRecord, to: CommandState, now_us: int, words: str, stage: str = ""
) -> CommandRecord:
    return move(connection, record, to, actor=HUB, now_us=now_us, settled_us=now_us, result=words, stage=stage)


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).partition("\n")[0]
