"""What commands on policies, absences, clients and lost commands do. Each reads back what it wrote."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, update

from dealerdesk.commands import policy
from dealerdesk.commands.bodies import CoverAbsence, EraseClient, RateClient, SetContact, SetPolicy, SettleUnknown
from dealerdesk.commands.queries import command
from dealerdesk.commands.records import CommandRecord, CommandState, Refused
from dealerdesk.commands.staff_effects import NOT_SHOWN
from dealerdesk.commands.transitions import HUB, move
from dealerdesk.store.feed import announce
from dealerdesk.store.schema import client_ratings, clients, contacts, covers, policies, subject_keys


def put_policy_in_force(connection: Connection, record: CommandRecord, body: SetPolicy, now_us: int) -> str:
    """Adds the version, in force from its time, or from now on if that has passed."""
    version = policy.enact(
        connection,
        body.policy,
        body.of_kind,
        body.rule,
        author=record.requested_by,
        note=body.note,
        now_us=now_us,
        effective_us=body.effective_us,
        command_id=record.id,
    )
    _expect(connection, policies, {"id": body.policy, "version": version}, kind=body.of_kind, command_id=record.id)
    return f"{body.policy} v{version} {'ends the policy' if body.rule is None else 'is in force'}"


def cover(connection: Connection, record: CommandRecord, body: CoverAbsence, now_us: int) -> str:
    """Lets one stand in for the other from then until then."""
    if body.until_us <= now_us:
        raise Refused("The absence is over already")
    row = {"absent": body.absent, "cover": body.cover, "from_us": body.from_us, "until_us": body.until_us}
    connection.execute(insert(covers).values(command_id=record.id, **row))
    announce(connection, "covers", [record.id], now_us=now_us)
    _expect(connection, covers, {"command_id": record.id}, **row)
    return f"{body.cover} stands in for {body.absent}"


def rate(connection: Connection, record: CommandRecord, body: RateClient, now_us: int) -> str:
    """Notes how risky the client is."""
    row = {"rating": body.rating.value, "changed_us": now_us, "command_id": record.id}
    _put(connection, client_ratings, {"client_id": body.client_id}, row)
    announce(connection, "client_ratings", [body.client_id], now_us=now_us)
    _expect(connection, client_ratings, {"client_id": body.client_id}, rating=body.rating.value)
    return f"Client {body.client_id} is rated {body.rating.value}"


def set_contact(connection: Connection, record: CommandRecord, body: SetContact, now_us: int) -> str:
    """Keeps what was encrypted under the client's key."""
    key = {"client_id": body.client_id, "field": body.field.value}
    row = {"token": body.token, "changed_us": now_us, "command_id": record.id}
    _put(connection, contacts, key, row)
    announce(connection, "contacts", [body.client_id], now_us=now_us)
    _expect(connection, contacts, key, token=body.token)
    return f"The {body.field.value.replace('_', ' ')} of client {body.client_id} is kept"


def erase(connection: Connection, record: CommandRecord, body: EraseClient, now_us: int) -> str:
    """Destroys the client's key and removes name and contacts; the database takes the name from no platform again."""
    key = {"client_id": body.client_id}
    _put(connection, subject_keys, key, {"key": None, "destroyed_us": now_us}, new={"made_us": now_us})
    connection.execute(update(clients).where(clients.c.id == body.client_id).values(name=""))
    connection.execute(delete(contacts).where(contacts.c.client_id == body.client_id))
    announce(connection, "clients", [body.client_id], now_us=now_us)
    _expect(connection, subject_keys, key, destroyed_us=now_us)
    left = select(clients.c.name).where(clients.c.id == body.client_id, clients.c.name != "")
    if connection.execute(left).first() is not None:
        raise Refused(NOT_SHOWN)
    return f"Client {body.client_id} is erased by command {record.id}"


def settle(connection: Connection, record: CommandRecord, body: SettleUnknown, now_us: int) -> str:
    """Moves the lost command to where a person found it, with their evidence as its result."""
    lost = command(connection, body.command_id, lock=True)
    assert lost is not None, "its kind's check found it"
    to = CommandState(body.outcome.value)
    settled = move(
        connection,
        lost,
        to,
        actor=HUB,
        now_us=now_us,
        reason=f"settled by command {record.id} of {record.requested_by}",
        settled_us=now_us,
        result=body.evidence,
    )
    if settled.state is not to:
        raise Refused(NOT_SHOWN)
    return f"«{lost.title}» is {to.value}"


def _put(
    connection: Connection, table: Table, key: dict[str, Any], row: dict[str, Any], new: dict[str, Any] | None = None
) -> None:
    """Changes the row with this key, or adds it (with what only a new one has)."""
    where = [table.c[name] == value for name, value in key.items()]
    if connection.execute(update(table).where(*where).values(**row)).rowcount == 0:
        connection.execute(insert(table).values(**key, **row, **(new or {})))


def _expect(connection: Connection, table: Table, of: dict[str, Any], **columns: Any) -> None:
    where = [table.c[name] == value for name, value in of.items()]
    row = connection.execute(select(*(table.c[name] for name in columns)).where(*where)).first()
    if row is None or dict(row._mapping) != columns:
        raise Refused(NOT_SHOWN)
