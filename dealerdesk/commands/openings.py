"""A new client's name on its way to a platform: sealed under the client's own key before it is asked for, and opened by
the hub alone when it is sent. So whoever destroys the key has erased the name from the command too, while the hash that
people approved stays that of what stands there.

The same name is sealed the same way each time, so that asking twice for one account is still seen to be that.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from msgspec.structs import replace
from sqlalchemy import Connection, Engine, func, select

from dealerdesk.bridges.protocol import CommandBody, OpenAccount
from dealerdesk.commands.client_keys import client_key
from dealerdesk.commands.fields import PersonalField, sees_names
from dealerdesk.commands.inbox_queries import Evidence
from dealerdesk.commands.kinds import bridge_body
from dealerdesk.commands.personal import NAME_CHARS_MAX, TokenError, protect_alike, reveal
from dealerdesk.commands.records import CommandRecord, CommandState, Refused
from dealerdesk.commands.roles import Role
from dealerdesk.store.schema import commands, subject_keys

WHY = "opening an account"
NAME_READERS = tuple(role.value for role in Role if sees_names(role))
FIELD = PersonalField.NAME.value


def seal(key: str, body: OpenAccount) -> OpenAccount:
    """The body with its name sealed; raises Refused for one without a client's number and name."""
    name = body.name.replace("\0", "").strip()
    if body.client_id <= 0 or not name or len(name) > NAME_CHARS_MAX:
        raise Refused("A new account needs a client's number and name")
    return replace(body, name=protect_alike(key, body.client_id, FIELD, name))


def sealed(engine: Engine, who: str, body: OpenAccount, now_us: int, origin: str = "") -> OpenAccount:
    """What to ask for: the body with its name sealed under the client's key, which is made when there is none.

    That the key was read is on record. Raises Refused, for an erased client too, and DatabaseUnavailable.
    """
    return seal(client_key(engine, who, body.client_id, WHY, now_us, origin), body)


def body_to_send(connection: Connection, record: CommandRecord) -> CommandBody:
    """The body of a dispatched command as the bridge must have it; raises Refused when the name cannot be read now."""
    body = record.body
    if not isinstance(body, OpenAccount):
        return bridge_body(body)
    key = _key_of_dispatched(connection, record.id)
    if key is None:
        raise Refused(f"Client {body.client_id} has been erased: their name can no longer be read")
    try:
        return replace(body, name=reveal(key, body.client_id, FIELD, body.name))
    except TokenError as error:
        raise Refused(f"The name of client {body.client_id} cannot be read: {error}") from error


class WaitingNames:
    """Puts the name beside an opening that waits to be decided, for those whose daily work names are.

    Each is unmasked, and that is on record: once for as long as the same one is looked at.
    """

    def __init__(self, unmask: Callable[[int, PersonalField, str], str]) -> None:
        self._unmask = unmask
        self._last = ("", "")

    def beside(self, evidence: Evidence, record: CommandRecord, role: str) -> Evidence:
        """The evidence with the name, or with what stands in its way; `role` is that of who looks."""
        body, waits = record.body, record.state is CommandState.REQUESTED
        if not isinstance(body, OpenAccount) or not waits or role not in NAME_READERS:
            return evidence
        if self._last[0] != record.id:
            try:
                self._last = (record.id, self._unmask(body.client_id, PersonalField.NAME, ""))
            except Refused as refusal:
                self._last = (record.id, str(refusal))
        return dataclasses.replace(evidence, name=self._last[1])


def _key_of_dispatched(connection: Connection, command_id: str) -> str | None:
    """On PostgreSQL the hub reads no keys but this one."""
    if connection.dialect.name == "postgresql":
        key: str | None = connection.scalar(select(func.api.opening_key(command_id)))
        return key
    of_command = (commands.c.id == command_id) & (commands.c.state == "dispatched")
    query = select(subject_keys.c.key).join(commands, commands.c.client_id == subject_keys.c.client_id)
    return connection.scalar(query.where(of_command))
