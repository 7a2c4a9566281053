"""A small office for tests: staff, recorded accounts, and people's deeds framed in transactions.

On PostgreSQL everybody acts under a login of their own name, with the rights that the migrations give to their role,
and the database's clock shows the office's moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from recorded_books import snapshot_of
from scripted_broker import ScriptedBroker
from sqlalchemy import Connection, Engine

from dealerdesk.bridges.protocol import CommandBody, SetBook
from dealerdesk.commands import policy, requests
from dealerdesk.commands.records import CommandRecord, CommandState
from dealerdesk.commands.roles import Role
from dealerdesk.store.demo import seed_demo
from dealerdesk.store.demo_staff import PEOPLE
from dealerdesk.store.engine import open_engine, writing
from dealerdesk.store.recording import record_snapshot
from dealerdesk.store.roles import GROUPS, STAFF, group_of
from dealerdesk.trading import Book

NOW_US = 1_700_000_000_000_000
SERVER = "MT5"
EPOCH = "e1"
TO_A = SetBook(login=1001, book=Book.A, covered_percent=100)


def act_as(connection: Connection, who: str, now_us: int | None = None) -> None:
    """From here to the end of the transaction everything is done by `who`, on PostgreSQL under their own login; the
    database's clock shows `now_us` if one is given."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL SESSION AUTHORIZATION {who}")
        if now_us is not None:
            connection.exec_driver_sql(f"SET LOCAL dealerdesk.now_us = '{now_us}'")


def _ensure_role(connection: Connection, person: str) -> None:
    """A role that may sign in, known to the office or not; its password is that of the tests' own server."""
    known = connection.exec_driver_sql(f"SELECT 1 FROM pg_roles WHERE rolname = '{person}'").scalar()
    if known is None:
        connection.exec_driver_sql(f"CREATE ROLE {person} LOGIN PASSWORD '{connection.engine.url.password}'")
        connection.exec_driver_sql(f"GRANT {STAFF} TO {person}")


class Office:
    """Twenty accounts in book B on MT5, 1001 onwards; dana is head dealer, ana dealer, carol supervisor."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.now_us = NOW_US
        self.broker = ScriptedBroker(seed=1)
        self.count = 0
        self.has_logins = engine.dialect.name == "postgresql"
        with writing(engine) as connection:
            seed_demo(connection, NOW_US - 10)
            record_snapshot(connection, SERVER, snapshot_of(self.broker, EPOCH), NOW_US)
            for person, _name, role in PEOPLE:
                self._give_login(connection, person, Role(role))

    def needs_supervisor(self, approvals: int = 1, roles: tuple[Role, ...] = (Role.SUPERVISOR,)) -> None:
        """From the beginning every change of book takes approval."""
        rule = policy.Rule(open_lots_min=Decimal(0), approvals=approvals, roles=roles)
        with writing(self.engine) as connection:
            policy.enact(connection, "all", "set_book", rule, author="setup", note="", now_us=self.now_us - 1)

    def hire(self, person: str, role: Role, server: str = "", group: str = "", *, active: bool = True) -> None:
        """One more member of staff, from the beginning."""
        with writing(self.engine) as connection:
            connection.exec_driver_sql(
                "INSERT INTO staff (id, name, role, active, version, changed_us)"
                f" VALUES ('{person}', '{person}', '{role.value}', {self._true if active else self._false}, 1, 1)"
            )
            connection.exec_driver_sql(
                f"INSERT INTO staff_scopes (staff, server, group_name) VALUES ('{person}', '{server}', '{group}')"
            )
            self._give_login(connection, person, role)

    @contextmanager
    def deed(self, who: str) -> Iterator[Connection]:
        """A transaction in which somebody does something; a refusal is kept in the audit log, and raised."""
        if self.has_logins:
            with writing(self.engine) as connection:
                _ensure_role(connection, who)
        with requests.audited(self.engine) as connection:
            act_as(connection, who, self.now_us)
            yield connection

    def engine_of(self, who: str) -> Engine:
        """Connections that somebody opened with their own password, which here is that of the tests' server."""
        return open_engine(self.engine.url.set(username=who).render_as_string(hide_password=False))

    def request(
        self, who: str = "dana", body: CommandBody = TO_A, command_id: str = "", **more: object
    ) -> CommandRecord:
        """Asks for `body`, by default under a new id."""
        self.count += 1
        command_id = command_id or f"command-{self.count:04}"
        terms = {"server": SERVER, "reason": "hedged flow", "now_us": self.now_us} | more
        with self.deed(who) as connection:
            return requests.request(connection, who=who, body=body, command_id=command_id, **terms)  # type: ignore[arg-type]

    def approve(self, who: str, record: CommandRecord, payload_hash: str = "") -> CommandRecord:
        """Approves what the record says, or what another hash says."""
        seen = payload_hash or record.payload_hash
        with self.deed(who) as connection:
            return requests.approve(
                connection, who=who, command_id=record.id, payload_hash=seen, now_us=self.now_us, comment="seen"
            )

    def refuse(self, who: str, record: CommandRecord, reason: str = "too large") -> CommandRecord:
        """Refuses with a reason."""
        with self.deed(who) as connection:
            return requests.refuse(connection, who=who, command_id=record.id, reason=reason, now_us=self.now_us)

    def withdraw(self, who: str, record: CommandRecord) -> CommandRecord:
        """Takes it back."""
        with self.deed(who) as connection:
            return requests.withdraw(connection, who=who, command_id=record.id, now_us=self.now_us)

    def approved(self, **more: object) -> CommandRecord:
        """A command that the hub may dispatch."""
        record = self.request(**more)  # type: ignore[arg-type]
        assert record.state is CommandState.APPROVED
        return record

    @property
    def _true(self) -> str:
        return "1" if self.engine.dialect.name == "sqlite" else "true"

    @property
    def _false(self) -> str:
        return "0" if self.engine.dialect.name == "sqlite" else "false"

    def _give_login(self, connection: Connection, person: str, role: Role) -> None:
        """A login of the person's own name, in the groups of their role; nothing where people have no logins."""
        if not self.has_logins:
            return
        _ensure_role(connection, person)
        others = ", ".join(group for group in GROUPS if group != STAFF)
        connection.exec_driver_sql(f"REVOKE {others} FROM {person}")
        connection.exec_driver_sql(f"GRANT {group_of(role.value)} TO {person}")
        connection.exec_driver_sql(
            f"INSERT INTO staff_logins (login, staff, active, made_us) VALUES ('{person}', '{person}', true, 1)"
        )
