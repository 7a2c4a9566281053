"""Whatever people try in whatever order: nobody approves their own, and every state was reached legally."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import insert

from dealerdesk.bridges.protocol import Ack, SetBook, Stage
from dealerdesk.commands import audit, dispatch, policy, queries, requests
from dealerdesk.commands.records import CommandState, Refused
from dealerdesk.commands.roles import Role
from dealerdesk.store.demo import seed_demo
from dealerdesk.store.engine import open_engine, reading, writing
from dealerdesk.store.migrate import upgrade
from dealerdesk.store.schema import TRANSITIONS, accounts, staff
from dealerdesk.trading import Book

PEOPLE = st.sampled_from(["dana", "ana", "carol", "sam", "ben", "nobody"])
LOGINS = st.integers(1, 3)
NUMBERS = st.integers(0, 7)
BOOKS = st.sampled_from([(Book.A, 100), (Book.C, 50), (Book.C, 0), (Book.B, 0)])


class Office(RuleBasedStateMachine):
    """Two supervisors, two dealers, one clerk, one stranger, and a clock; two approvals are always needed."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        url = f"sqlite:///{Path(self.folder.name) / 'x.db'}"
        upgrade(url)
        self.engine = open_engine(url)
        self.now_us = 1
        rule_ = policy.Rule(open_lots_min=Decimal(0), approvals=2, roles=(Role.SUPERVISOR, Role.HEAD_DEALER))
        with writing(self.engine) as connection:
            seed_demo(connection, 0)
            policy.enact(connection, "two", "set_book", rule_, author="adam", note="", now_us=0)
            sam = {"id": "sam", "name": "Sam", "role": "supervisor", "active": True, "version": 1, "changed_us": 0}
            connection.execute(insert(staff).values(**sam))
            for login in (1, 2, 3):
                zero = dict.fromkeys(("sequence", "balance", "credit", "opened_us", "session_start_equity"), 0)
                row = {"server": "S", "epoch": "e", "login": login, "client_id": 1, "group_name": "g"}
                more = {"currency": "USD", "leverage": 1, "enabled": True, "introducer": ""}
                rest = {"session_deposits": 0, "session_realised": 0}
                connection.execute(insert(accounts).values(**zero, **row, **more, **rest))

    @rule(who=PEOPLE, login=LOGINS, number=NUMBERS, book=BOOKS)
    def request(self, who: str, login: int, number: int, book: tuple[Book, int]) -> None:
        body = SetBook(login=login, book=book[0], covered_percent=book[1])
        self._try(
            requests.request,
            who=who,
            server="S",
            body=body,
            reason="r",
            now_us=self.now_us,
            command_id=f"command-{number}",
        )

    @rule(who=PEOPLE, number=NUMBERS)
    def approve(self, who: str, number: int) -> None:
        record = self._record(number)
        if record is not None:
            seen = record.payload_hash
            self._try(requests.approve, who=who, command_id=record.id, payload_hash=seen, now_us=self.now_us)

    @rule(who=PEOPLE, number=NUMBERS)
    def refuse(self, who: str, number: int) -> None:
        self._try(requests.refuse, who=who, command_id=f"command-{number}", reason="no", now_us=self.now_us)

    @rule(who=PEOPLE, number=NUMBERS)
    def withdraw(self, who: str, number: int) -> None:
        self._try(requests.withdraw, who=who, command_id=f"command-{number}", now_us=self.now_us)

    @rule(number=NUMBERS)
    def dispatch(self, number: int) -> None:
        with writing(self.engine) as connection:
            dispatch.mark_dispatched(connection, f"command-{number}", "e", self.now_us)

    @rule(
        number=NUMBERS, stage=st.sampled_from([Stage.RECEIVED, Stage.SENT, Stage.REJECTED, Stage.UNKNOWN, Stage.DONE])
    )
    def answer(self, number: int, stage: Stage) -> None:
        with writing(self.engine) as connection:
            dispatch.note_ack(connection, Ack(id=f"command-{number}", stage=stage, time_us=0), self.now_us)
            dispatch.settle_done(connection, f"command-{number}", self.now_us)

    @rule(hours=st.integers(0, 9))
    def time_passes(self, hours: int) -> None:
        self.now_us += hours * 3_600_000_000
        with writing(self.engine) as connection:
            dispatch.expire_overdue(connection, self.now_us)

    @invariant()
    def whatever_left_the_request_state_approved_had_two_others_approval(self) -> None:
        with reading(self.engine) as connection:
            for record in queries.recent_commands(connection):
                approvers = dispatch.approvers(connection, record.id)
                assert record.requested_by not in approvers
                assert set(approvers) <= {"dana", "carol", "sam"}
                if record.state in (CommandState.APPROVED, CommandState.DISPATCHED) or record.dispatched_us is not None:
                    assert len(approvers) >= 2

    @invariant()
    def the_audit_tells_the_whole_way_and_is_whole(self) -> None:
        with reading(self.engine) as connection:
            assert audit.verify_leaves(connection) == []
            for record in queries.recent_commands(connection):
                moves = [entry for entry in audit.history_of(connection, record.id) if "state" in entry.after]
                state = "requested"
                for move in moves:
                    assert move.before["state"] == state
                    assert (state, move.after["state"]) in TRANSITIONS
                    state = str(move.after["state"])
                assert state == record.state

    @invariant()
    def at_most_one_command_of_an_account_is_open(self) -> None:
        with reading(self.engine) as connection:
            logins = [record.login for record in queries.open_commands(connection)]
        assert len(logins) == len(set(logins))

    def _try(self, deed: object, **terms: object) -> None:
        with suppress(Refused), writing(self.engine) as connection:
            deed(connection, **terms)  # type: ignore[operator]

    def _record(self, number: int):  # type: ignore[no-untyped-def]
        with reading(self.engine) as connection:
            return queries.command(connection, f"command-{number}")

    def teardown(self) -> None:
        self.engine.dispose()
        self.folder.cleanup()


TestOffice = Office.TestCase
