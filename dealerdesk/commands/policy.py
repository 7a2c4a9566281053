"""Which commands need somebody else's approval: rules that are rows of `policies`, each with a version and a time.

What a kind always needs stands first; every rule that applies to a request must be satisfied; where none applies,
nobody is asked. A version is never changed: a policy is replaced, or ended, by a newer version. Who may request at all
is said in `kinds.py`; nothing is approved here.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, func, insert, select

from dealerdesk.commands.bodies import Body, Rule
from dealerdesk.commands.canonical import canonical
from dealerdesk.commands.kinds import kind_of
from dealerdesk.commands.policy_facts import facts as facts
from dealerdesk.commands.policy_facts import open_lots as open_lots
from dealerdesk.commands.policy_rule import Facts as Facts
from dealerdesk.commands.policy_rule import applies as applies
from dealerdesk.commands.records import Need
from dealerdesk.store.feed import announce
from dealerdesk.store.schema import policies

ENDED = "null"
"""The rule of a version that ends its policy."""
SETUP = "setup"
"""Author of the versions that were there from the beginning."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A version of a policy; `rule` is None for one that ends it."""

    id: str
    version: int
    kind: str
    rule: Rule | None

    @property
    def name(self) -> str:
        """As needs name it: «balance-large v2»."""
        return f"{self.id} v{self.version}"


def needs(connection: Connection, server: str, body: Body, now_us: int) -> tuple[Need, ...]:
    """What must be there before `body` may be dispatched, asked for now; empty for nothing."""
    return needs_of(connection, body, facts(connection, server, body, now_us), now_us)


def needs_of(connection: Connection, body: Body, known: Facts, now_us: int) -> tuple[Need, ...]:
    """The same where the facts are known."""
    kind = kind_of(body)
    always = (kind.always,) if kind.always is not None else ()
    asked = (need(policy, known) for policy in in_force(connection, kind.name, now_us))
    return (*always, *(found for found in asked if found is not None))


def need(policy: Policy, known: Facts) -> Need | None:
    """What one policy asks of a request of which this is known; None for nothing."""
    rule = policy.rule
    words = applies(rule, known) if rule is not None else None
    if rule is None or words is None:
        return None
    return Need(policy.name, words, rule.approvals, rule.roles, rule.escalate_after_s, rule.escalate_roles)


def in_force(connection: Connection, kind: str, now_us: int) -> list[Policy]:
    """The policies for commands of `kind` that are in force at `now_us`, by name.

    Of each policy the version counts that took effect last; one that ends the policy, or has ended itself, counts as
    nothing rather than leaving the version before in force.
    """
    query = select(policies).where(policies.c.kind == kind, policies.c.effective_us <= now_us)
    newest = {row.id: row for row in connection.execute(query.order_by(policies.c.effective_us, policies.c.version))}
    standing = [row for row in newest.values() if row.ended_us is None or row.ended_us > now_us]
    found = [Policy(row.id, row.version, row.kind, rule_of(row.rule)) for row in standing]
    return sorted((policy for policy in found if policy.rule is not None), key=_by_name)


def rule_of(text: str) -> Rule | None:
    """The rule that a row of `policies` holds; None for one that ends the policy."""
    rule: Rule | None = msgspec.json.decode(text, type=Rule | None)
    return rule


def enact(
    connection: Connection,
    policy_id: str,
    kind: str,
    rule: Rule | None,
    *,
    author: str,
    note: str,
    now_us: int,
    effective_us: int = 0,
    command_id: str | None = None,
) -> int:
    """Adds a version that takes effect at `effective_us`, or now if that has passed; returns its number.

    The database takes it only from a dispatched command that says the same, or from the set-up of an empty one.
    """
    of_policy = policies.c.id == policy_id
    version = (connection.scalar(select(func.max(policies.c.version)).where(of_policy)) or 0) + 1
    connection.execute(
        insert(policies).values(
            id=policy_id,
            version=version,
            kind=kind,
            rule=canonical(rule),
            effective_us=max(effective_us, now_us),
            ended_us=None,
            author=author,
            note=note,
            command_id=command_id,
        )
    )
    announce(connection, "policies", [policy_id], now_us=now_us)
    return version


def end(connection: Connection, policy_id: str, *, author: str, now_us: int, command_id: str | None = None) -> int:
    """Ends a policy from now on; its versions stay to be read. Returns the number of the version that says so."""
    kind = connection.scalars(select(policies.c.kind).where(policies.c.id == policy_id).limit(1)).one()
    return enact(connection, policy_id, kind, None, author=author, note="", now_us=now_us, command_id=command_id)


def _by_name(policy: Policy) -> str:
    return policy.id
