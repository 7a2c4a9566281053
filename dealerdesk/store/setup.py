"""Sets up an empty database for a firm: roles, schema, policies, and the first two people. Two, because what takes a
second pair of eyes could otherwise never be done.

On PostgreSQL it takes a superuser once: the roles are made and the database is closed to everybody else, then the
tables are made as the migrator, who is none. On SQLite it makes the file. First passwords are generated, returned once
and kept nowhere. What can be done twice is done twice, so a set-up that broke off is started again. Asking for
addresses and passwords is the command line's part.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import URL, Connection, Engine, insert, make_url, select

from dealerdesk.store import roles
from dealerdesk.store.default_policies import add_default_policies
from dealerdesk.store.engine import open_engine, reading, writing
from dealerdesk.store.feed import announce
from dealerdesk.store.migrate import upgrade
from dealerdesk.store.passwords import scram_verifier, set_password
from dealerdesk.store.schema import staff, staff_logins, staff_scopes
from dealerdesk.store.step import current_step

LOGIN = re.compile(r"[a-z][a-z0-9_.]{1,62}")
"""What a person's login may be called; `api.make_login` says the same."""
LOOPBACK = ("127.0.0.1", "::1", "localhost", None)
CHECKED = "verify-full"
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that are taken for one another
PASSWORD_PARTS, PASSWORD_PART_LETTERS = 5, 5

OnRecord = Callable[[Connection, str, str, int], None]
"""Writes the audit entry «set up»: connection, person, role, moment."""


class SetupError(Exception):
    """Why the database cannot be set up; the text says what to do."""


@dataclass(frozen=True, slots=True)
class FirstPerson:
    """`id` is the name to sign in with, on PostgreSQL the login's too."""

    id: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class FirstPasswords:
    """To be shown once: `people` for the first two, `services` (PostgreSQL) for the hub and the migrator."""

    people: dict[str, str]
    services: dict[str, str]


def set_up(
    url: str, superuser_password: str, people: tuple[FirstPerson, FirstPerson], on_record: OnRecord, now_us: int
) -> FirstPasswords:
    """Sets the database at `url` up with an administrator and a supervisor; `url` is a superuser's on PostgreSQL.

    Raises SetupError, DatabaseUnavailable, or DatabaseAddressError.
    """
    _refuse_same_person(people)
    address = make_url(url)
    passwords = {person.id: new_password() for person in people}
    if address.get_backend_name() == "sqlite":
        set_up_file(url, people, passwords, on_record, now_us)
        return FirstPasswords(passwords, {})
    _refuse_unchecked(address)
    services = {role: new_password() for role in roles.SERVICES}
    _set_up_server(address.set(password=superuser_password or None), people, passwords, services, on_record, now_us)
    return FirstPasswords(passwords, services)


def new_password() -> str:
    """A password of 25 letters that nobody can guess (123 bits) and everybody can type."""
    parts = ("".join(secrets.choice(LETTERS) for _ in range(PASSWORD_PART_LETTERS)) for _ in range(PASSWORD_PARTS))
    return "-".join(parts)


def _refuse_same_person(people: tuple[FirstPerson, FirstPerson]) -> None:
    if people[0].id == people[1].id:
        raise SetupError("The first administrator and the first supervisor must be two people")
    if {person.role for person in people} != {"administrator", "supervisor"}:
        raise SetupError("The first two people are an administrator and a supervisor")


def _refuse_unchecked(address: URL) -> None:
    if address.password or "password" in address.query:
        raise SetupError("A password stands in the address: take it out, it is asked for")
    if address.host not in LOOPBACK and address.query.get("sslmode") != CHECKED:
        raise SetupError(f"The server is not on this machine: add ?sslmode={CHECKED}&sslrootcert=FILE to the address")


