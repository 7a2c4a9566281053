"""What a policy would have asked for in the past: a rule, put in force or not, against commands that were asked then.

It judges by the facts that were recorded with each request, not by how things are now. Changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, select

from dealerdesk.commands.bodies import Rule
from dealerdesk.commands.policy_rule import Facts, applies
from dealerdesk.commands.queries import command
from dealerdesk.store.schema import audit

REQUESTED = "command requested"


@dataclass(frozen=True, slots=True)
class Replayed:
    """A command that the rule would have stopped until it was approved, and why, in words."""

    command_id: str
    title: str
    requested_by: str
    requested_us: int
    words: str


class _After(msgspec.Struct):
    facts: Facts = Facts()


class _Said(msgspec.Struct):
    """As much of an audit entry as the replay reads."""

    after: _After


_entries: msgspec.json.Decoder[_Said] = msgspec.json.Decoder(_Said)


def what_would(connection: Connection, rule: Rule, kind: str, from_us: int, until_us: int) -> list[Replayed]:
    """The commands of `kind` asked from `from_us` until before `until_us` to which the rule applies, oldest first."""
    asked = select(audit.c.subject, audit.c.actor, audit.c.at_us, audit.c.entry).where(
        audit.c.action == REQUESTED,
        audit.c.kind == kind,
        audit.c.at_us >= from_us,
        audit.c.at_us < until_us,
    )
    found = []
    for row in connection.execute(asked.order_by(audit.c.at_us, audit.c.id)):
        words = applies(rule, _entries.decode(row.entry).after.facts)
        record = command(connection, row.subject) if words is not None else None
        if words is not None and record is not None:
            found.append(Replayed(row.subject, record.title, row.actor, row.at_us, words))
    return found
