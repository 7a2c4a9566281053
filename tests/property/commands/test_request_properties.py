"""Whatever people try in whatever order: nobody approves their own, everything has the eyes it needs, and every state
was reached legally."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import Engine, event, insert, select

from dealerdesk.bridges.protocol import Ack, SetBook, Stage
from dealerdesk.commands import audit, dispatch, effects, policy, queries, requests
from dealerdesk.commands.bodies import Body, ChangeRole, CoverAbsence, Rule
from dealerdesk.commands.deciding import Verdict
from dealerdesk.commands.kinds import kind_of
from dealerdesk.commands.records import CommandRecord, CommandState, Member, Refused
from dealerdesk.commands.roles import Role
from dealerdesk.store.demo import seed_demo
from dealerdesk.store.engine import open_engine, reading, writing
from dealerdesk.store.migrate import upgrade
from dealerdesk.store.schema import TRANSITIONS, accounts, covers, decisions, staff, staff_scopes
from dealerdesk.trading import Book

PEOPLE = st.sampled_from(["dana", "ana", "carol", "sam", "eve", "ben", "iris", "adam", "nobody"])
LOGINS = st.integers(1, 3)
NUMBERS = st.integers(0, 7)
BOOKS = st.sampled_from([(Book.A, 100), (Book.C, 50), (Book.C, 0), (Book.B, 0)])
HOUR_US = 3_600_000_000
DECIDERS = (Role.SUPERVISOR, Role.HEAD_DEALER)
TWO = Rule(approvals=2, roles=DECIDERS, escalate_after_s=3_600, escalate_roles=(Role.PAYMENTS,))
LET_THROUGH = (CommandState.APPROVED, CommandState.DISPATCHED)


def furnish(engine: Engine) -> None:
    """Three supervisors, of whom eve sees group g1 alone, where accounts 1 and 2 are; two approvals for every book."""
    with writing(engine) as connection:
        seed_demo(connection, 0)
        policy.enact(connection, "two", "set_book", TWO, author="setup", note="", now_us=0)
        for who, group in (("sam", ""), ("eve", "g1")):
            row = {"id": who, "name": who, "role": "supervisor", "active": True, "version": 1, "changed_us": 0}
            connection.execute(insert(staff).values(**row))
            connection.execute(insert(staff_scopes).values(staff=who, server="S" if group else "", group_name=group))
        for login, group in ((1, "g1"), (2, "g1"), (3, "g2")):
            zero = dict.fromkeys(("sequence", "balance", "credit", "opened_us", "session_start_equity"), 0)
            row = {"server": "S", "epoch": "e", "login": login, "client_id": 1, "group_name": group}
            more = {"currency": "USD", "leverage": 1, "enabled": True, "introducer": ""}
            rest = {"session_deposits": 0, "session_realised": 0}
            connection.execute(insert(accounts).values(**zero, **row, **more, **rest))


def hurry(connection: sqlite3.Connection, _record: object) -> None:
    """No power fails here."""
    connection.execute("PRAGMA synchronous=OFF").close()


@cache
def furnished() -> bytes:
    """A database file with all that in it; made once, since it takes longer than an example does."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "x.db"
        upgrade(f"sqlite:///{file}")
        engine = open_engine(f"sqlite:///{file}")
        furnish(engine)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        engine.dispose()
        return file.read_bytes()


