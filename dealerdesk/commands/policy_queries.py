"""Reads policies with all their versions, and the new ones that are asked for. Changes nothing, and applies no rule."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, select

from dealerdesk.commands.bodies import Rule, SetPolicy
from dealerdesk.commands.policy import rule_of
from dealerdesk.commands.queries import open_commands
from dealerdesk.commands.records import CommandRecord
from dealerdesk.store.schema import policies


class Standing(StrEnum):
    """Where a version stands at a moment."""

    IN_FORCE = "in force"
    LATER = "takes effect later"
    REPLACED = "replaced"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A row of `policies` and where it stands. `rule` is None for a version that ends the policy."""

    id: str
    version: int
    kind: str
    rule: Rule | None
    effective_us: int
    author: str
    note: str
    command_id: str | None
    standing: Standing


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """Every version, policies by name and each with the newest first; and what is asked for and not settled yet."""

    versions: tuple[PolicyVersion, ...]
    asked: tuple[CommandRecord, ...]


def policy_book(connection: Connection, now_us: int) -> PolicyBook:
    """All policies as they stand at `now_us`."""
    rows = connection.execute(
        select(policies).order_by(policies.c.id, policies.c.effective_us, policies.c.version)
    ).all()
    newest = {row.id: row.version for row in rows if row.effective_us <= now_us}
    found = []
    for row in rows:
        rule = rule_of(row.rule)
        is_newest = newest.get(row.id) == row.version
        has_ended = rule is None or (row.ended_us is not None and row.ended_us <= now_us)
        if row.effective_us > now_us:
            standing = Standing.LATER
        elif is_newest:
            standing = Standing.ENDED if has_ended else Standing.IN_FORCE
        else:
            standing = Standing.REPLACED
        found.append(
            PolicyVersion(
                row.id, row.version, row.kind, rule, row.effective_us, row.author, row.note, row.command_id, standing
            )
        )
    asked = tuple(record for record in open_commands(connection) if isinstance(record.body, SetPolicy))
    return PolicyBook(tuple(sorted(found, key=_by_name_newest_first)), asked)


def _by_name_newest_first(version: PolicyVersion) -> tuple[str, int]:
    return version.id, -version.version
