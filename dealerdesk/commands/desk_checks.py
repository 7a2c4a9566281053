"""What makes no sense now for commands on staff, policies, clients and lost commands: refused in a person's words.

Asked when the command is requested and once more when it is carried out. Nothing is changed here.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from unicodedata import category

from sqlalchemy import Connection, Row, Select, select

from dealerdesk.clock import DAY_US
from dealerdesk.commands.bodies import (
    AddStaff,
    ChangeRole,
    CoverAbsence,
    DropLogin,
    EraseClient,
    MakeLogin,
    RateClient,
    Rule,
    Scope,
    SetActive,
    SetContact,
    SetPolicy,
    SetScopes,
    SettleUnknown,
)
from dealerdesk.commands.capacities import reaches_client
from dealerdesk.commands.personal import SEALED_CONTACT_CHARS_MAX, is_sealed
from dealerdesk.commands.records import CommandState, Refused
from dealerdesk.commands.roles import Role
from dealerdesk.store.schema import (
    client_ratings,
    clients,
    command_kinds,
    commands,
    policies,
    staff,
    staff_logins,
    staff_scopes,
    subject_keys,
)

STAFF_ID = re.compile(r"[a-z][a-z0-9._-]{1,30}")
LOGIN = re.compile(r"[a-z][a-z0-9_]{1,30}")
POLICY_ID = re.compile(r"[a-z][a-z0-9-]{1,62}")
ESCALATES_WITHIN_S = 366 * 86_400
NOT_PEOPLE = frozenset({"policy", "hub", "setup", "system", "restore"})
"""Who else acts in the audit log."""
NOT_LOGINS = ("dealerdesk", "pg_", "postgres", "rds", "public", "none")
"""What the database's own roles begin with."""
NAME_CHARS_MAX = 128
TEXT_CHARS_MAX = 500
ABSENCE_US_MAX = 366 * DAY_US
APPROVALS_MAX = 2


def add_staff(connection: Connection, server: str, body: AddStaff, _who: str) -> None:
    """Refuses a person who is there already, one without a name, and a login that is taken."""
    _of_no_server(server)
    if not STAFF_ID.fullmatch(body.staff) or body.staff in NOT_PEOPLE:
        raise Refused(f"{body.staff or 'Nothing'} cannot be a person's id: small letters and digits, at most 31")
    if _staff_row(connection, body.staff) is not None:
        raise Refused(f"{body.staff} is a member of staff already")
    if not body.name.strip() or len(body.name) > NAME_CHARS_MAX or _has_controls(body.name):
        raise Refused("A new member of staff needs a name")
    _scopes(body.scopes)
    if body.login:
        _free_login(connection, body.login, body.staff)


def change_role(connection: Connection, server: str, body: ChangeRole, _who: str) -> None:
    """Refuses the role that the person has, and to take the last administrator's."""
    _of_no_server(server)
    person = _person(connection, body.staff)
    if person.role == body.role.value:
        raise Refused(f"{body.staff} is {body.role.a_words} already")
    _keep_an_administrator(connection, person)


def set_scopes(connection: Connection, server: str, body: SetScopes, _who: str) -> None:
    """Refuses no scope at all, and the scopes that the person has."""
    _of_no_server(server)
    _person(connection, body.staff)
    _scopes(body.scopes)
    query = select(staff_scopes.c.server, staff_scopes.c.group_name).where(staff_scopes.c.staff == body.staff)
    if {Scope(row.server, row.group_name) for row in connection.execute(query)} == set(body.scopes):
        raise Refused(f"{body.staff} has that scope already")


def set_active(connection: Connection, server: str, body: SetActive, _who: str) -> None:
    """Refuses what is so already, and to lock the last administrator out."""
    _of_no_server(server)
    person = _person(connection, body.staff)
    if person.active == body.active:
        raise Refused(f"{body.staff} is {'' if body.active else 'not '}active already")
    if not body.active:
        _keep_an_administrator(connection, person)


def make_login(connection: Connection, server: str, body: MakeLogin, _who: str) -> None:
    """Refuses a login for nobody, and one that is taken."""
    _of_no_server(server)
    _person(connection, body.staff)
    _free_login(connection, body.login, body.staff)


