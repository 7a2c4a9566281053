"""The first password of somebody whose login was just made: generated here, shown once by the desk, kept nowhere.

An administrator hands it out, to somebody else, once for each making of the login; the person then changes it. A
password that was forgotten takes dropping and making the login, which takes two people. On PostgreSQL only its SCRAM
verifier leaves this process.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, func, select

from dealerdesk.commands import audit
from dealerdesk.commands.records import Refused
from dealerdesk.commands.roles import Role
from dealerdesk.store.passwords import has_password, scram_verifier, set_password
from dealerdesk.store.queries import staff_member
from dealerdesk.store.schema import local_passwords, staff_logins
from dealerdesk.store.setup import new_password

SET = "first password set"


def hand_out(connection: Connection, *, who: str, login: str, now_us: int, origin: str = "") -> str:
    """The new password of `login`, set in the caller's transaction; raises Refused.

    On PostgreSQL who asks follows from the connection, and a refusal is on record: commit it too.
    """
    password = new_password()
    if connection.dialect.name == "postgresql":
        call = func.api.first_password(login, scram_verifier(password), origin)
        said = msgspec.json.decode(connection.scalars(select(call)).one())
        if said["outcome"] != "done":
            refused = Refused(said["sentence"])
            refused.is_recorded = True
            raise refused
        return password
    person = _taker(connection, who, login)
    set_password(connection, person, password, now_us)
    after = {"staff": person}
    entry = audit.Entry(
        id=audit.new_entry_id(), at_us=now_us, actor=who, action=SET, subject=login, origin=origin, after=after
    )
    audit.write(connection, entry)
    return password


def _taker(connection: Connection, who: str, login: str) -> str:
    """Whose login it is; raises Refused with the sentences of the procedure."""
    giver = staff_member(connection, who)
    if giver is None or not giver.active or giver.role != Role.ADMINISTRATOR:
        raise Refused("Only an administrator hands out a first password")
    found = connection.execute(
        select(staff_logins.c.staff, staff_logins.c.made_us).where(staff_logins.c.login == login, staff_logins.c.active)
    ).first()
    if found is None:
        return _without_login(connection, who, login)
    if found.staff == who:
        raise Refused("Nobody gives a login to themselves")
    of_person = local_passwords.c.staff == found.staff
    set_us = connection.scalar(select(local_passwords.c.changed_us).where(of_person))
    if set_us is not None and set_us >= found.made_us:
        raise Refused("This login has had its first password already")
    return str(found.staff)


def _without_login(connection: Connection, who: str, person: str) -> str:
    """Somebody for whom no login was ever made signs in to this file under their id; raises Refused."""
    taker = staff_member(connection, person)
    has_login = connection.scalar(select(staff_logins.c.login).where(staff_logins.c.staff == person).limit(1))
    if taker is None or not taker.active or has_login is not None:
        raise Refused("There is no such login")
    if person == who:
        raise Refused("Nobody gives a login to themselves")
    if has_password(connection, person):
        raise Refused("This login has had its first password already")
    return person
