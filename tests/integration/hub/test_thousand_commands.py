"""Desks, hub, bridge and database are killed at random points of many commands of all kinds: each is done once or not
at all, nothing that was acknowledged is lost, and the audit log is whole."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from busy_firm import Chaos, Firm, found
from busy_reckoning import Reckoning
from postgres_server import SET_CLOCK, PostgresServer
from sqlalchemy import Engine
from stand import wait_until

from dealerdesk.bridges.protocol import RowSet
from dealerdesk.commands.kinds import NAMED
from dealerdesk.commands.records import CommandState
from dealerdesk.store.engine import open_engine
from dealerdesk.store.migrate import upgrade

SEED = int(os.environ.get("DEALERDESK_SEED", "71"))
"""What is asked, what becomes of it and when who is killed; how the processes interleave it does not say."""
PATIENCE_S = 600.0
RUNS = [
    pytest.param(60, 6, id="60 commands, 6 kills"),
    pytest.param(1_000, 60, id="1,000 commands, 60 kills", marks=[pytest.mark.long, pytest.mark.timeout(2_400)]),
]


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Engine, PostgresServer | None, str]]:
    """A database, its server if that can be killed, and a name that begins all names of this run."""
    server: PostgresServer | None = None
    name, url = "t", f"sqlite:///{tmp_path / 'firm.db'}"
    if request.param == "postgresql":
        server = request.getfixturevalue("mortal_postgres")
        database = server.new_database()
        name, url = f"t{database.removeprefix('test_')}", server.url(database)
    upgrade(url)
    if server is not None:
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(SET_CLOCK)
    engine = open_engine(url)
    found(engine)
    yield engine, server, name
    engine.dispose()


@pytest.mark.parametrize(("count", "kills"), RUNS)
def test_killed_at_random_points_every_command_ends_in_one_way_with_one_effect(
    tmp_path: Path, place: tuple[Engine, PostgresServer | None, str], count: int, kills: int
) -> None:
    engine, postgres, name = place
    print(f"seed {SEED}")
    firm = Firm(tmp_path / "firm", engine, name=name, seed=SEED, count=count)
    chaos = Chaos(firm, SEED, postgres)
    try:
        firm.start()
        for number, point in enumerate(_points(count, kills)):
            wait_until(_answered(firm, point), PATIENCE_S)
            chaos.strike(number)
        firm.settle()
    finally:
        firm.stop()

    reckoning = Reckoning(firm)
    _tell(reckoning, chaos)
    assert len(reckoning.commands) >= count
    reckoning.what_was_acknowledged_is_there()
    reckoning.what_was_decided_is_there()
    reckoning.nobody_decided_their_own()
    reckoning.all_have_ended()
    reckoning.money_moved_once()
    reckoning.positions_closed_once()
    reckoning.accounts_opened_once()
    reckoning.accounts_changed_once()
    reckoning.database_changed_once()
    reckoning.audit_chain_is_whole()
    _sees_what_is_lost_and_what_is_done_twice(reckoning)


def _sees_what_is_lost_and_what_is_done_twice(reckoning: Reckoning) -> None:
    """The reckoning itself is worth something: it would have seen money booked twice, money and a command lost."""
    operations = reckoning.platform[RowSet.BALANCE_OPERATION]
    booked = next(row for row in operations if row.comment)
    operations.append(booked)
    with pytest.raises(AssertionError):
        reckoning.money_moved_once()
    operations[:] = [row for row in operations if row is not booked]
    with pytest.raises(AssertionError):
        reckoning.money_moved_once()
    del reckoning.commands[booked.comment]
    with pytest.raises(AssertionError):
        reckoning.what_was_acknowledged_is_there()


def _points(count: int, kills: int) -> list[int]:
    """After how many answers to strike, in order; the last answers come without any."""
    return sorted(random.Random(SEED).sample(range(1, count * 3 // 4), kills))


def _answered(firm: Firm, point: int) -> Callable[[], bool]:
    return lambda: firm.answered >= point


def _tell(reckoning: Reckoning, chaos: Chaos) -> None:
    """What kinds and ends there were; all kinds but those that depend on what was lost must be among them."""
    kinds = Counter(record.kind for record in reckoning.commands.values())
    ends = Counter(record.state for record in reckoning.commands.values())
    print(f"kinds {dict(kinds)}")
    print(f"ends {dict(ends)}")
    print(f"kills {dict(Counter(chaos.killed))}")
    if len(reckoning.commands) >= 500:
        assert set(kinds) >= set(NAMED) - {"settle_unknown"}
        assert set(ends) >= set(CommandState) - {
            CommandState.REQUESTED,
            CommandState.APPROVED,
            CommandState.DISPATCHED,
            CommandState.UNKNOWN,
        }
