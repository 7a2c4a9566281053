"""An upgrade is killed at any of its statements: the database is as it was, or whole, and the next upgrade succeeds."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from postgres_server import PostgresServer

from dealerdesk.store.engine import open_engine, reading
from dealerdesk.store.migrate import check, upgrade
from dealerdesk.store.step import STEPS, current_step

SEED = 59
CHILD = Path(__file__).with_name("upgrade_child.py")
SOME = pytest.param(4, id="at 4 statements")
ALL = pytest.param(None, id="at every statement", marks=[pytest.mark.long, pytest.mark.timeout(3600)])


@pytest.fixture(params=["sqlite", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Makes empty databases."""
    if request.param == "sqlite":
        numbers = iter(range(10_000))
        yield lambda: f"sqlite:///{tmp_path / f'{next(numbers)}.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    names: list[str] = []

    def make() -> str:
        names.append(server.new_database())
        return server.url(names[-1])

    yield make
    for name in names:
        server.drop_database(name)


def upgraded_until(url: str, statement: int) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, CHILD, url, str(statement)], capture_output=True, check=False, timeout=110)


def step_of(url: str) -> str | None:
    engine = open_engine(url)
    try:
        with reading(engine) as connection:
            return current_step(connection)
    finally:
        engine.dispose()


@pytest.mark.parametrize("count", [SOME, ALL])
def test_an_upgrade_killed_half_way_leaves_the_old_or_the_new(new_url: Callable[[], str], count: int | None) -> None:
    # the first upgrade in a cluster does more than the later ones
    calm = [upgraded_until(new_url(), 0) for _ in range(2)][-1]
    assert calm.returncode == 0, calm.stderr.decode()[-2000:]
    statements = int(calm.stdout)
    assert statements > 50
    every = range(1, statements + 1)
    # the last two are where the step is written and where all of it is committed
    chosen = every if count is None else [*random.Random(SEED).sample(every[:-2], count - 2), *every[-2:]]

    for statement in chosen:
        url = new_url()
        assert upgraded_until(url, statement).returncode == -signal.SIGKILL
        assert step_of(url) is None, f"killed at statement {statement} of {statements}"
        upgrade(url)
        assert step_of(url) == STEPS[-1]
        assert check(url) == []
