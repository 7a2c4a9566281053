"""Signing in and out, and what a desk does by itself that must be on record: locking, exporting, changing a setting.

On PostgreSQL the connection is the person's own and the procedures of schema `api` do the work; on SQLite the password
is compared here. Either way what happened is an audit entry of the caller's transaction, so a transaction in which
somebody was turned away must be committed too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB

from dealerdesk.clock import from_us
from dealerdesk.commands import audit
from dealerdesk.commands.records import Refused
from dealerdesk.commands.roles import Role
from dealerdesk.commands.signed_in import Session, Turned
from dealerdesk.store.passwords import Checked, Outcome, check_password
from dealerdesk.store.queries import StaffMember, staff_member
from dealerdesk.store.schema import settings, staff_scopes

__all__ = ["NOTED", "Session", "Turned", "note", "sign_in", "sign_out", "standing"]

SIGNED_IN, SIGNED_OUT, TURNED_AWAY = "signed in", "signed out", "sign-in refused"
LOCKED, UNLOCKED = "locked", "unlocked"
EXPORTED, SETTING_CHANGED = "exported", "setting changed"
NOTED = (EXPORTED, SETTING_CHANGED, LOCKED, UNLOCKED)
"""What a desk may put on record in a person's name; anything else is written by the deed itself."""
PROGRAM = "DealerDesk"
DATABASE_ID = "database_id"
WRONG = "The name or the password is wrong."
WRONG_PASSWORD = "The password is wrong."


def sign_in(connection: Connection, who: str, password: str, now_us: int, origin: str) -> Session | Turned:
    """Lets a person in who gives the right password, or says why not.

    On PostgreSQL the server has checked the password when it let the connection in: `who` and `password` are not used.
    """
    if connection.dialect.name == "postgresql":
        return _sign_in_by_procedure(connection, origin)
    checked = check_password(connection, who, password, now_us)
    if checked.outcome is not Outcome.RIGHT:
        return _turn_away(connection, who, checked, now_us, origin)
    return _let_in(connection, who, now_us, origin, has_password=True)


def let_in(connection: Connection, who: str, now_us: int, origin: str) -> Session | Turned:
    """Lets a person in without a password: for a demonstration, whose database is gone when its window closes."""
    return _let_in(connection, who, now_us, origin, has_password=False)


def unlock(connection: Connection, session: Session, password: str, now_us: int, origin: str) -> Session | Turned:
    """Goes on with a locked session: the same checks as signing in, on record as «unlocked»."""
    if connection.dialect.name == "postgresql":
        again = _sign_in_by_procedure(connection, origin, is_new=False)
    else:
        if session.has_password:
            checked = check_password(connection, session.staff, password, now_us)
            if checked.outcome is not Outcome.RIGHT:
                turned = _turn_away(connection, session.staff, checked, now_us, origin)
                return Turned(WRONG_PASSWORD) if checked.outcome is Outcome.WRONG else turned
        again = _session_of(connection, session.staff, now_us, has_password=session.has_password)
    if isinstance(again, Turned):
        return again
    note(connection, again, UNLOCKED, again.staff, {}, now_us, origin)
    return again


def sign_out(connection: Connection, session: Session, now_us: int, origin: str) -> None:
    """Puts the end of the session on record."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.api.sign_out(origin)))
        return
    _write(connection, SIGNED_OUT, session.staff, now_us, origin)


def note(
    connection: Connection,
    session: Session,
    action: str,
    subject: str,
    detail: Mapping[str, Any],
    now_us: int,
    origin: str,
) -> None:
    """Puts one of `NOTED` on record in the person's name; raises ValueError for any other action."""
    if action not in NOTED:
        raise ValueError(f"a desk may not write {action!r} into the audit log")
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.api.note(action, subject, cast(dict(detail), JSONB), origin)))
        return
    entry = audit.Entry(
        id=audit.new_entry_id(),
        at_us=now_us,
        actor=session.staff,
        action=action,
        subject=subject,
        origin=origin,
        after=dict(detail),
    )
    audit.write(connection, entry)


