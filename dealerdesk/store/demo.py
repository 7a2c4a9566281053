"""The people and the policies of a demonstration: enough roles that asking, approving and refusing can be tried."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select

from dealerdesk.store.default_policies import add_default_policies
from dealerdesk.store.demo_staff import PEOPLE
from dealerdesk.store.feed import announce
from dealerdesk.store.schema import commands, staff, staff_scopes


def seed_demo(connection: Connection, now_us: int) -> None:
    """Adds the demonstration's staff, who may see and act on everything, and the policies that a firm begins with.

    Whatever is there already stays as it is; once anything was asked for, nothing is added any more.
    """
    if connection.scalar(select(commands.c.id).limit(1)) is not None:
        return
    known = set(connection.scalars(select(staff.c.id)))
    people: list[dict[str, Any]] = [
        {"id": person, "name": name, "role": role, "active": True, "version": 1, "changed_us": now_us}
        for person, name, role in PEOPLE
        if person not in known
    ]
    if people:
        connection.execute(insert(staff), people)
        everything = [{"staff": person["id"], "server": "", "group_name": ""} for person in people]
        connection.execute(insert(staff_scopes), everything)
        announce(connection, "staff", [str(person["id"]) for person in people], now_us=now_us)
    add_default_policies(connection, now_us)
