"""The rules of asking, where Python holds them: who may, for what, about whom, how often. SQLite's half of `requests`.

PostgreSQL's own procedures do the same there. Each function works in the caller's transaction, which must be undone
when it raises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, select

from dealerdesk.bridges.protocol import SetGroup
from dealerdesk.commands import policy
from dealerdesk.commands.bodies import Body
from dealerdesk.commands.canonical import batch_hash, canonical, payload_hash
from dealerdesk.commands.capacities import Capacity, own, person
from dealerdesk.commands.kind import Kind
from dealerdesk.commands.kinds import kind_of, payload_to_tell, words
from dealerdesk.commands.policy_facts import advised_body
from dealerdesk.commands.policy_rule import Facts
from dealerdesk.commands.queries import batch, command
from dealerdesk.commands.records import (
    OPEN_STATES,
    BatchRecord,
    CommandRecord,
    CommandState,
    Conflict,
    Member,
    Need,
    Refused,
    hash_of,
)
from dealerdesk.commands.transitions import POLICY, let_through, move, note, reread
from dealerdesk.store.schema import batches, commands

REASON_MAX = 500
BATCH_MAX = 500
TOLD = ("expected_version", "expires_us", "needs", "payload", "payload_hash", "title")
"""What the entry of a request tells beyond who, when, where and why: the facts are with it."""
OUTSIDE = "This is outside the servers and groups that you may act on"


@dataclass(frozen=True, slots=True)
class Wish:
    """One command that is about to be asked for, with what is known and needed."""

    id: str
    kind: Kind
    server: str
    body: Body
    expected_version: int | None
    known: Facts
    needs: tuple[Need, ...]

    @property
    def terms(self) -> str:
        """The hash over all that an approver agrees to."""
        return payload_hash(self.kind.name, self.server, canonical(self.body), self.expected_version)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, why, when and from where."""

    who: str
    reason: str
    now_us: int
    origin: str


def ask(connection: Connection, asker: Asker, server: str, member: Member) -> CommandRecord:
    """Asks for one command; approved at once when nobody's approval is needed."""
    kind = kind_of(member.body)
    capacity = _asker(connection, asker, kind)
    known = command(connection, member.command_id)
    if known is not None:
        return _same(known, asker.who, server, member)
    wish = _wish(connection, asker, capacity, server, member)
    return _insert(connection, asker, wish, batch_id=None)


def ask_batch(
    connection: Connection, asker: Asker, server: str, members: Sequence[Member], batch_id: str
) -> BatchRecord:
    """Asks for several commands of one kind on one server, to be decided as one: all of them or none."""
    kind = _one_kind(members)
    capacity = _asker(connection, asker, kind)
    known = batch(connection, batch_id)
    if known is not None:
        return _same_batch(known, asker.who, server, members)
    ordered = sorted(members, key=_id_of)
    wishes = _together([_wish(connection, asker, capacity, server, member) for member in ordered], connection, asker)
    row = {"id": batch_id, "title": f"{len(members)} × {words(kind.name)} on {server or 'no server'}"}
    row |= {"reason": _reason(asker.reason), "requested_by": asker.who}
    connection.execute(insert(batches).values(**row, requested_us=asker.now_us, size=len(members)))
    for wish in wishes:
        _insert(connection, asker, wish, batch_id=batch_id)
    asked = batch(connection, batch_id)
    assert asked is not None, batch_id
    return asked


def take_back(connection: Connection, asker: Asker, command_id: str) -> CommandRecord:
    """Withdraws one's own request, as long as it has not been dispatched."""
    person(connection, asker.who)
    record = command(connection, command_id, lock=True)
    if record is None:
        raise Refused(f"There is no command {command_id}")
    if record.requested_by != asker.who:
        raise Refused(f"Only {record.requested_by} can withdraw what {record.requested_by} asked for")
    if record.state is CommandState.WITHDRAWN:
        return record
    if record.state not in (CommandState.REQUESTED, CommandState.APPROVED):
        raise Refused(f"«{record.title}» is {record.state.value}: it is too late to withdraw it")
    return move(
        connection,
        record,
        CommandState.WITHDRAWN,
        actor=asker.who,
        now_us=asker.now_us,
        reason=asker.reason,
        origin=asker.origin,
        settled_us=asker.now_us,
    )


