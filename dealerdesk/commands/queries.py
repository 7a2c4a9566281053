"""Reads commands: one, an account's, the recent ones, those still open. Changes nothing."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, select

from dealerdesk.commands.bodies import Body
from dealerdesk.commands.records import OPEN_STATES, CommandRecord, CommandState, Need
from dealerdesk.store.schema import commands

_bodies: msgspec.json.Decoder[Body] = msgspec.json.Decoder(Body)
_needs: msgspec.json.Decoder[tuple[Need, ...]] = msgspec.json.Decoder(tuple[Need, ...])
NEWEST_FIRST = (commands.c.requested_us.desc(), commands.c.id.desc())
OLDEST_FIRST = (commands.c.requested_us, commands.c.id)


def command(connection: Connection, command_id: str, *, lock: bool = False) -> CommandRecord | None:
    """The command with this id, or None; `lock` keeps others from changing it until the transaction ends."""
    query = select(commands).where(commands.c.id == command_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    return _record(row) if row else None


def commands_of(connection: Connection, server: str, login: int, limit: int = 200) -> list[CommandRecord]:
    """An account's commands, newest first."""
    of_account = select(commands).where(commands.c.server == server, commands.c.login == login)
    return _records(connection, of_account.order_by(*NEWEST_FIRST).limit(limit))


def recent_commands(connection: Connection, limit: int = 500) -> list[CommandRecord]:
    """Everybody's commands, newest first."""
    return _records(connection, select(commands).order_by(*NEWEST_FIRST).limit(limit))


def open_commands(connection: Connection, *states: CommandState) -> list[CommandRecord]:
    """The commands in the given open states (all of them if none is given), oldest first."""
    wanted = [state.value for state in states or OPEN_STATES]
    return _records(connection, select(commands).where(commands.c.state.in_(wanted)).order_by(*OLDEST_FIRST))


def _records(connection: Connection, query: Select[Any]) -> list[CommandRecord]:
    return [_record(row) for row in connection.execute(query)]


def _record(row: Row[Any]) -> CommandRecord:
    fields = dict(row._mapping)
    fields["body"] = _bodies.decode(fields.pop("payload"))
    fields["needs"] = _needs.decode(fields["needs"])
    fields["state"] = CommandState(fields["state"])
    return CommandRecord(**fields)
