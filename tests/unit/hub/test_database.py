from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine

from dealerdesk.hub import database as database_module
from dealerdesk.hub.database import DatabaseThread
from dealerdesk.store.engine import DatabaseUnavailable, open_engine


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{tmp_path / 'x.db'}")
    yield engine
    engine.dispose()


class Unwilling:
    """Work that the database refuses a few times."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.calls = 0

    def __call__(self, connection: Connection) -> int:
        self.calls += 1
        if self.calls <= self.failures:
            raise DatabaseUnavailable("no room")
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS t (x INTEGER)")
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        return self.calls


def test_work_is_tried_until_the_database_takes_it(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database_module, "RETRY_FIRST_S", 0.001)
    work = Unwilling(3)

    async def run() -> tuple[int, str]:
        with DatabaseThread(engine, "test") as database:
            return await database.write(work), database.error

    assert asyncio.run(run()) == (4, "")


def test_what_was_half_done_is_rolled_back(engine: Engine) -> None:
    def half(connection: Connection) -> None:
        connection.exec_driver_sql("CREATE TABLE half (x INTEGER)")
        raise KeyError("a bug")

    async def run() -> None:
        with DatabaseThread(engine, "test") as database:
            with pytest.raises(KeyError):
                await database.write(half)
            assert await database.read(_count_tables) == 0

    asyncio.run(run())


def test_a_single_try_says_that_the_database_is_unavailable(engine: Engine) -> None:
    async def run() -> None:
        with DatabaseThread(engine, "test") as database, pytest.raises(DatabaseUnavailable, match="no room"):
            await database.try_write(Unwilling(1))

    asyncio.run(run())


def test_the_loop_goes_on_while_the_database_works_and_work_keeps_its_order(engine: Engine) -> None:
    order: list[str] = []
    release = threading.Event()

    def slow(_connection: Connection) -> None:
        release.wait(10)
        order.append("slow")

    def quick(_connection: Connection) -> None:
        order.append("quick")

    async def run() -> None:
        with DatabaseThread(engine, "test") as database:
            async with asyncio.TaskGroup() as group:
                group.create_task(database.write(slow))
                group.create_task(database.write(quick))
                await asyncio.sleep(0)
                order.append("loop")
                release.set()

    asyncio.run(run())

    assert order == ["loop", "slow", "quick"]


def _count_tables(connection: Connection) -> int:
    return connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