def _asker(connection: Connection, asker: Asker, kind: Kind) -> Capacity:
    capacity = own(connection, person(connection, asker.who))
    if capacity.role not in kind.may_request:
        raise Refused(f"{capacity.role.a_words.capitalize()} cannot ask for «{words(kind.name)}»")
    _reason(asker.reason)
    return capacity


def _wish(connection: Connection, asker: Asker, capacity: Capacity, server: str, member: Member) -> Wish:
    body, kind = member.body, kind_of(member.body)
    known = policy.facts(connection, server, body, asker.now_us)
    _refuse_outside(capacity, server, known, body)
    _refuse_own(kind, body, asker.who)
    kind.check(connection, server, body, asker.who)
    _refuse_second(connection, kind, server, known, body)
    needs = policy.needs_of(connection, body, known, asker.now_us)
    return Wish(member.command_id, kind, server, body, member.expected_version, known, needs)


def _refuse_outside(capacity: Capacity, server: str, known: Facts, body: Body) -> None:
    places = [known.group, body.group] if isinstance(body, SetGroup) else [known.group]
    if not all(capacity.sees(server, group) for group in places):
        raise Refused(OUTSIDE)


def _refuse_own(kind: Kind, body: Body, who: str) -> None:
    subjects = kind.subjects(body)
    if who in subjects and not (kind.may_ask_for_oneself and who == subjects[0]):
        raise Refused("This is about you: somebody else must ask for it")


def _refuse_second(connection: Connection, kind: Kind, server: str, known: Facts, body: Body) -> None:
    """Two open commands that set the same thing would race each other; two that say the same are one too many."""
    alike = commands.c.login == known.login if _is_exclusive(kind, known) else commands.c.payload == canonical(body)
    query = select(commands.c.id).where(
        commands.c.server == server,
        commands.c.kind == kind.name,
        commands.c.state.in_([state.value for state in OPEN_STATES]),
        alike,
    )
    other = connection.scalar(query.limit(1))
    if other is not None:
        first = reread(connection, other)
        raise Conflict(f"{first.requested_by} was first: «{first.title}» is {first.state}")


def _is_exclusive(kind: Kind, known: Facts) -> bool:
    """Whether an account can have but one open command of the kind."""
    return kind.is_repeatable and known.login is not None


def _insert(connection: Connection, asker: Asker, wish: Wish, batch_id: str | None) -> CommandRecord:
    columns = _columns(asker, wish)
    row = columns | {
        "payload": canonical(wish.body),
        "batch_id": batch_id,
        "advised": advised_body(connection, wish.server, wish.body),
        "origin": asker.origin,
    }
    connection.execute(insert(commands).values(id=wish.id, **row, **_fresh(asker.now_us)))
    record = reread(connection, wish.id)
    told = {name: columns[name] for name in TOLD} | {"batch_id": batch_id, "facts": msgspec.to_builtins(wish.known)}
    note(
        connection,
        record,
        "command requested",
        actor=asker.who,
        now_us=asker.now_us,
        reason=str(columns["reason"]),
        origin=asker.origin,
        after=told,
    )
    if wish.needs:
        return record
    return let_through(connection, record, POLICY, asker.now_us, origin=asker.origin, comment="no approval needed")


def _columns(asker: Asker, wish: Wish) -> dict[str, Any]:
    """The columns that never change."""
    known, kind = wish.known, wish.kind
    return {
        "kind": kind.name,
        "server": wish.server,
        "login": known.login,
        "client_id": known.client_id,
        "group_name": known.group,
        "payload": payload_to_tell(wish.body),
        "payload_hash": wish.terms,
        "expected_version": wish.expected_version,
        "title": kind.title(wish.server, wish.body, known.currency),
        "reason": _reason(asker.reason),
        "requested_by": asker.who,
        "requested_us": asker.now_us,
        "expires_us": asker.now_us + kind.waits_us,
        "approvals_needed": max((need.approvals for need in wish.needs), default=0),
        "needs": canonical(wish.needs),
    }


