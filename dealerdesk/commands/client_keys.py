"""A client's own key, for those who seal something of the client under it; that they read it is on record.

It takes two transactions on PostgreSQL, as every reading there does: asking is committed before anything is given out.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine

from dealerdesk.commands import audit, procedures
from dealerdesk.commands.capacities import person, reaches_client
from dealerdesk.commands.personal import key_of
from dealerdesk.commands.records import Refused
from dealerdesk.commands.roles import Role
from dealerdesk.commands.unmask import is_shown
from dealerdesk.store.engine import writing

KEY_READERS = (Role.BACK_OFFICE, Role.COMPLIANCE)


def client_key(engine: Engine, who: str, client_id: int, why: str, now_us: int, origin: str = "") -> str:
    """The client's key in hex, made when there is none; that it was read, and `why`, is on record.

    Raises Refused, for an erased client too, and DatabaseUnavailable.
    """
    if engine.dialect.name == "postgresql":
        return _by_procedure(engine, client_id, why, origin)
    with writing(engine) as connection:
        _refuse(connection, who, client_id)
        _note(connection, who, client_id, why, now_us, origin)
        return key_of(connection, client_id, now_us)


def _by_procedure(engine: Engine, client_id: int, why: str, origin: str) -> str:
    with writing(engine) as connection:
        procedures.ask_to_read(connection, "key", str(client_id), why, origin)
    with writing(engine) as connection:
        key = procedures.subject_key(connection, client_id, why, origin)
    if key is None:
        raise Refused(f"Client {client_id} has been erased: nothing more can be kept of them")
    return key


def _refuse(connection: Connection, who: str, client_id: int) -> None:
    role = Role(person(connection, who).role)
    if role not in KEY_READERS:
        raise Refused(f"{role.a_words.capitalize()} may not read this: key")
    if is_shown(connection, client_id) and not reaches_client(connection, who, client_id):
        raise Refused(f"Client {client_id} is not yours to look at")


def _note(connection: Connection, who: str, client_id: int, why: str, now_us: int, origin: str) -> None:
    audit.write(
        connection,
        audit.Entry(
            id=audit.new_entry_id(),
            at_us=now_us,
            actor=who,
            action="read",
            subject=f"client {client_id}",
            client_id=client_id,
            reason=why,
            origin=origin,
            after={"what": "key"},
        ),
    )
