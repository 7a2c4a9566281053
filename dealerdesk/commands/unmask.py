"""Opens one field of one client to one person, and puts on record that it was asked for, given or refused.

It takes two transactions: asking is committed before anything is read, so that no read goes without a trace, whatever
becomes of the second. On PostgreSQL the procedures hold the same rights (`fields`) against everybody.
"""

from __future__ import annotations

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, func, select, true

from dealerdesk.bridges.protocol import OpenAccount
from dealerdesk.commands import audit
from dealerdesk.commands.capacities import Capacity, own, person, reaches_client
from dealerdesk.commands.fields import Access, PersonalField, access
from dealerdesk.commands.personal import TokenError, reveal
from dealerdesk.commands.records import Refused
from dealerdesk.commands.roles import Role
from dealerdesk.store.engine import writing
from dealerdesk.store.schema import accounts, clients, commands, contacts, subject_keys

ASKED, READ, REFUSED = "asked to read", "read", "reading refused"
DAILY_WORK = "daily work"
"""The reason on record where a role may see a field without giving one."""
REASON_MAX = 500


def unmask(
    engine: Engine,
    *,
    who: str,
    role: Role,
    client_id: int,
    field: PersonalField,
    reason: str,
    now_us: int,
    origin: str = "",
) -> str:
    """The value of a client's field; raises Refused, once that is on record, and for a value that is not kept.

    `role` is the one that the person signed in with: it says whether a reason must be given, the database's own says
    whether the field is opened. On PostgreSQL `who` and `now_us` are the database's too. Raises DatabaseUnavailable.
    """
    if engine.dialect.name == "postgresql":
        return _by_procedure(engine, client_id, field, _why(role, field, reason), origin)
    return _by_ourselves(engine, who, client_id, field, reason, now_us, origin)


# -- on SQLite --------------------------------------------------------------------------------------------------


def _by_ourselves(
    engine: Engine, who: str, client_id: int, field: PersonalField, reason: str, now_us: int, origin: str
) -> str:
    with writing(engine) as connection:
        refusal, why = _refusal(connection, who, client_id, field, reason)
        action = REFUSED if refusal else ASKED
        _note(connection, action, who, client_id, field, refusal or why, now_us, origin)
    if refusal:
        raise Refused(refusal)
    with writing(engine) as connection:
        _note(connection, READ, who, client_id, field, why, now_us, origin)
        is_name = field is PersonalField.NAME
        name = _name(connection, client_id) if is_name else None
        key, token = _new_name(connection, client_id) if is_name else _contact(connection, client_id, field)
    return _value(client_id, field, name, key, token)


def _refusal(connection: Connection, who: str, client_id: int, field: PersonalField, reason: str) -> tuple[str, str]:
    """Why it may not be read ("" when it may), and the reason that goes on record."""
    try:
        member = person(connection, who)
    except Refused as refusal:
        return str(refusal), ""
    role = Role(member.role)
    why = _why(role, field, reason)
    if access(role, field) is Access.NEVER:
        return f"{role.a_words[:1].upper()}{role.a_words[1:]} may not read this: {field.words}", why
    is_new = field is PersonalField.NAME and _is_new(connection, own(connection, member), client_id)
    if not is_new and not reaches_client(connection, who, client_id):
        return f"Client {client_id} is not yours to look at", why
    if not why:
        return "Give a reason", why
    return ("", why) if len(why) <= REASON_MAX else (f"The reason is longer than {REASON_MAX} characters", "")


def _note(
    connection: Connection,
    action: str,
    who: str,
    client_id: int,
    field: PersonalField,
    reason: str,
    now_us: int,
    origin: str,
) -> None:
    audit.write(
        connection,
        audit.Entry(
            id=audit.new_entry_id(),
            at_us=now_us,
            actor=who,
            action=action,
            subject=f"client {client_id}",
            client_id=client_id,
            reason=reason,
            origin=origin,
            after={"what": field.value},
        ),
    )


def _name(connection: Connection, client_id: int) -> str | None:
    query = select(clients.c.name).where(clients.c.id == client_id, clients.c.name != "").order_by(clients.c.server)
    return connection.scalars(query.limit(1)).first()


def _new_name(connection: Connection, client_id: int) -> tuple[str | None, str | None]:
    """Key and token of the name in which an account is to be opened, while no platform shows it yet."""
    of_client = subject_keys.c.client_id == commands.c.client_id
    query = select(subject_keys.c.key, commands.c.payload).join_from(commands, subject_keys, of_client)
    newest = query.where(*_openings(client_id)).order_by(commands.c.requested_us.desc(), commands.c.id.desc())
    row = connection.execute(newest.limit(1)).first()
    return (row.key, msgspec.json.decode(row.payload, type=OpenAccount).name) if row is not None else (None, None)


def _is_new(connection: Connection, mine: Capacity, client_id: int) -> bool:
    """Whether no platform shows the client, and an account is to be opened for them where the person may act."""
    if is_shown(connection, client_id):
        return False
    places = select(commands.c.server, commands.c.group_name).where(*_openings(client_id))
    return any(mine.sees(row.server, row.group_name) for row in connection.execute(places))


def is_shown(connection: Connection, client_id: int) -> bool:
    """Whether a platform shows the client or an account of theirs."""
    return any(
        connection.scalar(select(true()).where(column == client_id).limit(1))
        for column in (clients.c.id, accounts.c.client_id)
    )


def _openings(client_id: int) -> tuple[ColumnElement[bool], ...]:
    return commands.c.client_id == client_id, commands.c.kind == "open_account"


def _contact(connection: Connection, client_id: int, field: PersonalField) -> tuple[str | None, str | None]:
    of_field = (contacts.c.client_id == client_id) & (contacts.c.field == field.value)
    of_client = subject_keys.c.client_id == contacts.c.client_id
    query = select(subject_keys.c.key, contacts.c.token).join_from(contacts, subject_keys, of_client).where(of_field)
    row = connection.execute(query).first()
    return (row.key, row.token) if row is not None else (None, None)


# -- on PostgreSQL ----------------------------------------------------------------------------------------------


class _Answer(msgspec.Struct):
    outcome: str
    sentence: str = ""


class _Given(msgspec.Struct):
    value: str | None = None
    key: str | None = None
    token: str | None = None


def _by_procedure(engine: Engine, client_id: int, field: PersonalField, reason: str, origin: str) -> str:
    with writing(engine) as connection:
        asked = func.api.ask_to_read(field.value, str(client_id), reason, origin)
        answer = msgspec.json.decode(connection.scalar(select(asked)) or "{}", type=_Answer)
    if answer.outcome != "done":
        raise Refused(answer.sentence)
    with writing(engine) as connection:
        said = connection.scalar(select(func.api.unmask(client_id, field.value, reason, origin)))
    if said is None:
        raise Refused(f"The {field.words} of client {client_id} was not given out: ask again")
    given = msgspec.json.decode(said, type=_Given)
    return _value(client_id, field, given.value, given.key, given.token)


def _why(role: Role, field: PersonalField, reason: str) -> str:
    """The reason that goes on record; whose daily work the field is need not give one."""
    why = reason.replace("\0", "").strip()
    return why or (DAILY_WORK if access(role, field) is Access.PLAIN else "")


def _value(client_id: int, field: PersonalField, name: str | None, key: str | None, token: str | None) -> str:
    if name:
        return name
    if key is None or token is None:
        raise Refused(f"No {field.words} of client {client_id} is kept here")
    try:
        return reveal(key, client_id, field.value, token)
    except TokenError as error:
        raise Refused(f"The {field.words} of client {client_id} cannot be read: {error}") from error