def set_up_file(
    url: str, people: tuple[FirstPerson, ...], passwords: dict[str, str], on_record: OnRecord, now_us: int
) -> None:
    """Sets a SQLite file up with people who have these passwords; raises SetupError, UnfitPassword."""
    engine = open_engine(url)
    try:
        _refuse_used(engine)
        upgrade(url)
        with writing(engine) as connection:
            _seed(connection, people, on_record, now_us)
            for person in people:
                set_password(connection, person.id, passwords[person.id], now_us)
    finally:
        engine.dispose()


def _set_up_server(
    address: URL,
    people: tuple[FirstPerson, ...],
    passwords: dict[str, str],
    services: dict[str, str],
    on_record: OnRecord,
    now_us: int,
) -> None:
    engine = open_engine(_spelt(address))
    try:
        _refuse_used(engine)
        with writing(engine) as connection:
            _prepare(connection, people, services)
        migrator = address.set(username=roles.MIGRATOR, password=services[roles.MIGRATOR])
        upgrade(_spelt(migrator))
        with writing(engine) as connection:
            _seed(connection, people, on_record, now_us)
            logins = [{"login": one.id, "staff": one.id, "active": True, "made_us": now_us} for one in people]
            connection.execute(insert(staff_logins), logins)
            for person in people:
                _make_login(connection, person, passwords[person.id])
    finally:
        engine.dispose()


def _spelt(address: URL) -> str:
    """With the password, for this process alone."""
    return address.render_as_string(hide_password=False)


def _refuse_used(engine: Engine) -> None:
    with reading(engine) as connection:
        if current_step(connection) is None:
            return
        if connection.dialect.has_table(connection, staff.name) and connection.scalar(select(staff.c.id).limit(1)):
            raise SetupError("There are people in this database already: `dealerdesk db upgrade` brings it up to date")


def _prepare(connection: Connection, people: tuple[FirstPerson, ...], services: dict[str, str]) -> None:
    """What takes the superuser before there are tables."""
    if not roles.is_superuser(connection):
        raise SetupError("Setting up takes a superuser of the cluster, once: sign in as one, such as postgres")
    known = set(connection.exec_driver_sql("SELECT rolname FROM pg_roles").scalars())
    for person in people:
        if not LOGIN.fullmatch(person.id) or person.id.startswith(("dealerdesk", "pg_", "postgres")):
            raise SetupError(f"{person.id!r} is no name for a login: use small letters, digits, dots and underscores")
        if person.id in known:
            raise SetupError(f"The cluster has a role {person.id} already: choose another name for this person")
    roles.ensure_roles(connection)
    roles.prepare_database(connection)
    roles.close_other_databases(connection)
    for role, password in services.items():
        connection.exec_driver_sql(f"ALTER ROLE {role} PASSWORD '{scram_verifier(password)}'")


def _make_login(connection: Connection, person: FirstPerson, password: str) -> None:
    # made by the registrar, who will be asked to change and to drop it
    quoted = connection.dialect.identifier_preparer.quote_identifier(person.id)
    groups = f"{roles.STAFF}, {roles.group_of(person.role)}"
    connection.exec_driver_sql(f"SET LOCAL ROLE {roles.REGISTRAR}")
    connection.exec_driver_sql(
        f"CREATE ROLE {quoted} LOGIN PASSWORD '{scram_verifier(password)}' CONNECTION LIMIT {roles.CONNECTIONS_MAX}"
        f" IN ROLE {groups}",
        execution_options={"no_parameters": True},
    )
    connection.exec_driver_sql("RESET ROLE")


def _seed(connection: Connection, people: tuple[FirstPerson, ...], on_record: OnRecord, now_us: int) -> None:
    """The two people, who see everything, and the policies that a firm begins with."""
    rows = [
        {"id": one.id, "name": one.name, "role": one.role, "active": True, "version": 1, "changed_us": now_us}
        for one in people
    ]
    connection.execute(insert(staff), rows)
    everything = [{"staff": person.id, "server": "", "group_name": ""} for person in people]
    connection.execute(insert(staff_scopes), everything)
    add_default_policies(connection, now_us)
    announce(connection, staff.name, [person.id for person in people], now_us=now_us)
    for person in people:
        on_record(connection, person.id, person.role, now_us)
