"""Two people at one demonstration: one asks at the first desk, another joins and decides, and both end together."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from dealerdesk.bridges.protocol import ChangeBalance
from dealerdesk.clock import now_us
from dealerdesk.commands.records import CommandState, new_command_id
from dealerdesk.demo_join import HAS_ENDED, NOBODY, Line, meet, session_of
from dealerdesk.desk.access import Access
from dealerdesk.desk.archive import Archive
from dealerdesk.store.engine import open_engine, reading
from dealerdesk.store.schema import accounts, audit
from dealerdesk.trading import BalanceKind

LARGE_CENTS = 2_500_000
DEMO = (sys.executable, "-m", "dealerdesk", "demo", "--headless")
PAUSE = threading.Event()
"""Never set: another process is waited for look by look."""
SIZES = ("--accounts", "60", "--positions", "200", "--symbols", "60", "--ticks-per-second", "60")


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """An environment with a configuration folder of its own, so that no other demonstration is met."""
    return {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "config")}


@pytest.fixture
def running(home: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    command = [*DEMO, "--seconds", "90", *SIZES]
    process = subprocess.Popen(command, env=home, stderr=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.communicate()


def joined(home: dict[str, str], process: subprocess.Popen[str]) -> Line:
    note = Path(home["XDG_CONFIG_HOME"]) / "dealerdesk" / "desks" / "demo" / "running"
    while not note.exists():
        assert process.poll() is None
        PAUSE.wait(0.05)
    return meet(note)


def at(line: Line, who: str) -> Archive:
    archive = Archive.open(Access(line.terms.profile, session_of(who)), now_us)
    assert isinstance(archive, Archive)
    return archive


def some_account(connection: Connection) -> tuple[str, int] | None:
    query = select(accounts.c.server, accounts.c.login).where(accounts.c.currency == "USD", accounts.c.enabled)
    found = connection.execute(query.order_by(accounts.c.login).limit(1)).first()
    return None if found is None else (found.server, found.login)


def is_on_record(line: Line, who: str) -> bool:
    """Whether somebody has signed in at a desk."""
    engine = open_engine(line.terms.profile.database_url)
    with reading(engine) as connection:
        query = select(audit.c.id).where(audit.c.actor == who, audit.c.action == "signed in")
        found = connection.scalar(query.limit(1))
    engine.dispose()
    return found is not None


def test_what_one_asks_the_other_approves_and_the_hub_of_the_first_carries_out(
    home: dict[str, str], running: subprocess.Popen[str]
) -> None:
    line = joined(home, running)
    otto, carol = at(line, "otto"), at(line, "carol")
    while (account := otto.read(some_account)) is None:
        PAUSE.wait(0.05)
    server, login = account
    body = ChangeBalance(login, BalanceKind.CORRECTION, LARGE_CENTS, "BANK-1")

    asked = otto.request(server, body, "The second half of a transfer", new_command_id(), None)
    assert asked.state is CommandState.REQUESTED
    seen = next(record for item in carol.inbox().items for record in item.members if record.id == asked.id)
    carol.approve(seen, "seen on the statement")
    while (done := otto.command(asked.id)) is not None and done.state not in (
        CommandState.CONFIRMED,
        CommandState.FAILED,
        CommandState.UNKNOWN,
    ):
        PAUSE.wait(0.05)

    assert done is not None
    assert done.state is CommandState.CONFIRMED
    for archive in (otto, carol):
        archive.close()
    line.leave()


def test_a_desk_that_joined_says_that_the_demonstration_has_ended_and_ends(
    home: dict[str, str], running: subprocess.Popen[str]
) -> None:
    line = joined(home, running)
    command = [*DEMO, "--join", "--staff", "carol", "--seconds", "600"]
    second = subprocess.Popen(command, env=home, stderr=subprocess.PIPE, text=True)
    while not is_on_record(line, "carol"):
        assert second.poll() is None
        PAUSE.wait(0.1)
    line.leave()

    running.kill()
    _, said = second.communicate(timeout=60)

    assert second.returncode == 0, said
    assert said.splitlines()[-1] == f"{HAS_ENDED}."
    assert "Traceback" not in said


def test_without_a_demonstration_it_is_a_sentence(home: dict[str, str]) -> None:
    done = subprocess.run(
        [*DEMO, "--join", "--seconds", "1"], env=home, capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stderr.strip()) == (1, NOBODY)
