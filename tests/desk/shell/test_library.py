"""The desk's one way to the database, on a real SQLite file."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.clock import now_us
from dealerdesk.commands.audit import history_of
from dealerdesk.commands.records import CommandState, Refused, new_command_id
from dealerdesk.desk.database_light import DatabaseState
from dealerdesk.desk.library import Library
from dealerdesk.store.demo import seed_demo
from dealerdesk.store.engine import open_engine, reading, writing
from dealerdesk.store.migrate import upgrade
from dealerdesk.store.passwords import set_password
from dealerdesk.store.recording import RECORDED_SETS, SnapshotRows, record_snapshot
from dealerdesk.store.schema import accounts
from dealerdesk.trading import Book

from .conftest import ROWS, RunInQt, access_of

TO_A = SetBook(login=101, book=Book.A, covered_percent=100)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database with the demo's staff and the small broker recorded."""
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    upgrade(url)
    engine = open_engine(url)
    rows = {row_set: list(mine) for row_set, mine in ROWS}
    versions = {row_set: [0] * len(mine) for row_set, mine in ROWS}
    snapshot = SnapshotRows("e", 0, frozenset(RECORDED_SETS), rows, versions)
    with writing(engine) as connection:
        seed_demo(connection, now_us())
        record_snapshot(connection, "MT5", snapshot, now_us())
    engine.dispose()
    return url


async def until(library: Library, is_so: Callable[[], bool]) -> None:
    """Waits look by look; the light is told after each."""
    looked = asyncio.Event()
    library.light_changed.connect(looked.set)
    while not is_so():
        looked.clear()
        await looked.wait()


async def with_library(url: str, who: str, deed: Callable[[Library], Awaitable[object]]) -> object:
    """Does `deed` while the library of `who` watches; ends it in order."""
    library = Library(access_of(who, url=url), now_us)
    async with asyncio.TaskGroup() as group:
        watch = group.create_task(library.watch())
        await until(library, lambda: library.light.state is not DatabaseState.OPENING)
        result = await deed(library)
        watch.cancel()
    await library.close()
    return result


def test_a_request_comes_back_as_it_stands_and_is_open_on_this_desk(url: str, in_qt_loop: RunInQt) -> None:
    async def deed(library: Library) -> None:
        assert await library.needs("MT5", TO_A) == ()
        record = await library.request("MT5", TO_A, "hedged flow", new_command_id(), 0)

        assert record.state is CommandState.APPROVED
        assert library.open_commands[("MT5", 101)] == record
        assert await library.command(record.id) == record
        assert [one.id for one in await library.commands_of("MT5", 101)] == [record.id]
        assert [one.id for one in await library.recent_commands()] == [record.id]

    in_qt_loop(with_library(url, "dana", deed))


def test_another_desk_hears_of_it_within_its_next_looks(url: str, in_qt_loop: RunInQt) -> None:
    async def deed(carol: Library) -> None:
        heard: list[tuple[str, ...]] = []
        carol.commands_changed.connect(heard.append)

        async def ask(dana: Library) -> str:
            return (await dana.request("MT5", TO_A, "hedged flow", new_command_id())).id

        command_id = await with_library(url, "dana", ask)
        await until(carol, lambda: bool(heard))
        assert heard[0] == (command_id,)
        assert carol.open_commands[("MT5", 101)].id == command_id

    in_qt_loop(with_library(url, "carol", deed))


def test_a_refusal_is_the_sentence_and_nothing_is_open(url: str, in_qt_loop: RunInQt) -> None:
    async def deed(library: Library) -> None:
        with pytest.raises(Refused, match="cannot ask"):
            await library.request("MT5", TO_A, "hedged flow", new_command_id())
        assert library.open_commands == {}

    in_qt_loop(with_library(url, "ben", deed))


