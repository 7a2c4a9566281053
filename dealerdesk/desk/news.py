"""What changed in the database since a desk last looked: through the change feed, or all of it after trouble.

Blocks, and belongs to the archive's thread. It also notices that the database is no longer the one that was looked at
(restored, failed over), and compares its clock with this machine's.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, select

from dealerdesk.clock import Clock
from dealerdesk.clock_gap import ClockGap
from dealerdesk.commands import queries as command_queries
from dealerdesk.commands.records import CommandRecord
from dealerdesk.store import queries
from dealerdesk.store.engine import DatabaseUnavailable, reading
from dealerdesk.store.feed import EVERY_ROW, Change, FeedReader
from dealerdesk.store.identity import fitness, identity
from dealerdesk.store.queries import HubStatus
from dealerdesk.store.schema import metadata

CLOCK_EVERY_S = 5.0
"""How often the database's clock is compared with this machine's."""


@dataclass(frozen=True, slots=True)
class News:
    """What changed since the last look, `changes` all of it; `open_commands` is None when no command changed.

    `anew` when what changed is not known (the first look, one after trouble, a database restored or failed over): every
    table has changed then. `looking_only` says why this desk may not act, or is empty. `clock_gap` is between this
    machine's clock and the database's, None where both are one machine's.
    """

    commands: tuple[str, ...]
    routing: tuple[tuple[str, int], ...]
    open_commands: tuple[CommandRecord, ...] | None
    hub: tuple[HubStatus, ...]
    changes: tuple[Change, ...] = ()
    anew: bool = False
    looking_only: str = ""
    clock_gap: ClockGap | None = None

    @property
    def tables(self) -> dict[str, list[str]]:
        """Table → the keys of its rows that changed."""
        tables: dict[str, list[str]] = {}
        for change in self.changes:
            tables.setdefault(change.table, []).append(change.key)
        return tables


class Lookout:
    """`looking_only` says why this desk may not act, or is empty."""

    def __init__(self, clock: Clock) -> None:
        self.looking_only = ""
        self._clock = clock
        self._reader = FeedReader()
        self._anew = True
        self._has_looked = False
        self._era = ""
        self._clock_gap: ClockGap | None = None
        self._ask_time_s = 0.0

    def news(self, engine: Engine) -> News:
        """What was committed since the last call; the first call brings all open commands."""
        try:
            self._notice_another_era(engine)
            with reading(engine) as connection:
                news = self._news(connection)
        except DatabaseUnavailable:
            self._anew = True
            raise
        self._anew, self._has_looked = False, True
        return news

    def _news(self, connection: Connection) -> News:
        if self._anew:
            self._reader = FeedReader()
        changes = self._reader.changes(connection)
        if self._anew and self._has_looked:
            changes = [Change(table, "", EVERY_ROW, self._clock()) for table in metadata.tables]
        # one row may have changed several times since: it is told once
        commands = tuple(
            dict.fromkeys(change.key for change in changes if change.table == "commands" and change.key != EVERY_ROW)
        )
        routing = tuple(
            dict.fromkeys(
                (change.server, int(change.key))
                for change in changes
                if change.table == "routing" and change.key != EVERY_ROW
            )
        )
        opened = tuple(command_queries.open_commands(connection)) if commands or self._anew else None
        hub = tuple(queries.hub_status(connection))
        gap = self._clock_gap_now(connection)
        return News(commands, routing, opened, hub, tuple(changes), self._anew, self.looking_only, gap)

    def _clock_gap_now(self, connection: Connection) -> ClockGap | None:
        """Asks the database for its time every few seconds; in between, and on this machine's own file, the last."""
        if connection.dialect.name == "sqlite" or time.monotonic() < self._ask_time_s:
            return self._clock_gap
        asked_us = self._clock()
        there_us = connection.scalar(select(func.api.clock_us())) or 0
        self._clock_gap = ClockGap.seen(asked_us, there_us, self._clock())
        self._ask_time_s = time.monotonic() + CLOCK_EVERY_S
        return self._clock_gap

    def database_us(self) -> int:
        """The moment by the database's clock."""
        now_us = self._clock()
        return now_us if self._clock_gap is None else self._clock_gap.there_us(now_us)

    def _notice_another_era(self, engine: Engine) -> None:
        """After trouble, a restart, a fail-over or a restore the database may not be the one that was read before."""
        with reading(engine) as connection:
            era = identity(connection).era
        if self._anew or era != self._era:
            self._anew = True
            self.look_it_over(engine)

    def look_it_over(self, engine: Engine) -> None:
        """Finds which database it is and whether this program may use it; raises DatabaseUnavailable when not."""
        with reading(engine) as connection:
            fit = fitness(connection)
            if fit.refused:
                raise DatabaseUnavailable(fit.refused)
            self._era = identity(connection).era
        self.looking_only = fit.looking_only
