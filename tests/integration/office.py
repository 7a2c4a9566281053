"""A small office for tests: staff, recorded accounts, and people's deeds framed in transactions."""

from __future__ import annotations

from decimal import Decimal

from recorded_books import snapshot_of
from scripted_broker import ScriptedBroker
from sqlalchemy import Engine

from dealerdesk.bridges.protocol import CommandBody, SetBook
from dealerdesk.commands import policy, requests
from dealerdesk.commands.records import CommandRecord, CommandState
from dealerdesk.commands.roles import Role
from dealerdesk.store.demo import seed_demo
from dealerdesk.store.engine import writing
from dealerdesk.store.recording import record_snapshot
from dealerdesk.trading import Book

NOW_US = 1_700_000_000_000_000
SERVER = "MT5"
EPOCH = "e1"
TO_A = SetBook(login=1001, book=Book.A, covered_percent=100)


class Office:
    """Twenty accounts in book B on MT5, 1001 onwards; dana is head dealer, ana dealer, carol supervisor."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.now_us = NOW_US
        self.broker = ScriptedBroker(seed=1)
        self.count = 0
        with writing(engine) as connection:
            seed_demo(connection, NOW_US - 10)
            record_snapshot(connection, SERVER, snapshot_of(self.broker, EPOCH), NOW_US)

    def needs_supervisor(self, approvals: int = 1, roles: tuple[Role, ...] = (Role.SUPERVISOR,)) -> None:
        """From now on every change of book takes approval."""
        rule = policy.Rule(open_lots_min=Decimal(0), approvals=approvals, roles=roles)
        with writing(self.engine) as connection:
            policy.enact(connection, "all", "set_book", rule, author="adam", note="", now_us=self.now_us - 1)

    def hire(self, person: str, role: Role) -> None:
        """One more member of staff."""
        with writing(self.engine) as connection:
            connection.exec_driver_sql(
                "INSERT INTO staff (id, name, role, active, version, changed_us)"
                f" VALUES ('{person}', '{person}', '{role.value}', {self._true}, 1, 1)"
            )

    def request(
        self, who: str = "dana", body: CommandBody = TO_A, command_id: str = "", **more: object
    ) -> CommandRecord:
        """Asks for `body`, by default under a new id."""
        self.count += 1
        command_id = command_id or f"command-{self.count:04}"
        terms = {"server": SERVER, "reason": "hedged flow", "now_us": self.now_us} | more
        with writing(self.engine) as connection:
            return requests.request(connection, who=who, body=body, command_id=command_id, **terms)  # type: ignore[arg-type]

    def approve(self, who: str, record: CommandRecord, payload_hash: str = "") -> CommandRecord:
        """Approves what the record says, or what another hash says."""
        seen = payload_hash or record.payload_hash
        with writing(self.engine) as connection:
            return requests.approve(
                connection, who=who, command_id=record.id, payload_hash=seen, now_us=self.now_us, comment="seen"
            )

    def refuse(self, who: str, record: CommandRecord, reason: str = "too large") -> CommandRecord:
        """Refuses with a reason."""
        with writing(self.engine) as connection:
            return requests.refuse(connection, who=who, command_id=record.id, reason=reason, now_us=self.now_us)

    def withdraw(self, who: str, record: CommandRecord) -> CommandRecord:
        """Takes it back."""
        with writing(self.engine) as connection:
            return requests.withdraw(connection, who=who, command_id=record.id, now_us=self.now_us)

    def approved(self, **more: object) -> CommandRecord:
        """A command that the hub may dispatch."""
        record = self.request(**more)  # type: ignore[arg-type]
        assert record.state is CommandState.APPROVED
        return record

    @property
    def _true(self) -> str:
        return "1" if self.engine.dialect.name == "sqlite" else "true"
