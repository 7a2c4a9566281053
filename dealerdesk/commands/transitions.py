"""Moves a command from one state to the next: the row, the audit entry and the feed, in the caller's transaction.

This is the only place that writes the state. Whether a move is legal is said once, in `store.schema.TRANSITIONS`, and
the database's triggers hold it too.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, update

from dealerdesk.commands import audit
from dealerdesk.commands.kinds import kind_of
from dealerdesk.commands.queries import command
from dealerdesk.commands.records import CommandRecord, CommandState, Conflict
from dealerdesk.store.feed import announce
from dealerdesk.store.schema import TRANSITIONS, commands

POLICY = "policy"
"""Who approves what needs nobody's approval."""
HUB = "hub"


def move(
    connection: Connection,
    record: CommandRecord,
    to: CommandState,
    *,
    actor: str,
    now_us: int,
    reason: str = "",
    origin: str = "",
    **columns: Any,
) -> CommandRecord:
    """The command in its new state, with `columns` changed as well; raises Conflict if it has moved meanwhile."""
    if (record.state.value, to.value) not in TRANSITIONS:
        raise Conflict(f"«{record.title}» is {record.state.value} and cannot become {to.value}")
    where = (commands.c.id == record.id) & (commands.c.state == record.state.value)
    changed = connection.execute(update(commands).where(where).values(state=to.value, changed_us=now_us, **columns))
    if changed.rowcount != 1:
        raise Conflict(f"Somebody else was first: «{record.title}» is no longer {record.state.value}")
    note(
        connection,
        record,
        f"command {to.value}",
        actor=actor,
        now_us=now_us,
        reason=reason,
        origin=origin,
        before={"state": record.state.value},
        after={"state": to.value, "payload_hash": record.payload_hash, **columns},
    )
    return reread(connection, record.id)


def let_through(
    connection: Connection, record: CommandRecord, who: str, now_us: int, *, origin: str, comment: str
) -> CommandRecord:
    """The command approved by `who`, to be dispatched within its kind's time."""
    return move(
        connection,
        record,
        CommandState.APPROVED,
        actor=who,
        now_us=now_us,
        reason=comment,
        origin=origin,
        decided_by=who,
        decided_us=now_us,
        comment=comment,
        deadline_us=now_us + kind_of(record.body).dispatch_within_us,
    )


def note(
    connection: Connection,
    record: CommandRecord,
    action: str,
    *,
    actor: str,
    now_us: int,
    reason: str = "",
    origin: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """An audit entry about the command, and a line in the feed for those who look at it."""
    audit.write(
        connection,
        audit.Entry(
            id=audit.new_entry_id(),
            at_us=now_us,
            actor=actor,
            action=action,
            subject=record.id,
            server=record.server,
            login=record.login,
            client_id=record.client_id,
            kind=record.kind,
            reason=reason,
            origin=origin,
            before=before or {},
            after=after or {},
        ),
    )
    announce(connection, "commands", [record.id], now_us=now_us, server=record.server)


def reread(connection: Connection, command_id: str) -> CommandRecord:
    """The command as it stands now; it must exist."""
    record = command(connection, command_id)
    assert record is not None, command_id
    return record
