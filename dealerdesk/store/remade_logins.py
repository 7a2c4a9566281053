"""Makes people's logins anew in a cluster that has not got them: a backup holds who signs in as what, but roles and
passwords are the cluster's.

Administrators get first passwords, returned once and kept nowhere: each then hands out one to everybody else. Logins
that are there already are left as they are. Nothing is to be done on SQLite, where passwords are in the file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, select, text

from dealerdesk.store import roles
from dealerdesk.store.engine import open_engine, writing
from dealerdesk.store.passwords import scram_verifier
from dealerdesk.store.schema import staff, staff_logins
from dealerdesk.store.setup import LOGIN, new_password

ADMINISTRATOR = "administrator"

OnRemade = Callable[[Connection, "Remade", int], None]
"""Writes the audit entries of a login that was made anew: connection, login, moment."""


@dataclass(frozen=True, slots=True)
class Remade:
    """A login that was made anew. `command_id` is that of the command that first made it, None for one of the set-up;
    `password` is empty where an administrator is to hand one out."""

    login: str
    staff: str
    command_id: str | None
    password: str


class Missing(NamedTuple):
    """A login that the cluster has not got, and whose it is."""

    login: str
    staff: str
    command_id: str | None
    role: str
    active: bool


def remake_logins(url: str, on_remade: OnRemade, now_us: int, password: str = "") -> list[Remade]:
    """Makes the logins of the database at `url` that its cluster has not got; one transaction.

    Takes a superuser or the migrator. Raises DatabaseUnavailable.
    """
    engine = open_engine(url, (lambda: password) if password else None)
    try:
        if engine.dialect.name == "sqlite":
            return []
        with writing(engine) as connection:
            made = [_remake(connection, row) for row in _missing(connection)]
            for one in made:
                on_remade(connection, one, now_us)
    finally:
        engine.dispose()
    return made


def _missing(connection: Connection) -> list[Missing]:
    """The logins in use that are no roles of the cluster, by name."""
    known = frozenset(connection.scalars(text("SELECT rolname FROM pg_roles")))
    columns = (staff_logins.c.login, staff.c.id, staff_logins.c.command_id, staff.c.role, staff.c.active)
    of_staff = staff.c.id == staff_logins.c.staff
    query = select(*columns).join_from(staff_logins, staff, of_staff).where(staff_logins.c.active)
    found = connection.execute(query.order_by(staff_logins.c.login)).all()
    return [Missing(*row) for row in found if row.login not in known and LOGIN.fullmatch(row.login)]


def _remake(connection: Connection, row: Missing) -> Remade:
    """One role, made by the registrar, who will be asked to change and to drop it; shut for who is not active."""
    password = new_password() if row.role == ADMINISTRATOR and row.active else ""
    quoted = connection.dialect.identifier_preparer.quote_identifier(row.login)
    secret = f" PASSWORD '{scram_verifier(password)}'" if password else ""
    connection.exec_driver_sql(f"SET LOCAL ROLE {roles.REGISTRAR}")
    connection.exec_driver_sql(
        f"CREATE ROLE {quoted} {'LOGIN' if row.active else 'NOLOGIN'}{secret} CONNECTION LIMIT {roles.CONNECTIONS_MAX}"
        f" IN ROLE {roles.STAFF}, {roles.group_of(row.role)}",
        execution_options={"no_parameters": True},
    )
    connection.exec_driver_sql("RESET ROLE")
    return Remade(row.login, row.staff, row.command_id, password)
