"""Which commands need somebody else's approval: rules that are rows of `policies`, each with a version and a time.

Every rule that applies to a request must be satisfied; where none applies, nobody is asked. Who may request at all is
said in `kinds.py`; nothing is approved here.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection, func, insert, or_, select
from sqlalchemy import Row as SqlRow

from dealerdesk.bridges.protocol import CommandBody, SetBook
from dealerdesk.commands.canonical import canonical
from dealerdesk.commands.kinds import kind_name, kind_of
from dealerdesk.commands.records import Need
from dealerdesk.commands.roles import Role
from dealerdesk.instruments import LOT
from dealerdesk.store.feed import announce
from dealerdesk.store.schema import policies, positions
from dealerdesk.trading import Book


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When it applies, and what it asks for. A condition that is left out always holds; all that are given must.

    `open_lots_min`: the account's open volume, both sides added up, in lots; `to_books`: the book asked for.
    """

    open_lots_min: Decimal | None = None
    to_books: tuple[Book, ...] = ()
    servers: tuple[str, ...] = ()
    approvals: int = 1
    roles: tuple[Role, ...] = (Role.SUPERVISOR,)


def needs(connection: Connection, server: str, body: CommandBody, now_us: int) -> tuple[Need, ...]:
    """What the policies in force at `now_us` ask for before `body` may be dispatched; empty for nothing."""
    found = []
    for row in _in_force(connection, kind_name(body), now_us):
        rule = msgspec.json.decode(row.rule, type=Rule)
        why = _applies(connection, rule, server, body)
        if why is not None:
            found.append(Need(f"{row.id} v{row.version}", why, rule.approvals, rule.roles))
    return tuple(found)


def enact(connection: Connection, policy_id: str, kind: str, rule: Rule, *, author: str, note: str, now_us: int) -> int:
    """Puts a new version of a policy in force from `now_us` and ends the one before; returns the version."""
    of_policy = policies.c.id == policy_id
    version = (connection.scalar(select(func.max(policies.c.version)).where(of_policy)) or 0) + 1
    end(connection, policy_id, now_us=now_us)
    connection.execute(
        insert(policies).values(
            id=policy_id,
            version=version,
            kind=kind,
            rule=canonical(rule),
            effective_us=now_us,
            ended_us=None,
            author=author,
            note=note,
        )
    )
    announce(connection, "policies", [policy_id], now_us=now_us)
    return version


def end(connection: Connection, policy_id: str, *, now_us: int) -> None:
    """Takes a policy out of force from `now_us`; its versions stay to be read."""
    running = (policies.c.id == policy_id) & policies.c.ended_us.is_(None)
    connection.execute(policies.update().where(running).values(ended_us=now_us))
    announce(connection, "policies", [policy_id], now_us=now_us)


def open_lots(connection: Connection, server: str, login: int) -> Decimal:
    """The account's open volume in lots, both sides added up."""
    of_account = (positions.c.server == server) & (positions.c.login == login)
    volume = connection.scalar(select(func.coalesce(func.sum(positions.c.volume), 0)).where(of_account))
    return Decimal(int(volume or 0)) / LOT


def _in_force(connection: Connection, kind: str, now_us: int) -> Sequence[SqlRow[Any]]:
    still = or_(policies.c.ended_us.is_(None), policies.c.ended_us > now_us)
    query = select(policies).where(policies.c.kind == kind, policies.c.effective_us <= now_us, still)
    return connection.execute(query.order_by(policies.c.id, policies.c.version)).all()


def _applies(connection: Connection, rule: Rule, server: str, body: CommandBody) -> str | None:
    """Why the rule applies, in words, or None."""
    reasons = []
    if rule.servers and server not in rule.servers:
        return None
    if rule.to_books:
        if not isinstance(body, SetBook) or body.book not in rule.to_books:
            return None
        reasons.append(f"the account would move to book {body.book.value}")
    if rule.open_lots_min is not None:
        login = kind_of(body).login(body)
        lots = open_lots(connection, server, login) if login is not None else Decimal(0)
        if lots < rule.open_lots_min:
            return None
        reasons.append(f"{lots.normalize():f} lots are open, {rule.open_lots_min.normalize():f} or more need approval")
    return " and ".join(reasons) or "always needs approval"
