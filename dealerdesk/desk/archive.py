"""What the library's thread does with the database: one engine, one person, queries and requests as plain calls.

Everything here blocks and belongs to that one thread. Queries and rules are those of `store` and `commands`; this
module only frames their transactions; what changed is found by `news`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Concatenate, ParamSpec, TypedDict, TypeVar

import structlog
from sqlalchemy import Connection, Engine

from dealerdesk.bridges.protocol import ResumePoint
from dealerdesk.clock import Clock
from dealerdesk.commands import inbox_queries, policy, procedures, requests, sessions
from dealerdesk.commands import queries as command_queries
from dealerdesk.commands.bodies import Body, ContactField, SetContact
from dealerdesk.commands.fields import PersonalField
from dealerdesk.commands.first_passwords import hand_out
from dealerdesk.commands.inbox import Item
from dealerdesk.commands.inbox_queries import Evidence, Inbox
from dealerdesk.commands.new_contacts import sealed_contact
from dealerdesk.commands.openings import WaitingNames
from dealerdesk.commands.records import CommandRecord, CommandState, Member, Need, Refused
from dealerdesk.commands.roles import Role
from dealerdesk.commands.signed_in import Turned
from dealerdesk.commands.unmask import unmask
from dealerdesk.config import Secret
from dealerdesk.desk import deed_outcome, own_passwords
from dealerdesk.desk.access import Access, origin
from dealerdesk.desk.news import Lookout, News
from dealerdesk.desk.person_engine import person_engine
from dealerdesk.store import queries
from dealerdesk.store.engine import DatabaseUnavailable, reading, writing
from dealerdesk.store.lines import Lines
from dealerdesk.store.queries import HubStatus, StaffMember
from dealerdesk.trading import BalanceOperation, Deal

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger(__name__)


class _Me(TypedDict):
    """Who does something, when and from where, as rules and procedures ask for it."""

    who: str
    now_us: int
    origin: str


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
        self._lookout = Lookout(clock)
        self._names = WaitingNames(self.unmask)

    @classmethod
    def open(cls, access: Access, clock: Clock) -> Archive:
        """The database of a profile; raises DatabaseUnavailable while it is down or not of this program's shape."""
        with ExitStack() as undo:
            archive = cls(person_engine(access.profile, access.session.login, access.secret), access, clock)
            undo.callback(archive.close)
            archive._lookout.look_it_over(archive._engine)
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
            self._engine, role=Role(self.session.role), client_id=client_id, field=field, reason=reason, **self._me()
        )

    def hand_out_password(self, login: str) -> str:
        """The first password of somebody else's login, which is kept nowhere; raises Refused."""
        with self._acting() as connection:
            return hand_out(connection, login=login, **self._me())

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
        return self._lookout.news(self._engine)

    def _me(self) -> _Me:
        return _Me(who=self._who, now_us=self._clock(), origin=self._origin)

    @contextmanager
    def _acting(self) -> Iterator[Connection]:
        if self._lookout.looking_only:
            raise Refused(self._lookout.looking_only)
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
        return self.read(inbox_queries.inbox, self._who, self._lookout.database_us())

    def evidence(self, record: CommandRecord, client_id: int | None) -> Evidence:
        found = self.read(inbox_queries.evidence, record, client_id)
        return self._names.beside(found, record, self.session.role)

    def hub_status(self) -> list[HubStatus]:
        return self.read(queries.hub_status)

    def recorded(self) -> dict[str, ResumePoint]:
        return self.read(queries.recorded)

    def staff_members(self) -> list[StaffMember]:
        return self.read(queries.staff_members)

    def needs(self, server: str, body: Body) -> tuple[Need, ...]:
        return self.read(_needs, server, body, self._clock())

    def seal_contact(self, client_id: int, field: ContactField, value: str) -> SetContact:
        """What to ask for to set a contact; that the client's key was read for it is on record. Raises Refused."""
        if self._lookout.looking_only:
            raise Refused(self._lookout.looking_only)
        return sealed_contact(self._engine, client_id=client_id, field=field, typed=value, **self._me())

    def request(
        self, server: str, body: Body, reason: str, command_id: str, expected_version: int | None
    ) -> CommandRecord:
        with self._acting() as connection:
            return requests.request(
                connection,
                server=server,
                body=body,
                reason=reason,
                command_id=command_id,
                expected_version=expected_version,
                **self._me(),
            )

    def request_batch(self, server: str, members: Sequence[Member], reason: str, batch_id: str) -> list[CommandRecord]:
        with self._acting() as connection:
            asked = requests.request_batch(
                connection, server=server, members=members, reason=reason, batch_id=batch_id, **self._me()
            )
        return list(asked.members)

    def batch(self, batch_id: str) -> list[CommandRecord]:
        """The commands of a batch in order of their ids; none where there is no such batch."""
        found = self.read(command_queries.batch, batch_id)
        return list(found.members) if found is not None else []

    def approve(self, record: CommandRecord, comment: str) -> CommandRecord:
        with self._acting() as connection:
            return requests.approve(
                connection, command_id=record.id, payload_hash=record.payload_hash, comment=comment, **self._me()
            )

    def refuse(self, record: CommandRecord, reason: str) -> CommandRecord:
        with self._acting() as connection:
            return requests.refuse(connection, command_id=record.id, reason=reason, **self._me())

    def withdraw(self, record: CommandRecord, reason: str) -> CommandRecord:
        with self._acting() as connection:
            return requests.withdraw(connection, command_id=record.id, reason=reason, **self._me())

    def decide_batch(self, item: Item, verdict: str, comment: str) -> list[CommandRecord]:
        with self._acting() as connection:
            return list(
                requests.decide_batch(
                    connection,
                    batch_id=item.key,
                    batch_hash=item.batch_hash,
                    verdict=requests.Verdict(verdict),
                    comment=comment,
                    **self._me(),
                )
            )

    def withdraw_batch(self, item: Item, reason: str) -> list[CommandRecord]:
        waiting = [record for record in item.members if record.state is CommandState.REQUESTED]
        with self._acting() as connection:
            return [
                requests.withdraw(connection, command_id=record.id, reason=reason, **self._me()) for record in waiting
            ]


def _needs(connection: Connection, server: str, body: Body, now_us: int) -> tuple[Need, ...]:
    """What a request would need: on PostgreSQL the database says so, which looks at more than a desk sees."""
    if procedures.is_spoken_to(connection):
        return procedures.needs(connection, server, body)
    return policy.needs(connection, server, body, now_us)
