"""What commands on staff do: people, their roles, scopes and logins. Each reads back what it wrote.

On PostgreSQL a login is a role of the database's own: it is made, regrouped and dropped by procedures that read what to
do from the dispatched command themselves, so that the hub cannot choose. On SQLite a login is a row and no more.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from dealerdesk.commands.bodies import AddStaff, ChangeRole, DropLogin, MakeLogin, Scope, SetActive, SetScopes
from dealerdesk.commands.capacities import scopes_of
from dealerdesk.commands.desk_kinds import scope_words
from dealerdesk.commands.records import CommandRecord, Refused
from dealerdesk.store.feed import announce
from dealerdesk.store.schema import staff, staff_logins, staff_scopes

NOT_SHOWN = "It does not show in the database afterwards"


def add_staff(connection: Connection, record: CommandRecord, body: AddStaff, now_us: int) -> str:
    """Adds the person with their scopes and, if one is named, their login."""
    row = {"id": body.staff, "name": body.name, "role": body.role.value, "active": True}
    connection.execute(insert(staff).values(**row, version=1, changed_us=now_us, command_id=record.id))
    _give_scopes(connection, record, body.staff, body.scopes)
    if body.login:
        _enter_login(connection, record, body.staff, body.login, now_us)
    _announce(connection, body.staff, now_us)
    _expect(connection, body.staff, role=body.role.value, active=True)
    return f"{body.name} is here as {body.role.words}"


def change_role(connection: Connection, record: CommandRecord, body: ChangeRole, now_us: int) -> str:
    """Gives the person another role."""
    _change(connection, record, body.staff, now_us, role=body.role.value)
    _expect(connection, body.staff, role=body.role.value)
    return f"{body.staff} is {body.role.a_words} now"


def set_active(connection: Connection, record: CommandRecord, body: SetActive, now_us: int) -> str:
    """Lets the person in again, or shuts them out."""
    _change(connection, record, body.staff, now_us, active=body.active)
    _expect(connection, body.staff, active=body.active)
    return f"{body.staff} is {'active' if body.active else 'no longer active'}"


def set_scopes(connection: Connection, record: CommandRecord, body: SetScopes, now_us: int) -> str:
    """Replaces what the person sees and acts on."""
    connection.execute(delete(staff_scopes).where(staff_scopes.c.staff == body.staff))
    _give_scopes(connection, record, body.staff, body.scopes)
    _announce(connection, body.staff, now_us)
    if set(scopes_of(connection, body.staff)) != set(body.scopes):
        raise Refused(NOT_SHOWN)
    return f"{body.staff} sees and acts on {scope_words(body.scopes)}"


def make_login(connection: Connection, record: CommandRecord, body: MakeLogin, now_us: int) -> str:
    """Makes the login, or makes one anew that was dropped."""
    _enter_login(connection, record, body.staff, body.login, now_us)
    _announce(connection, body.staff, now_us)
    _expect_login(connection, body.login, body.staff, active=True)
    return f"{body.staff} can sign in as {body.login}"


def drop_login(connection: Connection, record: CommandRecord, body: DropLogin, now_us: int) -> str:
    """Drops the login; whoever is connected with it is disconnected."""
    changed = {"active": False, "command_id": record.id}
    connection.execute(update(staff_logins).where(staff_logins.c.login == body.login).values(**changed))
    _registrar(connection, func.api.drop_login(record.id))
    _announce(connection, body.staff, now_us)
    _expect_login(connection, body.login, body.staff, active=False)
    return f"Nobody can sign in as {body.login} any more"


def _change(connection: Connection, record: CommandRecord, person: str, now_us: int, **columns: Any) -> None:
    """Changes the person's row, on the version that the one who asked had seen, if they said one."""
    version = connection.scalars(select(staff.c.version).where(staff.c.id == person)).one()
    if record.expected_version not in (None, version):
        raise Refused(f"{person} has been changed since: look again")
    new = columns | {"version": version + 1, "changed_us": now_us, "command_id": record.id}
    connection.execute(update(staff).where(staff.c.id == person, staff.c.version == version).values(**new))
    if connection.scalar(select(staff_logins.c.login).where(staff_logins.c.staff == person).limit(1)) is not None:
        _registrar(connection, func.api.regroup_login(record.id))
    _announce(connection, person, now_us)


def _give_scopes(connection: Connection, record: CommandRecord, person: str, scopes: tuple[Scope, ...]) -> None:
    rows = [
        {"staff": person, "server": scope.server, "group_name": scope.group, "command_id": record.id}
        for scope in scopes
    ]
    connection.execute(insert(staff_scopes), rows)


def _enter_login(connection: Connection, record: CommandRecord, person: str, login: str, now_us: int) -> None:
    row = {"staff": person, "active": True, "made_us": now_us, "command_id": record.id}
    known = update(staff_logins).where(staff_logins.c.login == login).values(**row)
    if connection.execute(known).rowcount == 0:
        connection.execute(insert(staff_logins).values(login=login, **row))
    _registrar(connection, func.api.make_login(record.id))


def _registrar(connection: Connection, call: Any) -> None:
    """Lets the database do to its own roles what the command says; on SQLite there are none."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(call))


def _announce(connection: Connection, person: str, now_us: int) -> None:
    announce(connection, "staff", [person], now_us=now_us)


def _expect(connection: Connection, person: str, **columns: Any) -> None:
    query: Select[Any] = select(*(staff.c[name] for name in columns)).where(staff.c.id == person)
    row = connection.execute(query).first()
    if row is None or dict(row._mapping) != columns:
        raise Refused(NOT_SHOWN)


def _expect_login(connection: Connection, login: str, person: str, *, active: bool) -> None:
    query = select(staff_logins.c.staff, staff_logins.c.active).where(staff_logins.c.login == login)
    row = connection.execute(query).first()
    if row is None or (row.staff, row.active) != (person, active):
        raise Refused(NOT_SHOWN)
