"""What people do with commands: request, approve, refuse, withdraw. The only way to change anything.

Each function works in the caller's transaction and either returns the command as it stands afterwards or raises Refused
with the sentence for the person; the transaction is best that of `audited`, which undoes a refused deed and keeps the
refusal in the audit log. Asking again with the same id and the same terms changes nothing and returns what is there, so
an answer that was lost is had by asking once more. On PostgreSQL the database's own procedures do it all: there `who`
and `now_us` are not looked at, since the connection's login says who it is and the server's clock what time.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from dealerdesk.commands import procedures
from dealerdesk.commands.asking import Asker, ask, ask_batch, take_back
from dealerdesk.commands.bodies import Body
from dealerdesk.commands.deciding import Decider, Verdict, decide
from dealerdesk.commands.deciding import decide_batch as decide_all
from dealerdesk.commands.kinds import kind_name, payload_to_tell
from dealerdesk.commands.records import Attempt, BatchRecord, CommandRecord, Member, new_command_id
from dealerdesk.commands.refusals import attempt, audited

__all__ = [
    "Verdict",
    "approve",
    "audited",
    "decide_batch",
    "new_command_id",
    "refuse",
    "request",
    "request_batch",
    "withdraw",
]


def request(
    connection: Connection,
    *,
    who: str,
    server: str,
    body: Body,
    reason: str,
    now_us: int,
    command_id: str,
    expected_version: int | None = None,
    origin: str = "",
) -> CommandRecord:
    """Asks for `body` to be done on `server` (empty for what is on none); approved at once when nothing needs approval.

    `expected_version` is that of the row the person looked at: if it has changed since, it will not be done.
    Raises Conflict when the id stands for something else, Refused otherwise.
    """
    member = Member(command_id=command_id, body=body, expected_version=expected_version)
    if procedures.is_spoken_to(connection):
        return procedures.request(
            connection,
            server=server,
            body=body,
            reason=reason,
            command_id=command_id,
            expected_version=expected_version,
            origin=origin,
        )
    tried = Attempt(
        action="command request refused",
        who=who,
        subject=command_id,
        at_us=now_us,
        server=server,
        kind=kind_name(body),
        origin=origin,
        terms={"payload": payload_to_tell(body), "expected_version": expected_version, "asked_because": reason},
    )
    with attempt(tried):
        return ask(connection, Asker(who, reason, now_us, origin), server, member)


def request_batch(
    connection: Connection,
    *,
    who: str,
    server: str,
    members: Sequence[Member],
    reason: str,
    now_us: int,
    batch_id: str,
    origin: str = "",
) -> BatchRecord:
    """Asks for several commands of one kind on one server that are decided as one and then done one by one.

    All are asked for, or none. Raises Conflict when the id stands for something else, Refused otherwise.
    """
    if procedures.is_spoken_to(connection):
        return procedures.request_batch(
            connection, server=server, members=members, reason=reason, batch_id=batch_id, origin=origin
        )
    tried = Attempt(
        action="batch request refused",
        who=who,
        subject=batch_id,
        at_us=now_us,
        server=server,
        kind=kind_name(members[0].body) if members else "",
        origin=origin,
        terms={"size": len(members), "asked_because": reason},
    )
    with attempt(tried):
        return ask_batch(connection, Asker(who, reason, now_us, origin), server, members, batch_id)


def approve(
    connection: Connection,
    *,
    who: str,
    command_id: str,
    payload_hash: str,
    now_us: int,
    comment: str = "",
    origin: str = "",
) -> CommandRecord:
    """Approves what was seen (`payload_hash` of the record on the approver's screen); dispatched once all have."""
    decider = Decider(who, Verdict.APPROVE, comment, now_us, origin)
    if procedures.is_spoken_to(connection):
        return procedures.decide(
            connection,
            command_id=command_id,
            verdict=decider.verdict,
            payload_hash=payload_hash,
            comment=comment,
            origin=origin,
        )
    with attempt(_decision("approval refused", who, command_id, now_us, origin, payload_hash)):
        return decide(connection, decider, command_id, payload_hash)


def refuse(
    connection: Connection, *, who: str, command_id: str, reason: str, now_us: int, origin: str = ""
) -> CommandRecord:
    """Refuses a waiting request, with a reason for the one who asked."""
    decider = Decider(who, Verdict.REFUSE, reason, now_us, origin)
    if procedures.is_spoken_to(connection):
        return procedures.decide(
            connection,
            command_id=command_id,
            verdict=decider.verdict,
            payload_hash=None,
            comment=reason,
            origin=origin,
        )
    with attempt(_decision("refusal refused", who, command_id, now_us, origin, "")):
        return decide(connection, decider, command_id, None)


def decide_batch(
    connection: Connection,
    *,
    who: str,
    batch_id: str,
    batch_hash: str,
    verdict: Verdict,
    now_us: int,
    comment: str = "",
    origin: str = "",
) -> list[CommandRecord]:
    """Approves or refuses all commands of a batch that still wait, or none (`batch_hash` is of what was on the screen).

    Returns the commands that were decided, in order of their ids.
    """
    decider = Decider(who, verdict, comment, now_us, origin)
    if procedures.is_spoken_to(connection):
        return procedures.decide_batch(
            connection, batch_id=batch_id, batch_hash=batch_hash, verdict=verdict, comment=comment, origin=origin
        )
    with attempt(_decision("batch decision refused", who, batch_id, now_us, origin, batch_hash)):
        return decide_all(connection, decider, batch_id, batch_hash)


def withdraw(
    connection: Connection, *, who: str, command_id: str, now_us: int, reason: str = "", origin: str = ""
) -> CommandRecord:
    """Takes back one's own request, as long as it has not been dispatched."""
    if procedures.is_spoken_to(connection):
        return procedures.withdraw(connection, command_id=command_id, reason=reason, origin=origin)
    with attempt(_decision("withdrawal refused", who, command_id, now_us, origin, "")):
        return take_back(connection, Asker(who, reason, now_us, origin), command_id)


def _decision(action: str, who: str, subject: str, now_us: int, origin: str, seen: str) -> Attempt:
    terms: dict[str, str | int | None] = {"seen": seen} if seen else {}
    return Attempt(action=action, who=who, subject=subject, at_us=now_us, origin=origin, terms=terms)
