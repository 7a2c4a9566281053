"""Reads commands: one, an account's, the recent ones, those still open. Changes nothing."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Select, select

from dealerdesk.commands.bodies import Body
from dealerdesk.commands.kinds import title
from dealerdesk.commands.records import OPEN_STATES, BatchRecord, CommandRecord, CommandState, Need
from dealerdesk.store.schema import accounts, batches, commands

_bodies: msgspec.json.Decoder[Body] = msgspec.json.Decoder(Body)
_needs: msgspec.json.Decoder[tuple[Need, ...]] = msgspec.json.Decoder(tuple[Need, ...])
_of_account = (accounts.c.server == commands.c.server) & (accounts.c.login == commands.c.login)
SELECTED = select(commands, accounts.c.currency).outerjoin_from(commands, accounts, _of_account)
"""A command's row with its account's currency: what `record` reads."""
NEWEST_FIRST = (commands.c.requested_us.desc(), commands.c.id.desc())
OLDEST_FIRST = (commands.c.requested_us, commands.c.id)


def command(connection: Connection, command_id: str, *, lock: bool = False) -> CommandRecord | None:
    """The command with this id, or None; `lock` keeps others from changing it until the transaction ends."""
    query = SELECTED.where(commands.c.id == command_id)
    row = connection.execute(query.with_for_update(of=commands) if lock else query).first()
    return record(row) if row else None


def batch(connection: Connection, batch_id: str) -> BatchRecord | None:
    """The batch with its commands in order of their ids, or None."""
    row = connection.execute(select(batches).where(batches.c.id == batch_id)).first()
    if row is None:
        return None
    members = _records(connection, SELECTED.where(commands.c.batch_id == batch_id).order_by(commands.c.id))
    return BatchRecord(**row._mapping, members=tuple(members))


def commands_of(connection: Connection, server: str, login: int, limit: int = 200) -> list[CommandRecord]:
    """An account's commands, newest first."""
    of_account = SELECTED.where(commands.c.server == server, commands.c.login == login)
    return _records(connection, of_account.order_by(*NEWEST_FIRST).limit(limit))


def recent_commands(connection: Connection, limit: int = 500) -> list[CommandRecord]:
    """Everybody's commands, newest first."""
    return _records(connection, SELECTED.order_by(*NEWEST_FIRST).limit(limit))


def open_commands(connection: Connection, *states: CommandState) -> list[CommandRecord]:
    """The commands in the given open states (all of them if none is given), oldest first."""
    wanted = [state.value for state in states or OPEN_STATES]
    return _records(connection, SELECTED.where(commands.c.state.in_(wanted)).order_by(*OLDEST_FIRST))


def _records(connection: Connection, query: Select[Any]) -> list[CommandRecord]:
    return [record(row) for row in connection.execute(query)]


def record(row: Row[Any]) -> CommandRecord:
    """The record of a row that `SELECTED` found; its sentence is made from its body."""
    fields = dict(row._mapping)
    body = _bodies.decode(fields.pop("payload"))
    fields["body"] = body
    fields["needs"] = _needs.decode(fields["needs"])
    fields["state"] = CommandState(fields["state"])
    fields["currency"] = fields["currency"] or ""
    fields["title"] = title(fields["server"], body, fields["currency"])
    return CommandRecord(**fields)
