"""What the inbox reads: what waits, who said what of it, who covers for whom, and how the like was decided before.

Changes nothing, and reads only what every member of staff may read, on either database.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, case, exists, func, select

from dealerdesk.commands.bodies import SetPolicy, SettleUnknown
from dealerdesk.commands.capacities import Capacity, scopes_of
from dealerdesk.commands.inbox import Cover, Decision, Item, Person, capacity, is_ageing, items, why_not_mine
from dealerdesk.commands.queries import SELECTED, command, open_commands, recent_commands
from dealerdesk.commands.queries import record as record_of
from dealerdesk.commands.records import CommandRecord, CommandState
from dealerdesk.commands.roles import Role
from dealerdesk.store.schema import client_ratings, commands, covers, decisions, policies, staff

WAITING = (CommandState.REQUESTED, CommandState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Inbox:
    """What one person's inbox holds, read in one go. `people`: staff id → (name, role)."""

    me: Person
    items: tuple[Item, ...]
    covers: tuple[Cover, ...]
    people: dict[str, tuple[str, Role]]

    def why_not_mine(self, item: Item, now_us: int) -> str:
        """Why the item is not this person's to decide, in a sentence; "" when it is."""
        return why_not_mine(item.head, self.me, self.covers, item.said, now_us)

    def mine(self, now_us: int) -> tuple[Item, ...]:
        """What is this person's to decide."""
        return tuple(item for item in self.items if not self.why_not_mine(item, now_us))

    def capacity(self, item: Item, now_us: int) -> Capacity | None:
        """In which role this person would decide the item."""
        return capacity(item.head, self.me, self.covers, item.said, now_us)

    def is_ageing(self, item: Item, now_us: int) -> bool:
        """Whether the item wants looking at now."""
        return is_ageing(item.head, item.said, now_us)

    def name(self, staff_id: str) -> str:
        """The name of a member of staff; whoever is not one keeps the id."""
        return self.people[staff_id][0] if staff_id in self.people else staff_id


@dataclass(frozen=True, slots=True)
class Precedent:
    """An earlier command of the same kind, and what was said of it."""

    record: CommandRecord
    decisions: tuple[Decision, ...]
    same_account: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the database knows beside a command. `notes`: need's policy ("id vN") → what its author wrote; `before`: the
    policy's rule (JSON) that a new one would replace; `about`: the command whose end is to be settled; `name`: in whose
    name an account is to be opened, where that was read."""

    command_id: str
    precedents: tuple[Precedent, ...]
    notes: dict[str, str]
    rating: str | None = None
    before: str | None = None
    about: CommandRecord | None = None
    name: str = ""


def inbox(connection: Connection, who: str, now_us: int, recent: int = 200) -> Inbox:
    """The inbox of `who`: all that waits or is unknown, oldest first, then the newest others."""
    people = _people(connection)
    waiting = open_commands(connection, *WAITING)
    known = {record.id for record in waiting}
    others = [record for record in recent_commands(connection, recent) if record.id not in known]
    found = [*waiting, *others]
    name, role = people.get(who, (who, Role.AUDITOR))
    return Inbox(
        Person(who, name, role, scopes_of(connection, who)),
        tuple(items(found, decisions_of(connection, [record.id for record in found]))),
        _covers(connection, people, now_us),
        people,
    )


def evidence(connection: Connection, record: CommandRecord, client_id: int | None = None) -> Evidence:
    """What else is known of a command and its like; `client_id` is whose account it is about."""
    body = record.body
    return Evidence(
        record.id,
        tuple(precedents(connection, record)),
        _notes(connection, record),
        rating_of(connection, client_id if record.client_id is None else record.client_id),
        _rule_before(connection, record),
        command(connection, body.command_id) if isinstance(body, SettleUnknown) else None,
    )


def decisions_of(connection: Connection, command_ids: Sequence[str]) -> list[Decision]:
    """What was said of these commands, first words first."""
    where = decisions.c.command_id.in_(command_ids)
    found = connection.execute(select(decisions).where(where).order_by(decisions.c.decided_us, decisions.c.staff))
    return [
        Decision(row.command_id, row.staff, Role(row.role), row.verdict, row.comment, row.decided_us, row.for_staff)
        for row in found
    ]


def precedents(connection: Connection, record: CommandRecord, limit: int = 8) -> list[Precedent]:
    """Earlier decisions of the same kind: on the same account first, then the newest of all others."""
    same = and_(commands.c.server == record.server, commands.c.login == record.login)
    decided = exists().where(decisions.c.command_id == commands.c.id)
    others = [commands.c.kind == record.kind, commands.c.id != record.id, decided]
    if record.batch_id is not None:
        others.append(func.coalesce(commands.c.batch_id, "") != record.batch_id)
    # a command that is about no account has none in common with another
    rank = [case((same, 0), else_=1)] if record.login is not None else []
    query = SELECTED.where(*others).order_by(*rank, commands.c.requested_us.desc()).limit(limit)
    found = [record_of(row) for row in connection.execute(query)]
    said: dict[str, list[Decision]] = {}
    for decision in decisions_of(connection, [earlier.id for earlier in found]):
        said.setdefault(decision.command_id, []).append(decision)
    return [Precedent(earlier, tuple(said[earlier.id]), _is_same_account(earlier, record)) for earlier in found]


def _is_same_account(earlier: CommandRecord, record: CommandRecord) -> bool:
    return record.login is not None and (earlier.server, earlier.login) == (record.server, record.login)


def _people(connection: Connection) -> dict[str, tuple[str, Role]]:
    found = connection.execute(select(staff.c.id, staff.c.name, staff.c.role))
    return {row.id: (row.name, Role(row.role)) for row in found}


def _covers(connection: Connection, people: dict[str, tuple[str, Role]], now_us: int) -> tuple[Cover, ...]:
    """Covers in force or still to come, the earliest end first."""
    found = connection.execute(select(covers).where(covers.c.until_us > now_us).order_by(covers.c.until_us)).all()
    return tuple(
        Cover(
            row.absent, row.cover, people[row.absent][1], row.from_us, row.until_us, scopes_of(connection, row.absent)
        )
        for row in found
        if row.absent in people
    )


def _notes(connection: Connection, record: CommandRecord) -> dict[str, str]:
    """What the authors of the policies that asked wrote beside them."""
    asked = {need.policy for need in record.needs}
    found = connection.execute(
        select(policies.c.id, policies.c.version, policies.c.author, policies.c.note).where(
            policies.c.kind == record.kind
        )
    )
    named = {f"{row.id} v{row.version}": row for row in found}
    return {name: f"{named[name].note} ({named[name].author})" for name in asked if name in named and named[name].note}


def _rule_before(connection: Connection, record: CommandRecord) -> str | None:
    """The rule that a command about a policy would replace."""
    if not isinstance(record.body, SetPolicy):
        return None
    of_policy = (policies.c.id == record.body.policy) & (policies.c.effective_us <= record.requested_us)
    query = select(policies.c.rule).where(of_policy)
    return connection.scalar(query.order_by(policies.c.effective_us.desc(), policies.c.version.desc()).limit(1))


def rating_of(connection: Connection, client_id: int | None) -> str | None:
    """How risky the client is, «unrated» where nobody has said; None for no client."""
    if client_id is None:
        return None
    rating = connection.scalar(select(client_ratings.c.rating).where(client_ratings.c.client_id == client_id))
    return rating or "unrated"
