"""In what capacity a person asks and decides: their role and scopes, and those of the people whom they stand in for.

The database's procedures say the same on PostgreSQL. Changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from dealerdesk.commands.bodies import Scope
from dealerdesk.commands.records import Refused
from dealerdesk.commands.roles import Role
from dealerdesk.store.queries import StaffMember, staff_member
from dealerdesk.store.schema import accounts, covers, staff, staff_scopes


@dataclass(frozen=True, slots=True)
class Capacity:
    """A role with its scopes; `of` is whose they are: the person's own, or an absent colleague's."""

    of: str
    role: Role
    scopes: tuple[Scope, ...]

    def sees(self, server: str, group: str) -> bool:
        """Whether this lies within the scopes; what is on no server lies within all."""
        return not server or _lies_within(self.scopes, server, group)


def person(connection: Connection, who: str) -> StaffMember:
    """An active member of staff; raises Refused for anybody else."""
    found = staff_member(connection, who)
    if found is None:
        raise Refused(f"{who} is not a member of staff here")
    if not found.active:
        raise Refused(f"{found.name} is no longer active")
    return found


def own(connection: Connection, member: StaffMember) -> Capacity:
    """What a person may do by themselves."""
    return Capacity(member.id, Role(member.role), scopes_of(connection, member.id))


def all_of(connection: Connection, member: StaffMember, now_us: int) -> list[Capacity]:
    """The person's own capacity first, then those of the active colleagues whom they stand in for now."""
    standing = (covers.c.cover == member.id, covers.c.from_us <= now_us, covers.c.until_us > now_us, staff.c.active)
    query = select(staff.c.id, staff.c.role).join_from(covers, staff, staff.c.id == covers.c.absent).where(*standing)
    absent = connection.execute(query.distinct().order_by(staff.c.id)).all()
    covered = [Capacity(row.id, Role(row.role), scopes_of(connection, row.id)) for row in absent]
    return [own(connection, member), *covered]


def scopes_of(connection: Connection, who: str) -> tuple[Scope, ...]:
    """The parts of the firm that a person sees and acts on; none at all means nothing."""
    query = select(staff_scopes.c.server, staff_scopes.c.group_name).where(staff_scopes.c.staff == who)
    found = connection.execute(query.order_by(staff_scopes.c.server, staff_scopes.c.group_name))
    return tuple(Scope(row.server, row.group_name) for row in found)


def roles_words(roles: Iterable[Role]) -> str:
    """«head dealer or supervisor»."""
    return " or ".join(sorted(role.words for role in set(roles))) or "nobody"


def within(capacities: Sequence[Capacity], server: str, group: str) -> list[Capacity]:
    """The capacities whose scopes reach there."""
    return [capacity for capacity in capacities if capacity.sees(server, group)]


def reaches_client(connection: Connection, who: str, client_id: int) -> bool:
    """Whether one of the client's accounts is in the person's scopes; who sees everything reaches everybody, also who
    has no account or is not known."""
    scopes = scopes_of(connection, who)
    if Scope("", "") in scopes:
        return True
    query = select(accounts.c.server, accounts.c.group_name).where(accounts.c.client_id == client_id).distinct()
    return any(_lies_within(scopes, row.server, row.group_name) for row in connection.execute(query))


def _lies_within(scopes: Iterable[Scope], server: str, group: str) -> bool:
    return any(scope.server in ("", server) and scope.group in ("", group) for scope in scopes)
