"""The people and the policy of a demonstration: enough roles that asking, approving and refusing can be tried."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select

from dealerdesk.store.demo_staff import PEOPLE
from dealerdesk.store.feed import announce
from dealerdesk.store.schema import policies, staff

LARGE_ACCOUNT = "set-book-large-account"
LARGE_ACCOUNT_RULE = '{"approvals":1,"open_lots_min":"50","roles":["supervisor"]}'


def seed_demo(connection: Connection, now_us: int) -> None:
    """Adds the demonstration's staff, and the policy that a supervisor approves the book of an account with 50 lots or
    more open; whatever is there already stays as it is."""
    known = set(connection.scalars(select(staff.c.id)))
    people: list[dict[str, Any]] = [
        {"id": person, "name": name, "role": role, "active": True, "version": 1, "changed_us": now_us}
        for person, name, role in PEOPLE
        if person not in known
    ]
    if people:
        connection.execute(insert(staff), people)
        announce(connection, "staff", [str(person["id"]) for person in people], now_us=now_us)
    if connection.scalar(select(policies.c.id).where(policies.c.id == LARGE_ACCOUNT).limit(1)) is None:
        _add_policy(connection, now_us)


def _add_policy(connection: Connection, now_us: int) -> None:
    connection.execute(
        insert(policies).values(
            id=LARGE_ACCOUNT,
            version=1,
            kind="set_book",
            rule=LARGE_ACCOUNT_RULE,
            effective_us=now_us,
            ended_us=None,
            author="adam",
            note="Moving a large book is a supervisor's decision",
        )
    )
    announce(connection, "policies", [LARGE_ACCOUNT], now_us=now_us)
