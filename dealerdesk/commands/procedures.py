"""What people do with commands on PostgreSQL: the procedures of schema `api`, one thin call each.

Who asks is the login of the connection, and the moment is the database's own; nothing said here changes either. The
rules stand in the database (`store/migrations/sql`). A refusal comes back as its sentence: it is in the audit log
already, so the transaction in which it was made must be committed although the deed was not done (`audited`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Connection, Function, Text, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB

from dealerdesk.commands.bodies import Body
from dealerdesk.commands.canonical import canonical
from dealerdesk.commands.kinds import kind_name
from dealerdesk.commands.queries import batch
from dealerdesk.commands.records import BatchRecord, CommandRecord, Conflict, Member, Need, Refused
from dealerdesk.commands.transitions import reread
from dealerdesk.store.schema import commands, decisions

_needs = msgspec.json.Decoder(tuple[Need, ...])


class Answer(msgspec.Struct, frozen=True):
    """What a procedure says it did: done, refused or conflict; the sentence is for the person."""

    outcome: str
    sentence: str
    id: str | None


def is_spoken_to(connection: Connection) -> bool:
    """Whether what people do goes through procedures on this connection: so it is on PostgreSQL."""
    return connection.dialect.name == "postgresql"


def request(
    connection: Connection,
    *,
    server: str,
    body: Body,
    reason: str,
    command_id: str,
    expected_version: int | None = None,
    origin: str = "",
) -> CommandRecord:
    """Asks for one command; raises Conflict when its id stands for something else, Refused otherwise."""
    what = (command_id, kind_name(body), server, canonical(body))
    why = (_said(reason), cast(expected_version, BigInteger), None, _said(origin))
    _call(connection, func.api.request_command(*what, *why))
    return reread(connection, command_id)


def request_batch(
    connection: Connection,
    *,
    server: str,
    members: Sequence[Member],
    reason: str,
    batch_id: str,
    origin: str = "",
) -> BatchRecord:
    """Asks for several commands of one kind on one server, to be decided as one: all of them or none."""
    kinds = {kind_name(member.body) for member in members}
    if len(kinds) > 1:
        raise Refused("A batch is of one kind of command")
    terms = [
        {"id": each.command_id, "payload": canonical(each.body), "expected_version": each.expected_version}
        for each in members
    ]
    what = (batch_id, next(iter(kinds), ""), server, cast(terms, JSONB))
    _call(connection, func.api.request_batch(*what, _said(reason), _said(origin)))
    found = batch(connection, batch_id)
    assert found is not None, batch_id
    return found


def decide(
    connection: Connection,
    *,
    command_id: str,
    verdict: str,
    payload_hash: str | None,
    comment: str = "",
    origin: str = "",
) -> CommandRecord:
    """Approves or refuses one command. `payload_hash` is of what was seen; a refusal may leave it out."""
    _call(connection, func.api.decide_command(command_id, verdict, payload_hash, _said(comment), _said(origin)))
    return reread(connection, command_id)


def decide_batch(
    connection: Connection, *, batch_id: str, batch_hash: str, verdict: str, comment: str = "", origin: str = ""
) -> list[CommandRecord]:
    """Decides all commands of a batch that still wait, or none; returns all that one decided so, in order of their
    ids."""
    _call(connection, func.api.decide_batch(batch_id, batch_hash, verdict, _said(comment), _said(origin)))
    mine = (decisions.c.staff == func.api.person()) & (decisions.c.verdict == verdict)
    of_batch = select(commands.c.id).join(decisions, decisions.c.command_id == commands.c.id)
    decided = set(connection.scalars(of_batch.where(commands.c.batch_id == batch_id, mine)))
    found = batch(connection, batch_id)
    return [member for member in found.members if member.id in decided] if found is not None else []


def withdraw(connection: Connection, *, command_id: str, reason: str = "", origin: str = "") -> CommandRecord:
    """Takes back one's own request, as long as it has not been dispatched."""
    _call(connection, func.api.withdraw_command(command_id, _said(reason), _said(origin)))
    return reread(connection, command_id)


def needs(connection: Connection, server: str, body: Body) -> tuple[Need, ...]:
    """What a request would need if it were made now; raises Refused for what this person may not ask for."""
    said: str | None = connection.scalar(select(func.api.needs(kind_name(body), server, canonical(body))))
    if said is None:
        raise Refused("This is not yours to ask for")
    return _needs.decode(said)


def ask_to_read(connection: Connection, what: str, subject: str, reason: str, origin: str = "") -> None:
    """Puts on record that somebody wants to read something; once that is committed, it is given out for a minute.

    `what` is a personal field, `document` or `key`; `subject` is the client's number or the document's id.
    """
    _call(connection, func.api.ask_to_read(what, subject, _said(reason), _said(origin)))


def open_document(connection: Connection, document_id: str, reason: str, origin: str = "") -> bytes | None:
    """A document that one has asked to read, in a transaction after that; None when it is not given out."""
    said: bytes | None = connection.scalar(select(func.api.open_document(document_id, _said(reason), _said(origin))))
    return said


def subject_key(connection: Connection, client_id: int, reason: str, origin: str = "") -> str | None:
    """The key (hex) under which a client's contacts are kept, asked for before like a document; None when refused."""
    number = cast(client_id, BigInteger)
    said: str | None = connection.scalar(select(func.api.subject_key(number, _said(reason), _said(origin))))
    return said


def _call(connection: Connection, procedure: Function[Any]) -> None:
    """Raises Refused or Conflict with the procedure's own sentence, which is on record already."""
    said: str = connection.scalars(select(cast(procedure, Text))).one()
    answer = msgspec.json.decode(said, type=Answer)
    if answer.outcome == "done":
        return
    refused = Conflict(answer.sentence) if answer.outcome == "conflict" else Refused(answer.sentence)
    refused.is_recorded = True
    raise refused


def _said(text: str) -> str:
    """The text without what PostgreSQL cannot keep, and without blanks around it."""
    return text.replace("\0", "").strip()
