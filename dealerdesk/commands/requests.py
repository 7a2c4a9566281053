"""What people do with commands: request, approve, refuse, withdraw. The only way to change anything on a platform.

Each function works in the caller's transaction and either returns the command as it stands afterwards or raises Refused
with the sentence for the person. Asking again with the same id and the same terms changes nothing and returns what is
there, so an answer that was lost is had by asking once more.
"""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from dealerdesk.bridges.protocol import CommandBody
from dealerdesk.commands.canonical import canonical, payload_hash
from dealerdesk.commands.kinds import Kind, kind_of
from dealerdesk.commands.policy import needs as policy_needs
from dealerdesk.commands.queries import command
from dealerdesk.commands.records import (
    OPEN_STATES,
    CommandRecord,
    CommandState,
    Conflict,
    Need,
    Refused,
    new_command_id,
)
from dealerdesk.commands.roles import Role
from dealerdesk.commands.transitions import POLICY, move, note, reread
from dealerdesk.store.queries import StaffMember, staff_member
from dealerdesk.store.schema import commands, decisions

__all__ = ["approve", "new_command_id", "refuse", "request", "withdraw"]

REASON_MAX = 500
APPROVE, REFUSE = "approve", "refuse"


def request(
    connection: Connection,
    *,
    who: str,
    server: str,
    body: CommandBody,
    reason: str,
    now_us: int,
    command_id: str,
    expected_version: int | None = None,
    origin: str = "",
) -> CommandRecord:
    """Asks for `body` to be done on `server`; approved at once when no policy wants anybody's approval.

    `expected_version` is that of the row the person looked at: if it has changed since, the bridge will not do it.
    Raises Conflict when the id stands for something else, Refused otherwise.
    """
    kind = kind_of(body)
    person = _person(connection, who)
    if Role(person.role) not in kind.may_request:
        raise Refused(f"A {Role(person.role).words} cannot ask for «{kind.name.replace('_', ' ')}»")
    reason = _reason(reason)
    terms = payload_hash(kind.name, server, canonical(body), expected_version)
    known = command(connection, command_id)
    if known is not None:
        return _same(known, who, terms)
    title = kind.prepare(connection, server, body)
    _refuse_second(connection, kind, server, body)
    wanted = policy_needs(connection, server, body, now_us)
    asked: dict[str, str | int | None] = {
        "kind": kind.name,
        "server": server,
        "login": kind.login(body),
        "payload": canonical(body),
    }
    asked |= {"payload_hash": terms, "expected_version": expected_version, "title": title, "reason": reason}
    asked |= {"requested_by": who, "requested_us": now_us, "expires_us": now_us + kind.waits_us}
    asked |= {"approvals_needed": max((need.approvals for need in wanted), default=0), "needs": canonical(wanted)}
    connection.execute(insert(commands).values(id=command_id, **asked, **_fresh(now_us)))
    record = reread(connection, command_id)
    note(connection, record, "command requested", actor=who, now_us=now_us, reason=reason, origin=origin, after=asked)
    return record if wanted else _let_through(connection, record, kind, POLICY, now_us, origin, "no approval needed")


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
    person, record, verdicts = _to_decide(connection, who, command_id)
    if record.payload_hash != payload_hash:
        raise Conflict("What you saw is not what was asked for: look at it again")
    if verdicts.get(who, ("", ""))[0] == APPROVE:
        return record
    _refuse_closed(record, now_us)
    _decide(connection, record, person, APPROVE, comment, now_us)
    verdicts[who] = (APPROVE, person.role)
    if all(_is_met(need, verdicts) for need in record.needs):
        return _let_through(connection, record, kind_of(record.body), who, now_us, origin, comment)
    note(connection, record, "command approved by one", actor=who, now_us=now_us, reason=comment, origin=origin)
    return reread(connection, command_id)


def refuse(
    connection: Connection, *, who: str, command_id: str, reason: str, now_us: int, origin: str = ""
) -> CommandRecord:
    """Refuses a waiting request, with a reason for the one who asked."""
    person, record, verdicts = _to_decide(connection, who, command_id)
    reason = _reason(reason)
    if verdicts.get(who, ("", ""))[0] == REFUSE:
        return record
    _refuse_closed(record, now_us)
    if who in verdicts:
        raise Refused("You have approved this already")
    _decide(connection, record, person, REFUSE, reason, now_us)
    columns = {"decided_by": who, "decided_us": now_us, "settled_us": now_us, "comment": reason}
    return move(
        connection,
        record,
        CommandState.REFUSED,
        actor=who,
        now_us=now_us,
        reason=reason,
        origin=origin,
        **columns,
    )


