"""Who has to decide what: the rules behind the inbox, for one person at one moment. No SQL, nothing is changed.

They say in advance what the database would say when the decision is asked for, so that nobody is shown as theirs what
they may not decide; the database decides all the same. Times in µs UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from dealerdesk.commands.bodies import Body, Scope
from dealerdesk.commands.capacities import Capacity, roles_words, within
from dealerdesk.commands.kinds import KINDS, may_decide
from dealerdesk.commands.records import CommandRecord, CommandState, Need, hash_of, to_decide
from dealerdesk.commands.roles import Role

APPROVE, REFUSE = "approve", "refuse"


class Decision(msgspec.Struct, frozen=True):
    """What one person said of one command, with the role in which they said it."""

    command_id: str
    staff: str
    role: Role
    verdict: str
    comment: str
    decided_us: int
    for_staff: str = ""

    @property
    def of(self) -> str:
        """Whose authority it is: the person's own, or that of the colleague for whom they stood in."""
        return self.for_staff or self.staff

    @property
    def approves(self) -> bool:
        """Whether it lets the command through, as far as this person goes."""
        return self.verdict == APPROVE


class Cover(msgspec.Struct, frozen=True):
    """From then until then `cover` may decide what `absent`, who has this role and these scopes, could."""

    absent: str
    cover: str
    role: Role
    from_us: int
    until_us: int
    scopes: tuple[Scope, ...] = (Scope(),)

    def holds(self, now_us: int) -> bool:
        """Whether it is in force."""
        return self.from_us <= now_us < self.until_us


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff as a decider; `scopes` are the parts of the firm they see."""

    id: str
    name: str
    role: Role
    scopes: tuple[Scope, ...] = (Scope(),)


@dataclass(frozen=True, slots=True)
class NeedStanding:
    """One need of a command: who approved, how many are missing, and whose turn it is by now."""

    need: Need
    approvals: tuple[Decision, ...]
    roles: tuple[Role, ...]
    escalated: bool

    @property
    def missing(self) -> int:
        """How many approvals it still takes."""
        return max(0, self.need.approvals - len(self.approvals))


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the inbox: a command, or a batch that is decided as one. `members` are in order of their ids."""

    key: str
    members: tuple[CommandRecord, ...]
    decisions: Mapping[str, tuple[Decision, ...]] = field(default_factory=dict)
    """Command id → what was said of it so far."""

    @property
    def head(self) -> CommandRecord:
        """The command that stands for all of them: they share who asked, when, why, and what it needs."""
        return next((record for record in self.members if record.state is CommandState.REQUESTED), self.members[0])

    @property
    def is_batch(self) -> bool:
        return self.head.batch_id is not None

    @property
    def state(self) -> CommandState:
        """The command's state; of a batch, the one that needs people most."""
        return min((record.state for record in self.members), key=_URGENCY.index)

    @property
    def waiting(self) -> tuple[str, ...]:
        """The ids of those that still wait to be decided."""
        return tuple(record.id for record in self.members if record.state is CommandState.REQUESTED)

    @property
    def said(self) -> tuple[Decision, ...]:
        """What was said of it so far."""
        return self.decisions.get(self.head.id, ())

    @property
    def batch_hash(self) -> str:
        """What is approved when the batch is: the hash over those that still wait, or over all once none does."""
        return hash_of(to_decide(self.members))


_URGENCY = (
    CommandState.REQUESTED,
    CommandState.UNKNOWN,
    CommandState.DISPATCHED,
    CommandState.APPROVED,
    CommandState.FAILED,
    CommandState.REFUSED,
    CommandState.EXPIRED,
    CommandState.WITHDRAWN,
    CommandState.CONFIRMED,
)


def items(records: Iterable[CommandRecord], decisions: Iterable[Decision] = ()) -> list[Item]:
    """The commands as lines of an inbox: members of a batch together, in the place of the first of them."""
    said: dict[str, list[Decision]] = {}
    for decision in decisions:
        said.setdefault(decision.command_id, []).append(decision)
    together: dict[str, list[CommandRecord]] = {}
    for record in records:
        together.setdefault(record.batch_id or record.id, []).append(record)
    return [
        Item(
            key,
            tuple(sorted(members, key=_id_of)),
            {record.id: tuple(said[record.id]) for record in members if record.id in said},
        )
        for key, members in together.items()
    ]


def subjects(body: Body) -> frozenset[str]:
    """The members of staff whom a command is about: they do not decide it."""
    kind = KINDS.get(type(body))
    return frozenset(kind.subjects(body)) if kind is not None else frozenset()


def standings(record: CommandRecord, said: Iterable[Decision], now_us: int) -> tuple[NeedStanding, ...]:
    """How far each need of the command is met."""
    approvals = [decision for decision in said if decision.approves]
    return tuple(_standing(need, record, approvals, now_us) for need in record.needs)


