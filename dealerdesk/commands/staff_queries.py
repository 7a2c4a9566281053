"""Reads who works here: roles, what each sees, logins, who covers for whom, what is asked about each. No changes."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from dealerdesk.commands.bodies import AddStaff, Scope
from dealerdesk.commands.kinds import kind_of
from dealerdesk.commands.queries import open_commands
from dealerdesk.commands.records import CommandRecord
from dealerdesk.commands.roles import Role
from dealerdesk.store.schema import covers, staff, staff_logins, staff_scopes

READERS = frozenset({Role.ADMINISTRATOR, Role.SUPERVISOR, Role.AUDITOR})
"""Who may look at the list of staff."""


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of staff, or one who is asked for (`is_here` False). `covers_for` and `covered_by` hold now or later.
    `under_way` is what is asked about them and not settled yet, oldest first."""

    id: str
    name: str
    role: str
    active: bool
    changed_us: int
    is_here: bool = True
    scopes: tuple[Scope, ...] = ()
    logins: tuple[str, ...] = ()
    covers_for: tuple[tuple[str, int], ...] = ()
    covered_by: tuple[tuple[str, int], ...] = ()
    under_way: tuple[CommandRecord, ...] = ()


def colleagues(connection: Connection, now_us: int) -> list[Colleague]:
    """Everybody by name, then those who are asked for."""
    asked = _asked(connection)
    scopes, logins = _scopes(connection), _logins(connection)
    away, standing = _covers(connection, now_us)
    found = [
        Colleague(
            row.id,
            row.name,
            row.role,
            bool(row.active),
            row.changed_us,
            True,
            tuple(sorted(scopes.get(row.id, ()))),
            tuple(sorted(logins.get(row.id, ()))),
            tuple(standing.get(row.id, ())),
            tuple(away.get(row.id, ())),
            tuple(asked.get(row.id, ())),
        )
        for row in connection.execute(select(staff).order_by(staff.c.name))
    ]
    here = {each.id for each in found}
    return [*found, *(_asked_for(record) for key, records in asked.items() if key not in here for record in records)]


def _asked(connection: Connection) -> dict[str, list[CommandRecord]]:
    """Staff id → the open commands about them."""
    found: dict[str, list[CommandRecord]] = {}
    for record in open_commands(connection):
        for subject in kind_of(record.body).subjects(record.body):
            found.setdefault(subject, []).append(record)
    return found


def _asked_for(record: CommandRecord) -> Colleague:
    body = record.body
    if isinstance(body, AddStaff):
        logins = (body.login,) if body.login else ()
        return Colleague(
            body.staff,
            body.name,
            body.role.value,
            False,
            record.requested_us,
            False,
            body.scopes,
            logins,
            (),
            (),
            (record,),
        )
    (subject, *_) = kind_of(body).subjects(body)
    return Colleague(subject, subject, "", False, record.requested_us, False, under_way=(record,))


def _scopes(connection: Connection) -> dict[str, list[Scope]]:
    found: dict[str, list[Scope]] = {}
    for row in connection.execute(select(staff_scopes)):
        found.setdefault(row.staff, []).append(Scope(row.server, row.group_name))
    return found


def _logins(connection: Connection) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in connection.execute(select(staff_logins.c.staff, staff_logins.c.login).where(staff_logins.c.active)):
        found.setdefault(row.staff, []).append(row.login)
    return found


def _covers(
    connection: Connection, now_us: int
) -> tuple[dict[str, list[tuple[str, int]]], dict[str, list[tuple[str, int]]]]:
    """Who is covered by whom until when, and who covers for whom until when."""
    away: dict[str, list[tuple[str, int]]] = {}
    standing: dict[str, list[tuple[str, int]]] = {}
    query = select(covers).where(covers.c.until_us > now_us).order_by(covers.c.from_us)
    for row in connection.execute(query):
        away.setdefault(row.absent, []).append((row.cover, row.until_us))
        standing.setdefault(row.cover, []).append((row.absent, row.until_us))
    return away, standing