def withdraw(
    connection: Connection, *, who: str, command_id: str, now_us: int, reason: str = "", origin: str = ""
) -> CommandRecord:
    """Takes back one's own request, as long as it has not been dispatched."""
    _person(connection, who)
    record = _existing(connection, command_id)
    if record.requested_by != who:
        raise Refused(f"Only {record.requested_by} can withdraw what {record.requested_by} asked for")
    if record.state is CommandState.WITHDRAWN:
        return record
    if record.state not in (CommandState.REQUESTED, CommandState.APPROVED):
        raise Refused(f"«{record.title}» is {record.state.value}: it is too late to withdraw it")
    return move(
        connection,
        record,
        CommandState.WITHDRAWN,
        actor=who,
        now_us=now_us,
        reason=reason,
        origin=origin,
        settled_us=now_us,
    )


def _fresh(now_us: int) -> dict[str, str | int]:
    """The moving columns of a command that has just been asked for."""
    start: dict[str, str | int] = {"state": CommandState.REQUESTED.value, "changed_us": now_us, "sends": 0}
    return start | dict.fromkeys(("comment", "stage", "code", "result", "ticket"), "")


def _let_through(
    connection: Connection, record: CommandRecord, kind: Kind, who: str, now_us: int, origin: str, comment: str
) -> CommandRecord:
    return move(
        connection,
        record,
        CommandState.APPROVED,
        actor=who,
        now_us=now_us,
        reason=comment,
        origin=origin,
        decided_by=who,
        decided_us=now_us,
        comment=comment,
        deadline_us=now_us + kind.dispatch_within_us,
    )


def _same(known: CommandRecord, who: str, terms: str) -> CommandRecord:
    if known.payload_hash != terms or known.requested_by != who:
        raise Conflict(f"This command id already stands for something else: «{known.title}» by {known.requested_by}")
    return known


def _refuse_second(connection: Connection, kind: Kind, server: str, body: CommandBody) -> None:
    """Two open commands of a kind on one account would race each other."""
    query = select(commands.c.title, commands.c.requested_by, commands.c.state).where(
        commands.c.server == server,
        commands.c.login == kind.login(body),
        commands.c.kind == kind.name,
        commands.c.state.in_([state.value for state in OPEN_STATES]),
    )
    other = connection.execute(query).first()
    if other is not None:
        raise Conflict(f"{other.requested_by} was first: «{other.title}» is {other.state}")


def _to_decide(
    connection: Connection, who: str, command_id: str
) -> tuple[StaffMember, CommandRecord, dict[str, tuple[str, str]]]:
    """The decider, the command, and the verdicts so far as staff → (verdict, role)."""
    person = _person(connection, who)
    record = _existing(connection, command_id)
    if record.requested_by == who:
        raise Refused("You asked for this yourself: somebody else must decide it")
    wanted = {role for need in record.needs for role in need.roles}
    if Role(person.role) not in wanted:
        names = " or ".join(sorted(role.words for role in wanted)) or "nobody"
        raise Refused(f"A {Role(person.role).words} cannot decide this: it takes a {names}")
    query = select(decisions.c.staff, decisions.c.verdict, decisions.c.role).where(decisions.c.command_id == command_id)
    return person, record, {row.staff: (row.verdict, row.role) for row in connection.execute(query)}


def _refuse_closed(record: CommandRecord, now_us: int) -> None:
    if record.state is not CommandState.REQUESTED:
        by = f" by {record.decided_by}" if record.decided_by else ""
        raise Conflict(f"Somebody else was first: «{record.title}» is {record.state.value}{by}")
    if now_us >= record.expires_us:
        raise Refused(f"«{record.title}» has waited too long and can no longer be decided")


def _decide(
    connection: Connection, record: CommandRecord, person: StaffMember, verdict: str, comment: str, now_us: int
) -> None:
    connection.execute(
        insert(decisions).values(
            command_id=record.id,
            staff=person.id,
            role=person.role,
            verdict=verdict,
            payload_hash=record.payload_hash,
            comment=comment,
            decided_us=now_us,
        )
    )


def _is_met(need: Need, verdicts: dict[str, tuple[str, str]]) -> bool:
    having = [who for who, (verdict, role) in verdicts.items() if verdict == APPROVE and Role(role) in need.roles]
    return len(having) >= need.approvals


def _existing(connection: Connection, command_id: str) -> CommandRecord:
    record = command(connection, command_id, lock=True)
    if record is None:
        raise Refused(f"There is no command {command_id}")
    return record


def _person(connection: Connection, who: str) -> StaffMember:
    person = staff_member(connection, who)
    if person is None:
        raise Refused(f"{who} is not a member of staff here")
    if not person.active:
        raise Refused(f"{person.name} is no longer active")
    return person


def _reason(text: str) -> str:
    reason = text.replace("\0", "").strip()
    if not reason:
        raise Refused("Give a reason")
    if len(reason) > REASON_MAX:
        raise Refused(f"The reason is longer than {REASON_MAX} characters")
    return reason