def _fresh(now_us: int) -> dict[str, str | int]:
    """The moving columns of a command that has just been asked for."""
    start: dict[str, str | int] = {"state": CommandState.REQUESTED.value, "changed_us": now_us, "sends": 0}
    return start | dict.fromkeys(("comment", "stage", "code", "result", "ticket"), "")


def _same(known: CommandRecord, who: str, server: str, member: Member) -> CommandRecord:
    body = member.body
    terms = payload_hash(kind_of(body).name, server, canonical(body), member.expected_version)
    if known.payload_hash != terms or known.requested_by != who:
        raise Conflict(f"This command id already stands for something else: «{known.title}» by {known.requested_by}")
    return known


# -- batches ----------------------------------------------------------------------------------------------------


def _one_kind(members: Sequence[Member]) -> Kind:
    kinds = {kind_of(member.body).name for member in members}
    if len(kinds) != 1:
        raise Refused("A batch is of one kind of command" if kinds else "A batch needs a command")
    if len(members) > BATCH_MAX:
        raise Refused(f"A batch has at most {BATCH_MAX} commands")
    if len({member.command_id for member in members}) < len(members):
        raise Refused("A command stands twice in the batch")
    return kind_of(members[0].body)


def _together(wishes: list[Wish], connection: Connection, asker: Asker) -> list[Wish]:
    """The wishes with what they need together: each waits for what any of them needs, and one client's amounts add
    up, so that nothing becomes small by being split."""
    _refuse_alike(wishes)
    summed = [_with_all_amounts(wish, wishes) for wish in wishes]
    found: dict[str, Need] = {}
    for wish in summed:
        for need in policy.needs_of(connection, wish.body, wish.known, asker.now_us):
            found.setdefault(need.policy, need)
    needs = tuple(found.values())
    return [_needing(wish, needs) for wish in summed]


def _refuse_alike(wishes: list[Wish]) -> None:
    keys = [wish.known.login if _is_exclusive(wish.kind, wish.known) else canonical(wish.body) for wish in wishes]
    if len(set(keys)) < len(keys):
        raise Refused("The batch asks for the same thing twice")


def _with_all_amounts(wish: Wish, wishes: list[Wish]) -> Wish:
    mine = wish.known
    if mine.daily_total is None or mine.client_id is None:
        return wish
    others = (each.known for each in wishes if each is not wish)
    same = [known for known in others if (known.client_id, known.currency) == (mine.client_id, mine.currency)]
    total = mine.daily_total + sum(abs(known.amount or 0) for known in same)
    known = msgspec.structs.replace(mine, daily_total=total)
    return Wish(wish.id, wish.kind, wish.server, wish.body, wish.expected_version, known, wish.needs)


def _needing(wish: Wish, needs: tuple[Need, ...]) -> Wish:
    return Wish(wish.id, wish.kind, wish.server, wish.body, wish.expected_version, wish.known, needs)


def _same_batch(known: BatchRecord, who: str, server: str, members: Sequence[Member]) -> BatchRecord:
    ordered = sorted(members, key=_id_of)
    terms = batch_hash(
        payload_hash(kind_of(each.body).name, server, canonical(each.body), each.expected_version) for each in ordered
    )
    ids = [member.command_id for member in ordered]
    if hash_of(known.members) != terms or known.requested_by != who or [each.id for each in known.members] != ids:
        raise Conflict(f"This batch id already stands for something else: «{known.title}» by {known.requested_by}")
    return known


def _id_of(member: Member) -> str:
    return member.command_id


def _reason(text: str) -> str:
    reason = text.replace("\0", "").strip()
    if not reason:
        raise Refused("Give a reason")
    if len(reason) > REASON_MAX:
        raise Refused(f"The reason is longer than {REASON_MAX} characters")
    return reason