class Office(RuleBasedStateMachine):
    """People who ask, decide, stand in for each other and come too late; and a clock."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        file = Path(self.folder.name) / "x.db"
        file.write_bytes(furnished())
        self.engine = open_engine(f"sqlite:///{file}")
        event.listen(self.engine, "connect", hurry)
        self.now_us = 1
        self.count = 0

    @rule(who=PEOPLE, login=LOGINS, number=NUMBERS, book=BOOKS)
    def request(self, who: str, login: int, number: int, book: tuple[Book, int]) -> None:
        body = SetBook(login=login, book=book[0], covered_percent=book[1])
        self._ask(who, body, f"command-{number}", "S")

    @rule(who=PEOPLE, staff_id=PEOPLE, role=st.sampled_from(list(Role)))
    def ask_for_another_role(self, who: str, staff_id: str, role: Role) -> None:
        self._ask(who, ChangeRole(staff=staff_id, role=role), self._new_id("role"), "")

    @rule(absent=PEOPLE, cover=PEOPLE, hours=st.integers(1, 5), decider=st.sampled_from(["carol", "sam", "adam"]))
    def stand_in(self, absent: str, cover: str, hours: int, decider: str) -> None:
        self.now_us += 1  # what was decided before was decided without it
        body = CoverAbsence(absent=absent, cover=cover, from_us=self.now_us, until_us=self.now_us + hours * HOUR_US)
        command_id = self._new_id("cover")
        self._ask(absent, body, command_id, "")
        self._approve(decider, command_id)
        with writing(self.engine) as connection:
            effects.execute(connection, command_id, self.now_us)

    @rule(who=PEOPLE, number=NUMBERS)
    def approve(self, who: str, number: int) -> None:
        self._approve(who, f"command-{number}")

    @rule(who=PEOPLE)
    def approve_what_waits(self, who: str) -> None:
        with reading(self.engine) as connection:
            waiting = queries.open_commands(connection, CommandState.REQUESTED)
        for record in waiting:
            self._approve(who, record.id)

    @rule(who=PEOPLE, number=NUMBERS)
    def refuse(self, who: str, number: int) -> None:
        self._try(requests.refuse, who=who, command_id=f"command-{number}", reason="no", now_us=self.now_us)

    @rule(who=PEOPLE, number=NUMBERS)
    def withdraw(self, who: str, number: int) -> None:
        self._try(requests.withdraw, who=who, command_id=f"command-{number}", now_us=self.now_us)

    @rule(who=PEOPLE, decider=PEOPLE, verdict=st.sampled_from(list(Verdict)))
    def ask_and_decide_a_batch(self, who: str, decider: str, verdict: Verdict) -> None:
        bodies = [SetBook(login=login, book=Book.A, covered_percent=100) for login in (1, 3)]
        batch_id = self._new_id("batch")
        members = [Member(command_id=f"{batch_id}-{body.login}", body=body) for body in bodies]
        terms = {"who": who, "server": "S", "members": members, "reason": "r", "now_us": self.now_us}
        self._try(requests.request_batch, batch_id=batch_id, **terms)
        with reading(self.engine) as connection:
            batch = queries.batch(connection, batch_id)
        if batch is not None:
            seen = {"batch_id": batch_id, "batch_hash": batch.hash, "verdict": verdict, "comment": "c"}
            self._try(requests.decide_batch, who=decider, now_us=self.now_us, **seen)
        for member in members:
            self._try(requests.withdraw, who=who, command_id=member.command_id, now_us=self.now_us)

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
        self.now_us += hours * HOUR_US
        with writing(self.engine) as connection:
            dispatch.expire_overdue(connection, self.now_us)

    # -- what always holds --------------------------------------------------------------------------------------

    @invariant()
    def whatever_was_let_through_had_all_the_eyes_it_needed(self) -> None:
        with reading(self.engine) as connection:
            said = connection.execute(select(decisions)).all()
            absences = connection.execute(select(covers)).all()
            records = queries.recent_commands(connection)
        for record in records:
            mine = [row for row in said if row.command_id == record.id]
            for row in mine:
                self._was_entitled(record, row, absences)
            if record.state in LET_THROUGH or record.dispatched_us is not None:
                assert record.needs, "everything here takes approval"
                for need in record.needs:
                    allowed = [
                        row.staff
                        for row in mine
                        if row.verdict == "approve" and row.role in need.deciders(row.decided_us - record.requested_us)
                    ]
                    assert len(set(allowed)) >= need.approvals

    def _was_entitled(self, record: CommandRecord, row, absences) -> None:  # type: ignore[no-untyped-def]
        assert row.staff != record.requested_by
        assert row.staff not in kind_of(record.body).subjects(record.body)
        assert row.role != "auditor"
        assert row.payload_hash == record.payload_hash
        standing_in_for = {
            each.absent
            for each in absences
            if each.cover == row.staff and each.from_us <= row.decided_us < each.until_us
        }
        assert record.requested_by not in standing_in_for
        if row.staff == "eve" and not standing_in_for:
            assert record.group_name in ("g1", "")

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
    def at_most_one_change_of_an_accounts_book_is_open(self) -> None:
        with reading(self.engine) as connection:
            logins = [record.login for record in queries.open_commands(connection) if record.kind == "set_book"]
        assert len(logins) == len(set(logins))

    # -- how they try -------------------------------------------------------------------------------------------

    def _new_id(self, what: str) -> str:
        self.count += 1
        return f"{what}-{self.count:05}"

    def _ask(self, who: str, body: Body, command_id: str, server: str) -> None:
        terms = {"who": who, "server": server, "body": body, "reason": "r", "now_us": self.now_us}
        self._try(requests.request, command_id=command_id, **terms)

    def _approve(self, who: str, command_id: str) -> None:
        with reading(self.engine) as connection:
            record = queries.command(connection, command_id)
        if record is not None:
            seen = record.payload_hash
            self._try(requests.approve, who=who, command_id=record.id, payload_hash=seen, now_us=self.now_us)

    def _try(self, deed: object, **terms: object) -> None:
        with suppress(Refused), requests.audited(self.engine) as connection:
            deed(connection, **terms)  # type: ignore[operator]

    def teardown(self) -> None:
        self.the_audit_tells_the_whole_way_and_is_whole()
        self.engine.dispose()
        self.folder.cleanup()


TestOffice = Office.TestCase
TestOffice.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
