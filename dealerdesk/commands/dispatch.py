"""What the hub writes about a command on its way to a platform: dispatched, the bridge's answers, read back, settled.

Each function works in the caller's transaction and may be done twice. When to send what is the dispatcher's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, or_, select, update

from dealerdesk.bridges.protocol import Ack, Stage
from dealerdesk.commands.queries import command, open_commands
from dealerdesk.commands.read_back import Sight, read_back
from dealerdesk.commands.records import CommandRecord, CommandState
from dealerdesk.commands.transitions import HUB, move, note, reread
from dealerdesk.store.feed import announce
from dealerdesk.store.schema import commands, decisions


@dataclass(frozen=True, slots=True)
class Work:
    """What waits for the hub: `approved` to be sent, `dispatched` to be settled, `has_overdue` if any has expired."""

    approved: list[CommandRecord]
    dispatched: list[CommandRecord]
    has_overdue: bool


def waiting_work(connection: Connection, now_us: int) -> Work:
    """The commands that want something done by the hub now, oldest first."""
    found = open_commands(connection, CommandState.APPROVED, CommandState.DISPATCHED)
    approved = [record for record in found if record.state is CommandState.APPROVED]
    dispatched = [record for record in found if record.state is CommandState.DISPATCHED]
    return Work(approved, dispatched, connection.execute(_overdue(now_us).limit(1)).first() is not None)


def expire_overdue(connection: Connection, now_us: int) -> int:
    """Ends requests that nobody decided and approved commands that could not be sent in time; returns how many."""
    ids = [row.id for row in connection.execute(_overdue(now_us))]
    for command_id in ids:
        record = command(connection, command_id, lock=True)
        if record is None or record.state not in (CommandState.REQUESTED, CommandState.APPROVED):
            continue
        waited = record.state is CommandState.REQUESTED
        words = "Nobody decided it in time" if waited else "It could not be sent to the server in time"
        move(connection, record, CommandState.EXPIRED, actor=HUB, now_us=now_us, result=words, settled_us=now_us)
    return len(ids)


def mark_dispatched(connection: Connection, command_id: str, epoch: str, now_us: int) -> CommandRecord | None:
    """Says that the command is about to be sent; None if it is no longer approved, or too late.

    To be committed before the command is sent: from then on it may have reached the platform.
    """
    record = command(connection, command_id, lock=True)
    if record is None or record.state is not CommandState.APPROVED:
        return None
    if record.deadline_us is not None and now_us >= record.deadline_us:
        return None
    return move(
        connection,
        record,
        CommandState.DISPATCHED,
        actor=HUB,
        now_us=now_us,
        dispatched_us=now_us,
        dispatch_epoch=epoch,
        sends=1,
    )


def mark_sent_again(connection: Connection, command_id: str, now_us: int) -> None:
    """Says that the command is about to be sent once more under the same id, since the bridge never got it."""
    record = _dispatched(connection, command_id)
    if record is None:
        return
    _progress(connection, record, now_us, sends=record.sends + 1)
    note(connection, record, "command sent again", actor=HUB, now_us=now_us, after={"sends": record.sends + 1})


def note_ack(connection: Connection, ack: Ack, now_us: int) -> CommandRecord | None:
    """Keeps the bridge's answer; settles the command if the answer says that it failed or that nobody knows.

    Returns the command as it stands, None for one that is not dispatched.
    """
    record = _dispatched(connection, ack.id)
    if record is None:
        return None
    words = {"code": ack.code or ack.platform_code, "result": ack.text, "ticket": ack.ticket}
    if ack.stage is Stage.REJECTED:
        return settle(connection, record, CommandState.FAILED, now_us, stage=ack.stage.value, **words)
    if ack.stage is Stage.UNKNOWN:
        return settle(connection, record, CommandState.UNKNOWN, now_us, stage=ack.stage.value, **words)
    row = msgspec.json.encode(ack.row).decode() if ack.row is not None else None
    _progress(connection, record, now_us, stage=ack.stage.value, read_back=row, read_version=ack.version, **words)
    announce(connection, "commands", [record.id], now_us=now_us, server=record.server)
    return reread(connection, record.id)


def settle_done(connection: Connection, command_id: str, now_us: int) -> CommandRecord | None:
    """Confirms a command that the bridge calls done, if bridge and recorded tables both show what was asked.

    Returns the settled command, or None while the recorded tables are not that far, or if it is not done at all.
    """
    record = _dispatched(connection, command_id)
    if record is None or record.stage != Stage.DONE:
        return None
    answer = read_back(connection, record)
    match answer.sight:
        case Sight.SHOWN:
            return settle(connection, record, CommandState.CONFIRMED, now_us, result=record.result or answer.words)
        case Sight.DIFFERENT:
            return settle(connection, record, CommandState.UNKNOWN, now_us, result=answer.words)
        case Sight.NOT_YET:
            return None


def settle(
    connection: Connection, record: CommandRecord, to: CommandState, now_us: int, **columns: Any
) -> CommandRecord:
    """Ends a dispatched command as confirmed, failed or unknown."""
    return move(connection, record, to, actor=HUB, now_us=now_us, settled_us=now_us, **columns)


def settle_by_id(
    connection: Connection, command_id: str, to: CommandState, words: str, now_us: int
) -> CommandRecord | None:
    """The same for a command known by its id; None if it is no longer dispatched."""
    record = _dispatched(connection, command_id)
    return settle(connection, record, to, now_us, result=words) if record is not None else None


def approvers(connection: Connection, command_id: str) -> tuple[str, ...]:
    """Who approved the command, in the order of their decisions."""
    query = select(decisions.c.staff).where(decisions.c.command_id == command_id, decisions.c.verdict == "approve")
    return tuple(connection.scalars(query.order_by(decisions.c.decided_us, decisions.c.staff)))


def _overdue(now_us: int) -> Any:
    undecided = (commands.c.state == CommandState.REQUESTED.value) & (commands.c.expires_us <= now_us)
    unsent = (commands.c.state == CommandState.APPROVED.value) & (commands.c.deadline_us <= now_us)
    return select(commands.c.id).where(or_(undecided, unsent)).order_by(commands.c.id)


def _dispatched(connection: Connection, command_id: str) -> CommandRecord | None:
    record = command(connection, command_id, lock=True)
    return record if record is not None and record.state is CommandState.DISPATCHED else None


def _progress(connection: Connection, record: CommandRecord, now_us: int, **columns: Any) -> None:
    where = commands.c.id == record.id
    connection.execute(update(commands).where(where).values(changed_us=now_us, **columns))
