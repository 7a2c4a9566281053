"""Two hubs in one process on one lease: who works, who stands by, and what a database that is away changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import Engine, update

from dealerdesk.clock import now_us
from dealerdesk.hub import lease as lease_module
from dealerdesk.hub.database import DatabaseThread
from dealerdesk.hub.lease import LEASE_S, LOOK_EVERY_S, HubLease
from dealerdesk.store.engine import DatabaseUnavailable, writing
from dealerdesk.store.lease import HELD_TRANSACTION_IDLE_MS, LEASE, LeaseLost, take
from dealerdesk.store.schema import hub_lease


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_module, "RENEW_EVERY_S", 0.02)
    monkeypatch.setattr(lease_module, "LOOK_EVERY_S", 0.02)


@asynccontextmanager
async def hub(engine: Engine, name: str) -> AsyncIterator[HubLease]:
    with DatabaseThread(engine, name) as database:
        yield HubLease(database, name, now_us, cut=int)


def let_run_out(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(update(hub_lease).where(hub_lease.c.name == LEASE).values(expires_us=1))


def test_a_dead_hubs_lease_is_free_and_seen_to_be_so_within_ten_seconds() -> None:
    assert LEASE_S + LOOK_EVERY_S <= 10
    assert HELD_TRANSACTION_IDLE_MS / 1_000 < LEASE_S, "a lock that it held is gone by then"


def test_the_second_hub_stands_by_until_the_first_gives_the_lease_back(engine: Engine) -> None:
    async def play() -> None:
        stopping = asyncio.Event()
        async with hub(engine, "one") as one, hub(engine, "two") as two, asyncio.TaskGroup() as group:
            assert await one.wait(stopping)
            waiting = group.create_task(two.wait(stopping))
            await two.standing_by.wait()
            first = one.term
            assert (first > 0, two.term) == (True, 0)
            await one.give_back()
            assert await waiting
            assert (one.term, two.term) == (0, first + 1)

    asyncio.run(play())


def test_a_stand_by_that_is_told_to_stop_leaves_the_lease_alone(engine: Engine) -> None:
    async def play() -> None:
        stopping = asyncio.Event()
        async with hub(engine, "one") as one, hub(engine, "two") as two, asyncio.TaskGroup() as group:
            assert await one.wait(stopping)
            waiting = group.create_task(two.wait(stopping))
            await two.standing_by.wait()
            stopping.set()
            assert not await waiting

    asyncio.run(play())


def test_a_hub_that_was_replaced_hears_of_it_at_its_next_renewal_and_its_fence_stops_every_write(
    engine: Engine,
) -> None:
    async def play() -> None:
        async with hub(engine, "one") as one:
            assert await one.wait(asyncio.Event())
            fence = one.fence()
            let_run_out(engine)
            with writing(engine) as connection:
                assert take(connection, "two", now_us()) is not None
            with pytest.raises(LeaseLost):
                await one.keep()
            with DatabaseThread(engine, "writing", fence) as database, pytest.raises(LeaseLost):
                await database.write(let_anything_happen)

    asyncio.run(play())


def let_anything_happen(_connection: object) -> None:
    raise AssertionError("a replaced hub wrote")


def test_a_hub_is_sure_of_its_lease_only_as_long_as_it_could_renew_it(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play() -> None:
        async with hub(engine, "one") as one:
            assert await one.wait(asyncio.Event())
            assert one.is_sure
            one._sure_until_s = 0.0
            assert not one.is_sure
            async with asyncio.TaskGroup() as group:
                keeping = group.create_task(one.keep())
                await one.until_sure()
                keeping.cancel()
            assert one.is_sure

    asyncio.run(play())


def test_a_database_that_is_away_does_not_cost_the_lease(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    async def play() -> None:
        async with hub(engine, "one") as one:
            assert await one.wait(asyncio.Event())
            original, failures = one._database.try_write, 0

            async def failing(work: object) -> object:
                nonlocal failures
                failures += 1
                if failures <= 3:
                    raise DatabaseUnavailable("the server is restarting")
                return await original(work)  # type: ignore[arg-type]

            monkeypatch.setattr(one._database, "try_write", failing)
            one._sure_until_s = 0.0
            async with asyncio.TaskGroup() as group:
                keeping = group.create_task(one.keep())
                await one.until_sure()
                keeping.cancel()
            assert failures == 4

    asyncio.run(play())


def test_a_database_that_stays_silent_has_its_lines_cut(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_module, "SILENT_S", 0.01)

    async def play() -> None:
        cut = asyncio.Event()
        with DatabaseThread(engine, "one") as database:
            one = HubLease(database, "one", now_us, cut.set)
            assert await one.wait(asyncio.Event())

            async def silent(_work: object) -> bool:
                await cut.wait()
                raise DatabaseUnavailable("cut")

            monkeypatch.setattr(database, "try_write", silent)
            async with asyncio.TaskGroup() as group:
                keeping = group.create_task(one.keep())
                await cut.wait()
                keeping.cancel()

    asyncio.run(play())


def test_a_hub_goes_by_the_clock_of_a_database_that_has_one(engine: Engine) -> None:
    """A machine that is an hour ahead, and then a day behind, dates what it does like every other."""
    hour_us, minute_us = 3_600_000_000, 60_000_000
    off_us = hour_us

    async def play() -> None:
        nonlocal off_us
        with DatabaseThread(engine, "one") as database:
            one = HubLease(database, "one", lambda: now_us() + off_us, cut=int)
            assert await one.wait(asyncio.Event())
            ahead_us = one.clock() - now_us()
            off_us = -24 * hour_us
            async with asyncio.TaskGroup() as group:
                keeping = group.create_task(one.keep())
                one._renewed.clear()
                await one._renewed.wait()
                keeping.cancel()
            behind_us = now_us() - one.clock()
        of_its_own = engine.dialect.name == "sqlite"
        assert abs(ahead_us - (hour_us if of_its_own else 0)) < minute_us
        assert abs(behind_us - (24 * hour_us if of_its_own else 0)) < minute_us

    asyncio.run(asyncio.wait_for(play(), 30))
