"""The audit entries of what is done to a database from the command line, asked for by no command: its first two people,
and logins that a restore made anew."""

from __future__ import annotations

from sqlalchemy import Connection

from dealerdesk.commands import audit
from dealerdesk.store.remade_logins import Remade

SET_UP, REMADE, PASSWORD_SET = "set up", "login remade", "first password set"
SETUP, RESTORE = "setup", "restore"
"""Who did it. Nobody who signs in, the hub included, writes entries under these names."""


def note_set_up(connection: Connection, person: str, role: str, now_us: int) -> None:
    """One person, in the caller's transaction."""
    _note(connection, SETUP, SET_UP, person, {"role": role}, now_us)


def note_remade(connection: Connection, made: Remade, now_us: int) -> None:
    """One login, in the caller's transaction: with it begins anew that it gets one first password."""
    after = {"command_id": made.command_id, "staff": made.staff}
    _note(connection, RESTORE, REMADE, made.login, after, now_us)
    if made.password:
        _note(connection, RESTORE, PASSWORD_SET, made.login, after, now_us)


def _note(
    connection: Connection, actor: str, action: str, subject: str, after: dict[str, str | None], now_us: int
) -> None:
    entry = audit.Entry(id=audit.new_entry_id(), at_us=now_us, actor=actor, action=action, subject=subject, after=after)
    audit.write(connection, entry)