def standing(connection: Connection, session: Session) -> str:
    """Why the session may not go on, as a sentence; empty while the person is active in the role they came with."""
    person = staff_member(connection, session.staff)
    if person is None:
        return f"{session.name} is not a member of staff here any more."
    if not person.active:
        return f"{person.name} has been deactivated: the session has ended."
    if person.role != session.role:
        return f"Your role is now {_role_words(person.role)}: sign in again to work with it."
    return ""


def _let_in(connection: Connection, who: str, now_us: int, origin: str, *, has_password: bool) -> Session | Turned:
    session = _session_of(connection, who, now_us, has_password=has_password)
    if isinstance(session, Turned):
        _write(connection, TURNED_AWAY, who, now_us, origin, reason=session.sentence)
    else:
        _write(connection, SIGNED_IN, who, now_us, origin)
    return session


def _session_of(connection: Connection, who: str, now_us: int, *, has_password: bool) -> Session | Turned:
    person = staff_member(connection, who)
    refusal = _refusal(person, who)
    if person is None or refusal:
        return Turned(refusal)
    rows = connection.execute(
        select(staff_scopes.c.server, staff_scopes.c.group_name).where(staff_scopes.c.staff == who)
    )
    return Session(
        staff=person.id,
        name=person.name,
        role=person.role,
        login=person.id,
        scopes=tuple((row.server, row.group_name) for row in rows),
        database_id=connection.scalar(select(settings.c.value).where(settings.c.name == DATABASE_ID)) or "",
        server_time_us=now_us,
        has_password=has_password,
    )


def _refusal(person: StaffMember | None, who: str) -> str:
    if person is None:
        return f"{who} is not a member of staff here: an administrator can change that."
    if not person.active:
        return f"{person.name} is no longer active here: an administrator can change that."
    if person.role not in set(Role):
        return f"{person.name} has no role here: an administrator can give one."
    return ""


def _turn_away(connection: Connection, who: str, checked: Checked, now_us: int, origin: str) -> Turned:
    turned = Turned(WRONG)
    if checked.outcome is Outcome.LOCKED:
        until = f"{from_us(checked.locked_until_us):%H:%M:%S} UTC"
        words = f"{who} is locked until {until} after {checked.failures} wrong passwords."
        turned = Turned(words, checked.locked_until_us)
    known = staff_member(connection, who)
    # what a stranger typed into the name field may be a password: it does not go on record
    subject = who if known is not None else ""
    _write(connection, TURNED_AWAY, subject, now_us, origin, reason=turned.sentence if known is not None else WRONG)
    return turned


class _Answer(msgspec.Struct):
    """What `api.sign_in` answers, as JSON."""

    outcome: str = "done"
    sentence: str = ""
    staff: str = ""
    name: str = ""
    role: str = ""
    login: str = ""
    scopes: list[Any] = []
    database_id: str = ""
    server_time_us: int = 0


def _sign_in_by_procedure(connection: Connection, origin: str, *, is_new: bool = True) -> Session | Turned:
    said = connection.scalar(select(func.api.sign_in(PROGRAM if is_new else "", origin)))
    if said is None:
        return Turned("This login belongs to no member of staff here: an administrator can change that.")
    answer = msgspec.convert(said, _Answer) if isinstance(said, dict) else msgspec.json.decode(said, type=_Answer)
    if answer.outcome != "done" or not answer.staff:
        return Turned(answer.sentence or "The database lets nobody in under this login.")
    return Session(
        staff=answer.staff,
        name=answer.name,
        role=answer.role,
        login=answer.login,
        scopes=tuple(_scope(scope) for scope in answer.scopes),
        database_id=answer.database_id,
        server_time_us=answer.server_time_us,
        is_enforced=True,
    )


def _scope(given: Any) -> tuple[str, str]:
    match given:
        case {"server": server, **rest}:
            return str(server), str(rest.get("group", rest.get("group_name", "")))
        case [server, group]:
            return str(server), str(group)
        case other:
            raise Refused(f"The database named a scope that this program does not understand: {other!r}")


def _write(connection: Connection, action: str, who: str, now_us: int, origin: str, reason: str = "") -> None:
    entry = audit.Entry(
        id=audit.new_entry_id(),
        at_us=now_us,
        actor=who,
        action=action,
        subject=who,
        reason=reason,
        origin=origin,
    )
    audit.write(connection, entry)


def _role_words(role: str) -> str:
    return Role(role).words if role in set(Role) else role
