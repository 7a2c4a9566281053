"""The audit entries of a new database's first two people, who were asked for by no command."""

from __future__ import annotations

from sqlalchemy import Connection

from dealerdesk.commands import audit

SET_UP = "set up"
SETUP = "setup"


def note_set_up(connection: Connection, person: str, role: str, now_us: int) -> None:
    """One person, in the caller's transaction."""
    entry = audit.Entry(
        id=audit.new_entry_id(), at_us=now_us, actor=SETUP, action=SET_UP, subject=person, after={"role": role}
    )
    audit.write(connection, entry)
