"""What the library's thread does with the database: one engine, one person, queries and requests as plain calls.

Everything here blocks and belongs to that one thread. Queries and rules are those of `store` and `commands`; this
module only frames their transactions.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine

from dealerdesk.bridges.protocol import CommandBody, ResumePoint
from dealerdesk.clock import Clock
from dealerdesk.commands import policy, requests
from dealerdesk.commands import queries as command_queries
from dealerdesk.commands.records import CommandRecord, Need
from dealerdesk.store import queries
from dealerdesk.store.engine import DatabaseUnavailable, open_engine, reading, writing
from dealerdesk.store.feed import EVERY_ROW, FeedReader
from dealerdesk.store.queries import HubStatus, StaffMember
from dealerdesk.store.step import step_problems
from dealerdesk.trading import BalanceOperation, Deal

P = ParamSpec("P")
T = TypeVar("T")

ORIGIN = "desk"


@dataclass(frozen=True, slots=True)
class News:
    """What changed since the last look. `open_commands` is None when no command changed."""

    commands: tuple[str, ...]
    routing: tuple[tuple[str, int], ...]
    open_commands: tuple[CommandRecord, ...] | None
    hub: tuple[HubStatus, ...]


class Archive:
    """The database as one person at one desk uses it."""

    def __init__(self, engine: Engine, who: str, clock: Clock) -> None:
        self._engine = engine
        self._who = who
        self._clock = clock
        self._reader = FeedReader()
        self._first = True

    @classmethod
    def open(cls, url: str, who: str, clock: Clock) -> Archive:
        """The database at `url`; raises DatabaseUnavailable while it is down or not of this program's shape."""
        engine = open_engine(url)
        with ExitStack() as undo:
            undo.callback(engine.dispose)
            with reading(engine) as connection:
                problems = step_problems(connection)
            if problems:
                raise DatabaseUnavailable("; ".join(problems))
            undo.pop_all()
        return cls(engine, who, clock)

    def close(self) -> None:
        """Gives the connections back."""
        self._engine.dispose()

    def read(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`query(connection, …)` in one consistent read."""
        with reading(self._engine) as connection:
            return query(connection, *args, **kwargs)

    def news(self) -> News:
        """What was committed since the last call; the first call brings all open commands."""
        with reading(self._engine) as connection:
            changes = self._reader.changes(connection)
            # one row may have changed several times since: it is told once
            commands = tuple(dict.fromkeys(change.key for change in changes if change.table == "commands"))
            routing = tuple(
                dict.fromkeys(
                    (change.server, int(change.key))
                    for change in changes
                    if change.table == "routing" and change.key != EVERY_ROW
                )
            )
            opened = tuple(command_queries.open_commands(connection)) if commands or self._first else None
            self._first = False
            return News(commands, routing, opened, tuple(queries.hub_status(connection)))

    def deals_of(self, server: str, login: int, limit: int) -> list[Deal]:
        return self.read(queries.deals_of, server, login, limit)

    def balance_operations_of(self, server: str, login: int, limit: int) -> list[BalanceOperation]:
        return self.read(queries.balance_operations_of, server, login, limit)

    def commands_of(self, server: str, login: int, limit: int) -> list[CommandRecord]:
        return self.read(command_queries.commands_of, server, login, limit)

    def recent_commands(self, limit: int) -> list[CommandRecord]:
        return self.read(command_queries.recent_commands, limit)

    def command(self, command_id: str) -> CommandRecord | None:
        return self.read(command_queries.command, command_id)

    def hub_status(self) -> list[HubStatus]:
        return self.read(queries.hub_status)

    def recorded(self) -> dict[str, ResumePoint]:
        return self.read(queries.recorded)

    def staff_members(self) -> list[StaffMember]:
        return self.read(queries.staff_members)

    def needs(self, server: str, body: CommandBody) -> tuple[Need, ...]:
        return self.read(policy.needs, server, body, self._clock())

    def request(
        self, server: str, body: CommandBody, reason: str, command_id: str, expected_version: int | None
    ) -> CommandRecord:
        with writing(self._engine) as connection:
            return requests.request(
                connection,
                who=self._who,
                server=server,
                body=body,
                reason=reason,
                now_us=self._clock(),
                command_id=command_id,
                expected_version=expected_version,
                origin=ORIGIN,
            )

    def approve(self, record: CommandRecord, comment: str) -> CommandRecord:
        with writing(self._engine) as connection:
            return requests.approve(
                connection,
                who=self._who,
                command_id=record.id,
                payload_hash=record.payload_hash,
                now_us=self._clock(),
                comment=comment,
                origin=ORIGIN,
            )

    def refuse(self, record: CommandRecord, reason: str) -> CommandRecord:
        with writing(self._engine) as connection:
            return requests.refuse(
                connection, who=self._who, command_id=record.id, reason=reason, now_us=self._clock(), origin=ORIGIN
            )

    def withdraw(self, record: CommandRecord, reason: str) -> CommandRecord:
        with writing(self._engine) as connection:
            return requests.withdraw(
                connection, who=self._who, command_id=record.id, reason=reason, now_us=self._clock(), origin=ORIGIN
            )
