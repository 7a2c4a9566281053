"""What the library's thread does with the database: one engine, one person, queries and requests as plain calls.

Everything here blocks and belongs to that one thread. Queries and rules are those of `store` and `commands`; this
module only frames their transactions.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy import Connection, Engine, func, select

from dealerdesk.bridges.protocol import ResumePoint
from dealerdesk.clock import Clock
from dealerdesk.clock_gap import ClockGap
from dealerdesk.commands import inbox_queries, policy, procedures, requests, sessions
from dealerdesk.commands import queries as command_queries
from dealerdesk.commands.bodies import Body
from dealerdesk.commands.fields import PersonalField
from dealerdesk.commands.first_passwords import hand_out
from dealerdesk.commands.inbox import Item
from dealerdesk.commands.inbox_queries import Evidence, Inbox
from dealerdesk.commands.records import CommandRecord, CommandState, Need, Refused
from dealerdesk.commands.roles import Role
from dealerdesk.commands.signed_in import Turned
from dealerdesk.commands.unmask import unmask
from dealerdesk.config import Secret
from dealerdesk.desk import deed_outcome, own_passwords
from dealerdesk.desk.access import Access, origin
from dealerdesk.desk.person_engine import person_engine
from dealerdesk.store import queries
from dealerdesk.store.engine import DatabaseUnavailable, reading, writing
from dealerdesk.store.feed import EVERY_ROW, Change, FeedReader
from dealerdesk.store.identity import fitness, identity
from dealerdesk.store.lines import Lines
from dealerdesk.store.queries import HubStatus, StaffMember
from dealerdesk.store.schema import metadata
from dealerdesk.trading import BalanceOperation, Deal

P = ParamSpec("P")
T = TypeVar("T")

CLOCK_EVERY_S = 5.0
"""How often the database's clock is compared with this machine's."""

log = structlog.get_logger(__name__)


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


class Archive:
    """The database as one person at one desk uses it."""

    def __init__(self, engine: Engine, access: Access, clock: Clock) -> None:
        self._engine = engine
        self._lines = Lines(engine)
        self._access = access
        self.session = access.session
        self._who = access.session.staff
        self._origin = origin()
        self._clock = clock
        self._reader = FeedReader()
        self._anew = True
        self._has_looked = False
        self._era = ""
        self._looking_only = ""
        self._clock_gap: ClockGap | None = None
        self._ask_time_s = 0.0

    @classmethod
    def open(cls, access: Access, clock: Clock) -> Archive:
        """The database of a profile; raises DatabaseUnavailable while it is down or not of this program's shape."""
        with ExitStack() as undo:
            archive = cls(person_engine(access.profile, access.session.login, access.secret), access, clock)
            undo.callback(archive.close)
            archive._look_it_over()
            undo.pop_all()
        return archive

    def close(self) -> None:
        """Gives the connections back."""
        self._engine.dispose()

    def cut_lines(self) -> None:
        """Ends work that gets no answer, from any thread; it then raises DatabaseUnavailable where it waits."""
        self._lines.cut()

    # -- the session --------------------------------------------------------------------------------------------

    def attend(self) -> Turned | None:
        """Begins the session of somebody who gave no password (a demonstration); the answer when that is refused."""
        with writing(self._engine) as connection:
            begun = sessions.let_in(connection, self._who, self._clock(), self._origin)
        if isinstance(begun, Turned):
            return begun
        self.session = begun
        return None

    def standing(self) -> str:
        """Why the session may not go on; empty while it may."""
        return self.read(sessions.standing, self.session)

    def sign_out(self) -> None:
        """Puts the end of the session on record."""
        with writing(self._engine) as connection:
            sessions.sign_out(connection, self.session, self._clock(), self._origin)

    def note(self, action: str, subject: str, **detail: str | int) -> None:
        """Puts a doing of the desk's own on record: one of `sessions.NOTED`."""
        with writing(self._engine) as connection:
            sessions.note(connection, self.session, action, subject, detail, self._clock(), self._origin)

    def unmask(self, client_id: int, field: PersonalField, reason: str) -> str:
        """Opens one field of a client, and puts on record that it was asked for; raises Refused."""
        return unmask(
            self._engine,
            who=self._who,
            role=Role(self.session.role),
            client_id=client_id,
            field=field,
            reason=reason,
            now_us=self._clock(),
            origin=self._origin,
        )

    def hand_out_password(self, login: str) -> str:
        """The first password of somebody else's login, which is kept nowhere; raises Refused."""
        with self._acting() as connection:
            return hand_out(connection, who=self._who, login=login, now_us=self._clock(), origin=self._origin)

    def change_password(self, old: str, new: str) -> str:
        """Changes the person's own password; why not, as a sentence, or "". Raises DatabaseUnavailable."""
        return own_passwords.change(self._engine, self._access, self.session, old, new, self._clock())

    def suspend(self, why: str) -> None:
        """Puts the locking on record, then closes every connection under this person's name."""
        try:
            self.note(sessions.LOCKED, self._who, why=why)
        except DatabaseUnavailable as error:
            # the screen is locked all the same; that it was is also told by the unlocking that follows
            log.warning("the locking is not on record", error=str(error))
        finally:
            self._engine.dispose()
            if self._access.secret is not None:
                self._access.secret.forget()

    def resume(self, secret: Secret) -> Turned | None:
        """Goes on with the suspended session if the password is right; else the answer for the person.

        Raises DatabaseUnavailable when the database does not answer, or on PostgreSQL lets nobody in.
        """
        access = replace(self._access, secret=None if self._access.secret is None else secret)
        engine = person_engine(access.profile, self.session.login, access.secret)
        lines = Lines(engine)
        with ExitStack() as undo:
            undo.callback(engine.dispose)
            with writing(engine) as connection:
                again = sessions.unlock(connection, self.session, secret.read(), self._clock(), self._origin)
            if isinstance(again, Turned):
                return again
            undo.pop_all()
        self._engine, self._lines, self._access = engine, lines, access
        return None

    def read(self, query: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """`query(connection, …)` in one consistent read."""
        with reading(self._engine) as connection:
            return query(connection, *args, **kwargs)

    def news(self) -> News:
        """What was committed since the last call; the first call brings all open commands."""
        try:
            self._notice_another_era()
            with reading(self._engine) as connection:
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
        return News(commands, routing, opened, hub, tuple(changes), self._anew, self._looking_only, gap)

    def _clock_gap_now(self, connection: Connection) -> ClockGap | None:
        """Asks the database for its time every few seconds; in between, and on this machine's own file, the last."""
        if connection.dialect.name == "sqlite" or time.monotonic() < self._ask_time_s:
            return self._clock_gap
        asked_us = self._clock()
        there_us = connection.scalar(select(func.api.clock_us())) or 0
        self._clock_gap = ClockGap.seen(asked_us, there_us, self._clock())
        self._ask_time_s = time.monotonic() + CLOCK_EVERY_S
        return self._clock_gap

    def _notice_another_era(self) -> None:
        """After trouble, a restart, a fail-over or a restore the database may not be the one that was read before."""
        with reading(self._engine) as connection:
            era = identity(connection).era
        if self._anew or era != self._era:
            self._anew = True
            self._look_it_over()

    def _look_it_over(self) -> None:
        with reading(self._engine) as connection:
            fit = fitness(connection)
            if fit.refused:
                raise DatabaseUnavailable(fit.refused)
            self._era = identity(connection).era
        self._looking_only = fit.looking_only

    @contextmanager
    def _acting(self) -> Iterator[Connection]:
        if self._looking_only:
            raise Refused(self._looking_only)
        with requests.audited(self._engine) as connection:
            yield connection

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

    def found(self, command_id: str) -> list[CommandRecord] | None:
        """The command alone, or None where there is none."""
        record = self.command(command_id)
        return [record] if record is not None else None

    def decided(self, ids: Sequence[str], verdict: str) -> list[CommandRecord] | None:
        """These commands if this person decided all of them that way, or None."""
        return self.read(deed_outcome.decided, ids, self._who, verdict)

    def withdrawn(self, ids: Sequence[str]) -> list[CommandRecord] | None:
        """These commands if all are withdrawn, or None."""
        return self.read(deed_outcome.withdrawn, ids)

    def inbox(self) -> Inbox:
        return self.read(inbox_queries.inbox, self._who, self._clock())

    def evidence(self, record: CommandRecord, client_id: int | None) -> Evidence:
        return self.read(inbox_queries.evidence, record, client_id)

    def hub_status(self) -> list[HubStatus]:
        return self.read(queries.hub_status)

    def recorded(self) -> dict[str, ResumePoint]:
        return self.read(queries.recorded)

    def staff_members(self) -> list[StaffMember]:
        return self.read(queries.staff_members)

    def needs(self, server: str, body: Body) -> tuple[Need, ...]:
        return self.read(_needs, server, body, self._clock())

    def request(
        self, server: str, body: Body, reason: str, command_id: str, expected_version: int | None
    ) -> CommandRecord:
        with self._acting() as connection:
            return requests.request(
                connection,
                who=self._who,
                server=server,
                body=body,
                reason=reason,
                now_us=self._clock(),
                command_id=command_id,
                expected_version=expected_version,
                origin=self._origin,
            )

    def approve(self, record: CommandRecord, comment: str) -> CommandRecord:
        with self._acting() as connection:
            return requests.approve(
                connection,
                who=self._who,
                command_id=record.id,
                payload_hash=record.payload_hash,
                now_us=self._clock(),
                comment=comment,
                origin=self._origin,
            )

    def refuse(self, record: CommandRecord, reason: str) -> CommandRecord:
        with self._acting() as connection:
            return requests.refuse(
                connection,
                who=self._who,
                command_id=record.id,
                reason=reason,
                now_us=self._clock(),
                origin=self._origin,
            )

    def withdraw(self, record: CommandRecord, reason: str) -> CommandRecord:
        with self._acting() as connection:
            return requests.withdraw(
                connection,
                who=self._who,
                command_id=record.id,
                reason=reason,
                now_us=self._clock(),
                origin=self._origin,
            )

    def decide_batch(self, item: Item, verdict: str, comment: str) -> list[CommandRecord]:
        with self._acting() as connection:
            return list(
                requests.decide_batch(
                    connection,
                    who=self._who,
                    batch_id=item.key,
                    batch_hash=item.batch_hash,
                    verdict=requests.Verdict(verdict),
                    comment=comment,
                    now_us=self._clock(),
                    origin=self._origin,
                )
            )

    def withdraw_batch(self, item: Item, reason: str) -> list[CommandRecord]:
        waiting = [record for record in item.members if record.state is CommandState.REQUESTED]
        with self._acting() as connection:
            return [
                requests.withdraw(
                    connection,
                    who=self._who,
                    command_id=record.id,
                    reason=reason,
                    now_us=self._clock(),
                    origin=self._origin,
                )
                for record in waiting
            ]


def _needs(connection: Connection, server: str, body: Body, now_us: int) -> tuple[Need, ...]:
    """What a request would need: on PostgreSQL the database says so, which looks at more than a desk sees."""
    if procedures.is_spoken_to(connection):
        return procedures.needs(connection, server, body)
    return policy.needs(connection, server, body, now_us)