def drop_login(connection: Connection, server: str, body: DropLogin, _who: str) -> None:
    """Refuses a login that is not that person's, or is gone already."""
    _of_no_server(server)
    query = select(staff_logins.c.staff, staff_logins.c.active).where(staff_logins.c.login == body.login)
    row = connection.execute(query).first()
    if row is None or row.staff != body.staff or not row.active:
        raise Refused(f"{body.staff} does not sign in as {body.login}")


def set_policy(connection: Connection, server: str, body: SetPolicy, _who: str) -> None:
    """Refuses a policy for an unknown or another kind than before, an end of nothing, and rules that cannot hold."""
    _of_no_server(server)
    if not POLICY_ID.fullmatch(body.policy):
        raise Refused(f"{body.policy or 'Nothing'} cannot be a policy's name: small letters, digits and hyphens")
    if connection.scalar(select(command_kinds.c.kind).where(command_kinds.c.kind == body.of_kind)) is None:
        raise Refused(f"There is no kind of command «{body.of_kind}»")
    newest = select(policies.c.kind, policies.c.rule).where(policies.c.id == body.policy)
    known = connection.execute(newest.order_by(policies.c.version.desc())).first()
    if known is not None and known.kind != body.of_kind:
        raise Refused(f"Policy {body.policy} is for {known.kind.replace('_', ' ')}")
    if body.rule is None:
        if known is None or known.rule == "null":
            raise Refused(f"There is no policy {body.policy} to end")
    else:
        _rule(body.rule, body.of_kind)


def cover_absence(connection: Connection, server: str, body: CoverAbsence, who: str) -> None:
    """Refuses an absence that somebody else asks for, one without an end, and a cover who may decide nothing."""
    _of_no_server(server)
    asker = _person(connection, who)
    if body.absent != who and asker.role != Role.ADMINISTRATOR.value:
        raise Refused("Ask for your own absence to be covered; an administrator asks for others")
    absent, cover = _person(connection, body.absent), _person(connection, body.cover)
    if body.absent == body.cover:
        raise Refused("Nobody covers their own absence")
    if not absent.active or not cover.active:
        raise Refused(f"{(cover if absent.active else absent).name} is no longer active")
    if Role.AUDITOR.value in (absent.role, cover.role):
        raise Refused("An auditor decides nothing: there is nothing to cover")
    if not 0 < body.until_us - body.from_us <= ABSENCE_US_MAX:
        raise Refused("An absence ends after it begins, within a year")


def rate_client(connection: Connection, server: str, body: RateClient, who: str) -> None:
    """Refuses an unknown client and the rating that they have."""
    _of_no_server(server)
    _client(connection, body.client_id, who)
    query = select(client_ratings.c.rating).where(client_ratings.c.client_id == body.client_id)
    refuse_same_rating(body, connection.scalar(query))


def refuse_same_rating(body: RateClient, now: str | None) -> None:
    """Refuses the rating that the client has."""
    if now == body.rating.value:
        raise Refused(f"Client {body.client_id} is rated {body.rating.value} already")


def set_contact(connection: Connection, server: str, body: SetContact, who: str) -> None:
    """Refuses an unknown or erased client, and a value that anybody could read who reads the command."""
    _of_no_server(server)
    _client(connection, body.client_id, who)
    _not_erased(connection, body.client_id)
    if not is_sealed(body.token, SEALED_CONTACT_CHARS_MAX):
        raise Refused("A contact is sealed under the client's key before it is asked for")


def erase_client(connection: Connection, server: str, body: EraseClient, who: str) -> None:
    """Refuses an unknown client and one who was erased before."""
    _of_no_server(server)
    _client(connection, body.client_id, who)
    _not_erased(connection, body.client_id)


def settle_unknown(connection: Connection, server: str, body: SettleUnknown, _who: str) -> None:
    """Refuses a command whose end is known, and an answer without evidence."""
    query = select(commands.c.state, commands.c.server).where(commands.c.id == body.command_id)
    row = connection.execute(query).first()
    if row is None or row.server != server:
        raise Refused(f"There is no command {body.command_id} on {server}")
    if row.state != CommandState.UNKNOWN.value:
        raise Refused(f"Command {body.command_id} is {row.state}: there is nothing to settle")
    if not body.evidence.strip() or len(body.evidence) > TEXT_CHARS_MAX:
        raise Refused("Say where you looked and what you saw")


