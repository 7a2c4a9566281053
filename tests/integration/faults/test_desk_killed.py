"""A desk is killed in the middle of what it does: nothing is half done, and whoever comes next is not kept waiting."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from desk_double import ROLES, access_of
from office import Office
from sqlalchemy import func, select

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.clock import now_us
from dealerdesk.commands import requests
from dealerdesk.commands.audit import verify_leaves
from dealerdesk.commands.queries import batch, command
from dealerdesk.commands.records import CommandRecord, CommandState, Member
from dealerdesk.desk.archive import Archive
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.schema import audit, decisions
from dealerdesk.trading import Book

SEED = 67
CHILD = Path(__file__).with_name("desk_child.py")
FEW = pytest.param(1, id="named points and 1 more")
ALL = pytest.param(None, id="every statement", marks=[pytest.mark.long, pytest.mark.timeout(1800)])
ROUNDS = [
    pytest.param(2, id="2 kills"),
    pytest.param(20, id="20 kills", marks=[pytest.mark.long, pytest.mark.timeout(900)]),
]


@dataclass
class Firm:
    """An office in which a change of book takes a supervisor, and ids nobody has used yet."""

    office: Office

    def __post_init__(self) -> None:
        self.office.needs_supervisor()
        self.numbers = count()

    def arguments(self, who: str, deed: str, subject: str, at: str) -> list[str]:
        address = access_of(self.office.engine.url, who).profile.database_url
        return [sys.executable, str(CHILD), address, who, ROLES[who], deed, subject, at]

    def killed(self, who: str, deed: str, subject: str, at: str) -> bytes:
        """Has a desk killed at a point of its deed; what it said."""
        done = subprocess.run(self.arguments(who, deed, subject, at), capture_output=True, check=False, timeout=60)
        assert done.returncode == (-signal.SIGKILL if at != "0" else 0), done.stderr.decode()[-2000:]
        return done.stdout

    def desk(self, who: str) -> Archive:
        return Archive.open(access_of(self.office.engine.url, who), now_us)

    def fresh(self) -> tuple[int, str]:
        """An account where nothing is open, and an id."""
        number = next(self.numbers)
        return 1001 + number % 20, f"command-{number}"

    def command(self, command_id: str) -> CommandRecord | None:
        with reading(self.office.engine) as connection:
            return command(connection, command_id)

    def entries(self, action: str, subject: str) -> int:
        with reading(self.office.engine) as connection:
            assert verify_leaves(connection) == []
            told = select(func.count()).where(audit.c.action == action, audit.c.subject == subject)
            return connection.scalar(told) or 0

    def approvals(self, command_id: str) -> int:
        with reading(self.office.engine) as connection:
            return connection.scalar(select(func.count()).where(decisions.c.command_id == command_id)) or 0


@pytest.fixture
def firm(office: Office) -> Firm:
    return Firm(office)


def points(statements: int, more: int | None) -> Iterator[tuple[str, bool]]:
    """Where to kill: before a statement (the last is the commit) or after it all; and whether it is done by then."""
    named = {1, statements - 1, statements}
    others = sorted(set(range(1, statements + 1)) - named)
    chosen = others if more is None else random.Random(SEED).sample(others, min(more, len(others)))
    for statement in sorted({*named, *chosen}):
        yield str(statement), False
    yield "after", True


def to_a(login: int) -> SetBook:
    return SetBook(login=login, book=Book.A, covered_percent=100)


@pytest.mark.parametrize("more", [FEW, ALL])
def test_a_request_is_whole_or_absent_and_the_same_id_asked_again_is_one_command(firm: Firm, more: int | None) -> None:
    login, calm = firm.fresh()
    statements = int(firm.killed("dana", "request", f"{login} {calm}", "0"))
    withdraw(firm, [calm])
    dana = firm.desk("dana")

    for at, is_done in points(statements, more):
        login, command_id = firm.fresh()
        firm.killed("dana", "request", f"{login} {command_id}", at)
        before = firm.command(command_id)
        assert (before is not None) is is_done, f"killed at {at} of {statements}"
        assert firm.entries("command requested", command_id) == int(is_done)

        again = dana.request("MT5", to_a(login), "hedged flow", command_id, None)
        assert dana.request("MT5", to_a(login), "hedged flow", command_id, None) == again
        assert before in (None, again)
        assert firm.entries("command requested", command_id) == 1
        dana.withdraw(again, "")
    dana.close()


@pytest.mark.parametrize("more", [FEW, ALL])
def test_an_approval_is_whole_or_absent_and_another_can_decide_at_once(firm: Firm, more: int | None) -> None:
    login, calm = firm.fresh()
    dana, carol = firm.desk("dana"), firm.desk("carol")
    dana.request("MT5", to_a(login), "hedged flow", calm, None)
    statements = int(firm.killed("carol", "approve", calm, "0"))
    withdraw(firm, [calm])

    for at, is_done in points(statements, more):
        login, command_id = firm.fresh()
        asked = dana.request("MT5", to_a(login), "hedged flow", command_id, None)
        firm.killed("carol", "approve", command_id, at)
        found = firm.command(command_id)
        assert found is not None
        assert (found.state is CommandState.APPROVED) is is_done, f"killed at {at} of {statements}"
        assert firm.approvals(command_id) == firm.entries("command approved", command_id) == int(is_done)

        # whoever waits for a lock is refused after five seconds: this is not
        again = carol.approve(asked, "fine")
        assert carol.approve(asked, "fine") == again
        assert again.state is CommandState.APPROVED
        assert firm.approvals(command_id) == firm.entries("command approved", command_id) == 1
        dana.withdraw(again, "")
    dana.close()
    carol.close()


def ask_batch(firm: Firm) -> tuple[str, list[str]]:
    wishes = [firm.fresh() for _ in range(3)]
    members = [Member(command_id=command_id, body=to_a(login)) for login, command_id in wishes]
    batch_id = f"batch-{wishes[0][1]}"
    dana = firm.desk("dana")
    with writing(dana._engine) as connection:
        requests.request_batch(
            connection,
            who="dana",
            server="MT5",
            members=members,
            reason="news",
            now_us=now_us(),
            batch_id=batch_id,
        )
    dana.close()
    return batch_id, [command_id for _login, command_id in wishes]


@pytest.mark.parametrize("more", [FEW, ALL])
def test_a_batch_is_approved_whole_or_not_at_all(firm: Firm, more: int | None) -> None:
    carol = firm.desk("carol")
    calm, ids = ask_batch(firm)
    statements = int(firm.killed("carol", "batch", calm, "0"))
    withdraw(firm, ids)

    for at, is_done in points(statements, more):
        batch_id, ids = ask_batch(firm)
        [item] = [item for item in carol.inbox().items if item.key == batch_id]
        firm.killed("carol", "batch", batch_id, at)
        wanted = CommandState.APPROVED if is_done else CommandState.REQUESTED
        with reading(firm.office.engine) as connection:
            found = batch(connection, batch_id)
        assert found is not None
        assert {member.state for member in found.members} == {wanted}, f"killed at {at} of {statements}"
        assert (carol.decided(ids, "approve") is not None) is is_done

        again = carol.decide_batch(item, "approve", "fine")
        assert [record.state for record in again] == [CommandState.APPROVED] * 3
        assert [firm.approvals(command_id) for command_id in ids] == [1, 1, 1]
        withdraw(firm, ids)
    carol.close()


def withdraw(firm: Firm, ids: list[str]) -> None:
    dana = firm.desk("dana")
    for command_id in ids:
        record = dana.command(command_id)
        assert record is not None
        dana.withdraw(record, "")
    dana.close()


@pytest.mark.parametrize("kills", ROUNDS)
def test_killed_at_any_moment_a_desk_leaves_whole_commands_and_no_lock(firm: Firm, kills: int) -> None:
    chance = random.Random(SEED)
    dana = firm.desk("dana")
    for kill in range(kills):
        prefix = f"kill-{kill}"
        last = cut_down(firm, prefix, chance)
        for number in range(1, last + 1):
            command_id = f"{prefix}-{number}"
            found = firm.command(command_id)
            told = firm.entries("command requested", command_id), firm.entries("command withdrawn", command_id)
            if found is None:
                assert told == (0, 0)
                assert number == last, "only what it was asking for when it was killed may be absent"
            else:
                assert told == (1, int(found.state is CommandState.WITHDRAWN))
        login = 1001 + last % 20
        again = dana.request("MT5", to_a(login), "hedged flow", f"{prefix}-{last}", None)
        dana.withdraw(again, "")
        assert firm.entries("command requested", again.id) == 1
    dana.close()


def cut_down(firm: Firm, prefix: str, chance: random.Random) -> int:
    """Kills a desk at a moment that nobody chose, after so many of its deeds; the number of the one it was at."""
    arguments = firm.arguments("dana", "on and on", prefix, "0")
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as desk:
        assert desk.stdout is not None
        lines = [desk.stdout.readline() for _ in range(chance.randrange(2, 12))]
        desk.kill()
        lines += desk.stdout.readlines()
    whole = [line for line in lines if line.endswith(b"\n")]
    return int(whole[-1].rpartition(b"-")[2])
