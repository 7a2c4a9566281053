"""The rules of deciding, where Python holds them: who may approve or refuse what, in what capacity, and when it is
enough. SQLite's half of `requests`.

PostgreSQL's own procedures do the same there. Each function works in the caller's transaction, which must be undone
when it raises.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, insert, select

from dealerdesk.commands.asking import OUTSIDE, REASON_MAX
from dealerdesk.commands.capacities import Capacity, all_of, person, reaches_client, roles_words
from dealerdesk.commands.kinds import kind_of, may_decide
from dealerdesk.commands.queries import batch, command
from dealerdesk.commands.records import CommandRecord, CommandState, Conflict, Need, Refused, hash_of, to_decide
from dealerdesk.commands.roles import Role, a
from dealerdesk.commands.transitions import let_through, move, note, reread
from dealerdesk.store.schema import decisions


class Verdict(StrEnum):
    """What a person says of a request."""

    APPROVE = "approve"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Decider:
    """Who decides what way, when and from where; `comment` is the reason of a refusal."""

    who: str
    verdict: Verdict
    comment: str
    now_us: int
    origin: str


@dataclass(frozen=True, slots=True)
class Said:
    """What one person said of a command, in which role, and by whose authority (`of`: their own or a colleague's)."""

    of: str
    role: Role
    verdict: Verdict
    decided_us: int


def decide(connection: Connection, decider: Decider, command_id: str, payload_hash: str | None) -> CommandRecord:
    """Decides one command that stands for itself. `payload_hash` is of what was seen, None where nothing need be."""
    record = _existing(connection, command_id)
    if record.batch_id is not None:
        raise Refused(f"«{record.title}» is part of a batch: decide the batch as one")
    return _decide(connection, decider, record, payload_hash)


def decide_batch(connection: Connection, decider: Decider, batch_id: str, batch_hash: str) -> list[CommandRecord]:
    """Decides all commands of a batch that still wait: all of them or none.

    `batch_hash` is of those that waited on the screen. When one of them waits no longer, nothing is decided and the
    person is told which; only their own decision, said once more, is the same decision. Returns all that they decided
    so, in order of their ids.
    """
    found = batch(connection, batch_id)
    if found is None:
        raise Refused(f"There is no batch {batch_id}")
    members = [_existing(connection, member.id) for member in found.members]
    for member in _seen(connection, decider, members, batch_hash):
        _decide(connection, decider, member, None)
    return [reread(connection, member.id) for member in members if _has_said_so(connection, decider, member)]


def _seen(
    connection: Connection, decider: Decider, members: Sequence[CommandRecord], batch_hash: str
) -> Sequence[CommandRecord]:
    """The members of a batch that the person saw; raises Conflict when that is no longer what waits."""
    again = [member for member in members if _has_said_so(connection, decider, member)]
    if again and batch_hash in (hash_of(again), hash_of(members)):
        return again
    waiting = to_decide(members)
    if batch_hash == hash_of(waiting):
        return waiting
    gone = next((member for member in members if member.state is not CommandState.REQUESTED), None)
    if gone is not None:
        raise Conflict(f"What you saw has changed: «{gone.title}» is {gone.state.value}. Look at it again")
    raise Conflict("What you saw is not what was asked for: look at it again")


def _has_said_so(connection: Connection, decider: Decider, member: CommandRecord) -> bool:
    mine = said_of(connection, member.id).get(decider.who)
    return mine is not None and mine.verdict is decider.verdict


def is_met(need: Need, said: Mapping[str, Said], requested_us: int) -> bool:
    """Whether enough different people's authority is there, of roles that the need named at that time."""
    having = {
        each.of
        for each in said.values()
        if each.verdict is Verdict.APPROVE and each.role in need.deciders(each.decided_us - requested_us)
    }
    return len(having) >= need.approvals


def said_of(connection: Connection, command_id: str) -> dict[str, Said]:
    """Staff → what they said of the command."""
    columns = (decisions.c.staff, decisions.c.for_staff, decisions.c.role, decisions.c.verdict, decisions.c.decided_us)
    rows = connection.execute(select(*columns).where(decisions.c.command_id == command_id))
    return {
        row.staff: Said(row.for_staff or row.staff, Role(row.role), Verdict(row.verdict), row.decided_us)
        for row in rows
    }


def _decide(connection: Connection, decider: Decider, record: CommandRecord, payload_hash: str | None) -> CommandRecord:
    said = said_of(connection, record.id)
    capacity = _capacity(connection, decider, record, said)
    if payload_hash is not None and record.payload_hash != payload_hash:
        raise Conflict("What you saw is not what was asked for: look at it again")
    comment = _comment(decider)
    mine = said.get(decider.who)
    if mine is not None and mine.verdict is decider.verdict:
        return record
    _refuse_closed(record, decider.now_us)
    if mine is not None:
        raise Refused(f"You have {_did(mine.verdict)} this already")
    _insert(connection, decider, record, capacity, comment)
    if decider.verdict is Verdict.REFUSE:
        return _refused(connection, decider, record, comment)
    said[decider.who] = Said(capacity.of, capacity.role, Verdict.APPROVE, decider.now_us)
    if all(is_met(need, said, record.requested_us) for need in record.needs):
        return let_through(connection, record, decider.who, decider.now_us, origin=decider.origin, comment=comment)
    note(
        connection,
        record,
        "command approved by one",
        actor=decider.who,
        now_us=decider.now_us,
        reason=comment,
        origin=decider.origin,
        after={"role": capacity.role.value, "payload_hash": record.payload_hash, "for_staff": capacity.of},
    )
    return reread(connection, record.id)


def _capacity(connection: Connection, decider: Decider, record: CommandRecord, said: Mapping[str, Said]) -> Capacity:
    """In what capacity the person decides this; raises Refused when there is none."""
    member, kind = person(connection, decider.who), kind_of(record.body)
    subjects = kind.subjects(record.body)
    if record.requested_by == member.id:
        raise Refused("You asked for this yourself: somebody else must decide it")
    if member.id in subjects:
        raise Refused("This is about you: somebody else must decide it")
    capacities = all_of(connection, member, decider.now_us)
    if any(capacity.of == record.requested_by for capacity in capacities):
        raise Refused(f"You stand in for {record.requested_by}, who asked for this: somebody else must decide it")
    waited_us = decider.now_us - record.requested_us
    wanted = {role for need in record.needs for role in need.deciders(waited_us)}
    fitting = [
        capacity
        for capacity in capacities
        if capacity.role in wanted and capacity.of not in subjects and may_decide(capacity.role, kind)
    ]
    if not fitting:
        own = Role(member.role).a_words.capitalize()
        raise Refused(f"{own} cannot decide this: it takes {a(roles_words(wanted))}")
    reaching = [each for each in fitting if _reaches(connection, each, record)]
    if not reaching:
        raise Refused(OUTSIDE)
    spent = {each.of for who, each in said.items() if who != member.id}
    free = [capacity for capacity in reaching if capacity.of not in spent]
    if not free:
        raise Refused(f"This was decided with {reaching[0].of}'s authority already")
    return _most_useful(free, record, said, waited_us)


def _reaches(connection: Connection, capacity: Capacity, record: CommandRecord) -> bool:
    """By the command's place, or where it has none by the client it is about."""
    if not record.server and record.client_id is not None:
        return reaches_client(connection, capacity.of, record.client_id)
    return capacity.sees(record.server, record.group_name)


def _most_useful(
    capacities: list[Capacity], record: CommandRecord, said: Mapping[str, Said], waited_us: int
) -> Capacity:
    """The first capacity, the person's own before others', that something still wants."""
    unmet = [need for need in record.needs if not is_met(need, said, record.requested_us)]
    wanted = {role for need in unmet for role in need.deciders(waited_us)}
    return next((capacity for capacity in capacities if capacity.role in wanted), capacities[0])


def _refuse_closed(record: CommandRecord, now_us: int) -> None:
    if record.state is not CommandState.REQUESTED:
        by = f" by {record.decided_by}" if record.decided_by else ""
        raise Conflict(f"Somebody else was first: «{record.title}» is {record.state.value}{by}")
    if now_us >= record.expires_us:
        raise Refused(f"«{record.title}» has waited too long and can no longer be decided")


def _insert(connection: Connection, decider: Decider, record: CommandRecord, capacity: Capacity, comment: str) -> None:
    connection.execute(
        insert(decisions).values(
            command_id=record.id,
            staff=decider.who,
            for_staff=capacity.of,
            role=capacity.role.value,
            verdict=decider.verdict.value,
            payload_hash=record.payload_hash,
            comment=comment,
            decided_us=decider.now_us,
        )
    )


def _refused(connection: Connection, decider: Decider, record: CommandRecord, reason: str) -> CommandRecord:
    now_us = decider.now_us
    columns = {"decided_by": decider.who, "decided_us": now_us, "settled_us": now_us, "comment": reason}
    return move(
        connection,
        record,
        CommandState.REFUSED,
        actor=decider.who,
        now_us=now_us,
        reason=reason,
        origin=decider.origin,
        **columns,
    )


def _comment(decider: Decider) -> str:
    comment = decider.comment.replace("\0", "").strip()
    if decider.verdict is Verdict.REFUSE and not comment:
        raise Refused("Give a reason")
    if len(comment) > REASON_MAX:
        raise Refused(f"The reason is longer than {REASON_MAX} characters")
    return comment


def _did(verdict: Verdict) -> str:
    return "approved" if verdict is Verdict.APPROVE else "refused"


def _existing(connection: Connection, command_id: str) -> CommandRecord:
    record = command(connection, command_id, lock=True)
    if record is None:
        raise Refused(f"There is no command {command_id}")
    return record
