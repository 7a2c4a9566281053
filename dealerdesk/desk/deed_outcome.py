"""Whether what a person decided has been done: looked up when the answer to it was lost. Reads, decides nothing.

A batch is decided and withdrawn as one, so it was done when it was done to every command that waited on the screen.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from dealerdesk.commands.deciding import Verdict, said_of
from dealerdesk.commands.queries import command
from dealerdesk.commands.records import CommandRecord, CommandState


def decided(connection: Connection, ids: Sequence[str], who: str, verdict: str) -> list[CommandRecord] | None:
    """These commands as they stand now if `who` decided all of them that way, or None."""
    for command_id in ids:
        said = said_of(connection, command_id).get(who)
        if said is None or said.verdict is not Verdict(verdict):
            return None
    return _as_they_stand(connection, ids)


def withdrawn(connection: Connection, ids: Sequence[str]) -> list[CommandRecord] | None:
    """These commands as they stand now if all of them are withdrawn, or None."""
    records = _as_they_stand(connection, ids)
    return records if all(record.state is CommandState.WITHDRAWN for record in records) else None


def _as_they_stand(connection: Connection, ids: Sequence[str]) -> list[CommandRecord]:
    return [record for command_id in ids if (record := command(connection, command_id)) is not None]