# -- rules that several share -----------------------------------------------------------------------------------


def _of_no_server(server: str) -> None:
    if server:
        raise Refused(f"This is not done on a server: {server}")


def _staff_row(connection: Connection, person: str) -> Row[Any] | None:
    query: Select[Any] = select(staff.c.id, staff.c.name, staff.c.role, staff.c.active).where(staff.c.id == person)
    return connection.execute(query).first()


def _person(connection: Connection, person: str) -> Row[Any]:
    row = _staff_row(connection, person)
    if row is None:
        raise Refused(f"{person} is not a member of staff here")
    return row


def _keep_an_administrator(connection: Connection, person: Row[Any]) -> None:
    if person.role != Role.ADMINISTRATOR.value or not person.active:
        return
    others = (staff.c.role == Role.ADMINISTRATOR.value) & staff.c.active & (staff.c.id != person.id)
    if connection.execute(select(staff.c.id).where(others).limit(1)).first() is None:
        raise Refused(f"{person.id} is the last administrator")


def _has_controls(written: str) -> bool:
    return any(category(letter) == "Cc" for letter in written)


def _scopes(scopes: tuple[Scope, ...]) -> None:
    if not scopes:
        raise Refused("Say which servers and groups")
    if len(set(scopes)) < len(scopes):
        raise Refused("The same server and group is named twice")
    if any(_has_controls(scope.server + scope.group) for scope in scopes):
        raise Refused("A server's or group's name holds no control characters")


def _free_login(connection: Connection, login: str, person: str) -> None:
    if not LOGIN.fullmatch(login) or login.startswith(NOT_LOGINS):
        raise Refused(f"{login or 'Nothing'} cannot be a login: small letters, digits and underscores, at most 31")
    query = select(staff_logins.c.staff, staff_logins.c.active).where(staff_logins.c.login == login)
    row = connection.execute(query).first()
    if row is not None and (row.active or row.staff != person):
        raise Refused(f"The login {login} is {row.staff}'s")


def _rule(rule: Rule, kind: str) -> None:
    if not 1 <= rule.approvals <= APPROVALS_MAX:
        raise Refused(f"A policy asks for one or two approvals, not {rule.approvals}")
    roles = (*rule.roles, *rule.escalate_roles)
    if not rule.roles or Role.AUDITOR in roles:
        raise Refused("A policy names roles that may decide")
    if Role.ADMINISTRATOR in roles and kind not in WITHOUT_MONEY:
        raise Refused("An administrator decides nothing that moves money or risk")
    if (rule.escalate_after_s is None) != (not rule.escalate_roles) or (rule.escalate_after_s or 0) < 0:
        raise Refused("To escalate takes a time and the roles that may decide then")
    if (rule.escalate_after_s or 0) > ESCALATES_WITHIN_S:
        raise Refused("An escalation waits a year at most")
    if not all(limit.is_finite() and limit >= 0 for limit in _limits(rule)):
        raise Refused("A limit is a number that is never below zero")


def _limits(rule: Rule) -> list[Decimal]:
    limits = [rule.open_lots_min, rule.leverage_min, *(rule.amounts_min or {}).values()]
    return [Decimal(limit) for limit in (*limits, *(rule.daily_totals_min or {}).values()) if limit is not None]


WITHOUT_MONEY = frozenset(
    {
        "add_staff",
        "change_role",
        "set_scopes",
        "set_active",
        "make_login",
        "drop_login",
        "set_policy",
        "cover_absence",
    }
)
"""The kinds whose `moves_money_or_risk` is false."""


def _client(connection: Connection, client_id: int, who: str) -> None:
    if connection.scalar(select(clients.c.id).where(clients.c.id == client_id).limit(1)) is None:
        raise Refused(f"There is no client {client_id}")
    if not reaches_client(connection, who, client_id):
        raise Refused(f"Client {client_id} is not yours to act on")


def _not_erased(connection: Connection, client_id: int) -> None:
    where = (subject_keys.c.client_id == client_id) & subject_keys.c.destroyed_us.is_not(None)
    if connection.scalar(select(subject_keys.c.client_id).where(where)) is not None:
        raise Refused(f"Client {client_id} was erased")