def test_the_same_id_asked_twice_is_one_command(url: str, in_qt_loop: RunInQt) -> None:
    async def deed(library: Library) -> None:
        command_id = new_command_id()
        first = await library.request("MT5", TO_A, "hedged flow", command_id)
        again = await library.request("MT5", TO_A, "hedged flow", command_id)
        assert first.id == again.id
        assert len(await library.recent_commands()) == 1

    in_qt_loop(with_library(url, "dana", deed))


def test_lists_for_panels_come_as_records(url: str, in_qt_loop: RunInQt) -> None:
    async def deed(library: Library) -> None:
        assert await library.deals_of("MT5", 101) == []
        assert await library.balance_operations_of("MT5", 101) == []
        assert await library.hub_status() == []
        assert {member.id for member in await library.staff_members()} >= {"dana", "carol"}
        assert (await library.recorded())["MT5"].seq == 0

    in_qt_loop(with_library(url, "dana", deed))


def test_any_query_runs_in_the_databases_own_thread(url: str, in_qt_loop: RunInQt) -> None:
    def logins(connection: Connection) -> list[int]:
        return list(connection.scalars(select(accounts.c.login).order_by(accounts.c.login)))

    async def deed(library: Library) -> None:
        assert await library.read(logins) == [101, 102]

    in_qt_loop(with_library(url, "dana", deed))


def test_on_this_machines_own_file_the_databases_clock_is_the_desks(url: str) -> None:
    library = Library(access_of("dana", url=url), (7_000_000).__int__)

    assert library.clock_gap is None
    assert library.database_us() == 7_000_000


def test_without_a_hub_the_hub_is_not_alive(url: str, in_qt_loop: RunInQt) -> None:
    async def deed(library: Library) -> None:
        assert not library.hub_alive
        assert library.light.state is DatabaseState.UP

    in_qt_loop(with_library(url, "dana", deed))


def test_a_database_that_is_not_there_yet_is_a_red_light_with_the_next_step_and_turns_green_by_itself(
    tmp_path: Path, in_qt_loop: RunInQt
) -> None:
    url = f"sqlite:///{tmp_path / 'later.db'}"

    async def deed(library: Library) -> None:
        assert library.light.state is DatabaseState.DOWN
        assert "dealerdesk db upgrade" in library.light.trouble
        with pytest.raises(OSError, match="not open yet"):
            await library.recent_commands()
        await asyncio.to_thread(upgrade, url)
        await until(library, lambda: library.light.state is DatabaseState.UP)

    in_qt_loop(with_library(url, "dana", deed))


def test_a_locked_library_asks_nothing_and_goes_on_with_the_password(url: str, in_qt_loop: RunInQt) -> None:
    engine = open_engine(url)
    with writing(engine) as connection:
        set_password(connection, "dana", "green tea leaves", now_us())

    async def deed(library: Library) -> None:
        await library.lock("on command")
        assert library.is_locked
        with pytest.raises(PermissionError, match="the desk is locked"):
            await library.recent_commands()
        turned = await library.unlock("wrong")
        assert turned is not None
        assert turned.sentence == "The password is wrong."
        assert library.is_locked
        assert await library.unlock("green tea leaves") is None
        assert not library.is_locked
        assert await library.recent_commands() == []

    in_qt_loop(with_library(url, "dana", deed))
    with reading(engine) as connection:
        said = [entry.action for entry in history_of(connection, "dana")]
    engine.dispose()
    assert [action for action in said if action in ("locked", "sign-in refused", "unlocked")] == [
        "locked",
        "sign-in refused",
        "unlocked",
    ]


def test_a_session_without_ground_ends_with_the_reason(url: str, in_qt_loop: RunInQt) -> None:
    async def whole() -> str:
        library = Library(access_of("dana", role="supervisor", url=url), now_us)
        ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        library.ended.connect(ended.set_result)
        async with asyncio.TaskGroup() as group:
            watch = group.create_task(library.watch())
            sentence = await ended
            watch.cancel()
        assert library.is_locked
        await library.close()
        return sentence

    assert in_qt_loop(whole()) == "Your role is now head dealer: sign in again to work with it."
