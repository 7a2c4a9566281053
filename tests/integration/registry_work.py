"""Calls of the procedures as a prompt would write them, and a colleague's login from the request to the end."""

from __future__ import annotations

import json
from typing import Any

import psycopg
from attacked_firm import Firm

from dealerdesk.commands.canonical import canonical


def asking(command_id: str, kind: str, server: str, payload: str) -> str:
    """A request."""
    said = payload.replace("'", "''")
    return f"SELECT api.request_command('{command_id}', '{kind}', '{server}', '{said}', 'because', NULL, NULL, 'psql')"


def deciding(command_id: str, verdict: str, payload_hash: str) -> str:
    """A decision."""
    return f"SELECT api.decide_command('{command_id}', '{verdict}', '{payload_hash}', 'seen', 'psql')"


def answer(connection: psycopg.Connection[Any], call: str) -> dict[str, Any]:
    """What a procedure says."""
    row = connection.execute(call.encode()).fetchone()
    assert row is not None
    said: dict[str, Any] = json.loads(row[0])
    return said


class Registry:
    """One asks, another approves, the hub carries out: `work` is what it does between dispatched and confirmed."""

    def __init__(self, firm: Firm) -> None:
        self.firm = firm

    def let_through(
        self, command_id: str, kind: str, *, by: str = "adam", approver: str = "carol", **fields: object
    ) -> None:
        """Asked for by one and approved by another; without `approver` nobody's approval is needed."""
        with self.firm.connect(by) as asker:
            said = answer(asker, asking(command_id, kind, "", canonical({"kind": kind, **fields})))
            assert said["outcome"] == "done", said
        if not approver:
            return
        with self.firm.connect(approver) as decider:
            row = decider.execute("SELECT payload_hash FROM commands WHERE id = %s", (command_id,)).fetchone()
            assert row is not None
            said = answer(decider, deciding(command_id, "approve", row[0]))
            assert said["outcome"] == "done", said

    def carry_out(self, command_id: str, *work: str) -> list[Any]:
        """In one transaction of the hub; returns the first value of each statement that returns any."""
        found = []
        with self.firm.connect("dealerdesk_hub") as hub, hub.transaction():
            self._move(hub, command_id, "dispatched")
            for statement in work:
                cursor = hub.execute(statement.encode())
                if cursor.description is not None:
                    row = cursor.fetchone()
                    found.append(row[0] if row is not None else None)
            self._move(hub, command_id, "confirmed")
        return found

    def hire(self, person: str, role: str) -> None:
        """A new colleague with a login of the same name, which has no password yet."""
        command_id = f"hire-{person}-1"
        terms = {"login": person, "name": person, "role": role, "scopes": [{"group": "", "server": ""}]}
        self.let_through(command_id, "add_staff", staff=person, **terms)
        self.carry_out(
            command_id,
            "INSERT INTO staff (id, name, role, active, version, changed_us, command_id)"
            f" VALUES ('{person}', '{person}', '{role}', true, 1, 1, '{command_id}')",
            f"INSERT INTO staff_scopes VALUES ('{person}', '', '', '{command_id}')",
            f"INSERT INTO staff_logins VALUES ('{person}', '{person}', true, 1, '{command_id}')",
            f"SELECT api.make_login('{command_id}')",
        )

    @staticmethod
    def _move(hub: psycopg.Connection[Any], command_id: str, to: str) -> None:
        hub.execute("UPDATE commands SET state = %s, changed_us = 1 WHERE id = %s", (to, command_id))