def together(found: Iterable[NeedStanding]) -> list[tuple[NeedStanding, ...]]:
    """Needs that the same people meet, side by side: one approval counts for all of them."""
    alike: dict[tuple[frozenset[Role], frozenset[Role], bool], list[NeedStanding]] = {}
    for standing in found:
        key = (frozenset(standing.roles), frozenset(standing.need.escalate_roles), standing.escalated)
        alike.setdefault(key, []).append(standing)
    return [tuple(group) for group in alike.values()]


def is_escalated(record: CommandRecord, said: Iterable[Decision], now_us: int) -> bool:
    """Whether it waits so long already that others may decide it too."""
    return any(standing.escalated and standing.missing for standing in standings(record, said, now_us))


def is_ageing(record: CommandRecord, said: Iterable[Decision], now_us: int) -> bool:
    """Whether it wants looking at now: half of its life is over, or it has escalated."""
    if record.state is not CommandState.REQUESTED:
        return False
    half_us = (record.expires_us - record.requested_us) // 2
    return now_us >= record.requested_us + half_us or is_escalated(record, said, now_us)


def capacities(person: Person, covers: Iterable[Cover], now_us: int) -> list[Capacity]:
    """The person's own capacity first, then those of the colleagues for whom they decide now."""
    covered = [
        Capacity(cover.absent, cover.role, cover.scopes)
        for cover in covers
        if cover.cover == person.id and cover.holds(now_us)
    ]
    return [Capacity(person.id, person.role, person.scopes), *covered]


def capacity(
    record: CommandRecord, person: Person, covers: Iterable[Cover], said: Sequence[Decision], now_us: int
) -> Capacity | None:
    """In what capacity the person would decide what is still missing; None when in none."""
    wanted = {role for standing in standings(record, said, now_us) if standing.missing for role in standing.roles}
    fitting = [
        each
        for each in within(capacities(person, covers, now_us), record.server, record.group_name)
        if each.role in wanted
        and each.of not in subjects(record.body)
        and each.of not in {decision.of for decision in said}
        and _may_ever(each.role, record.body)
    ]
    return fitting[0] if fitting else None


def why_not_mine(
    record: CommandRecord, person: Person, covers: Sequence[Cover], said: Sequence[Decision], now_us: int
) -> str:
    """Why the person may not decide the command now, in a sentence; "" when it is theirs to decide."""
    if record.state is not CommandState.REQUESTED:
        by = f" by {record.decided_by}" if record.decided_by else ""
        return f"It is {record.state.value}{by} already: nothing is left to decide."
    if now_us >= record.expires_us:
        return "It has waited too long and can no longer be decided."
    if record.requested_by == person.id:
        return "You asked for this yourself: somebody else must decide it."
    if person.id in subjects(record.body):
        return "It is about you: somebody else must decide it."
    if any(decision.staff == person.id for decision in said):
        return f"You have approved it; {missing_words(standings(record, said, now_us))}."
    if any(each.of == record.requested_by for each in capacities(person, covers, now_us)):
        return f"You stand in for {record.requested_by}, who asked for this: somebody else must decide it."
    if capacity(record, person, covers, said, now_us) is None:
        return _why_no_capacity(record, person, covers, said, now_us)
    return ""


def missing_words(found: Iterable[NeedStanding]) -> str:
    """Whose approval is still missing, in words: "still missing: supervisor, 2 × payments officer"."""
    words = []
    for alike in together(found):
        missing, roles = max(standing.missing for standing in alike), roles_words(alike[0].roles)
        if missing:
            words.append(roles if missing == 1 else f"{missing} × {roles}")
    return f"still missing: {', '.join(words)}" if words else "nothing is missing"


def _standing(need: Need, record: CommandRecord, approvals: Sequence[Decision], now_us: int) -> NeedStanding:
    asked_us = record.requested_us
    fitting = [given for given in approvals if given.role in need.deciders(given.decided_us - asked_us)]
    counted = tuple({given.of: given for given in reversed(fitting)}.values())[::-1]
    roles = tuple(dict.fromkeys(need.deciders(now_us - asked_us)))
    return NeedStanding(need, counted, roles, escalated=bool(need.escalate_roles) and len(roles) > len(need.roles))


def _may_ever(role: Role, body: Body) -> bool:
    kind = KINDS.get(type(body))
    return kind is not None and may_decide(role, kind)


def _why_no_capacity(
    record: CommandRecord, person: Person, covers: Iterable[Cover], said: Sequence[Decision], now_us: int
) -> str:
    wanted = {role for standing in standings(record, said, now_us) if standing.missing for role in standing.roles}
    fitting = [each for each in capacities(person, covers, now_us) if each.role in wanted]
    spent = {decision.of for decision in said}
    used = [each.of for each in within(fitting, record.server, record.group_name) if each.of in spent]
    if used:
        return f"It was decided with {used[0]}'s authority already."
    if fitting:
        return "It is outside the servers and groups that you may act on."
    return f"It waits for: {roles_words(wanted)}. Your role is {person.role.words}."


def _id_of(record: CommandRecord) -> str:
    return record.id
