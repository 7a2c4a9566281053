"""What a desk does while its database is silent, refuses, restarts or loses answers, and what it shows afterwards."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator

import pytest
from clogged_proxy import CloggedProxy, Mood
from desk_double import access_of, library_of, through, until
from office import TO_A, Office
from postgres_server import PostgresServer
from sqlalchemy import Engine, insert
from tcp_proxy import CuttingProxy

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.clock import now_us
from dealerdesk.commands import dispatch, requests
from dealerdesk.commands.bodies import CoverAbsence
from dealerdesk.commands.queries import command, open_commands
from dealerdesk.commands.records import CommandRecord, CommandState, Conflict, Member, new_command_id
from dealerdesk.desk import checking as checking_module
from dealerdesk.desk import library as library_module
from dealerdesk.desk import line as line_module
from dealerdesk.desk.archive import Archive
from dealerdesk.desk.database_light import DatabaseState
from dealerdesk.desk.library import Library
from dealerdesk.store import engine as engine_module
from dealerdesk.store.engine import open_engine, reading, writing
from dealerdesk.store.schema import covers
from dealerdesk.store.trouble import AnswerLost
from dealerdesk.trading import Book

SEED = 61
ROUNDS = [
    pytest.param(3, id="3 rounds"),
    pytest.param(40, id="40 rounds", marks=[pytest.mark.long, pytest.mark.timeout(1800)]),
]


@pytest.fixture
def team_engine(postgres: PostgresServer, recycled_database: str) -> Iterator[Engine]:
    """An emptied PostgreSQL database of this program's shape."""
    postgres.empty(recycled_database)
    engine = open_engine(postgres.url(recycled_database))
    yield engine
    engine.dispose()


@pytest.fixture
def team(team_engine: Engine) -> Office:
    """People and accounts there; a change of book takes a supervisor."""
    office = Office(team_engine)
    office.needs_supervisor()
    return office


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is noticed after half a second, a connection is waited for no longer than the library's least two
    seconds, and what failed is tried again soon."""
    monkeypatch.setitem(engine_module.POSTGRES_CONNECT, "connect_timeout", 2)
    monkeypatch.setattr(line_module, "SILENT_S", 0.5)
    monkeypatch.setattr(line_module, "LOOK_EVERY_S", 0.05)
    for module in (checking_module, library_module):
        monkeypatch.setattr(module, "retry_pause_s", soon)


def soon(_failures: int, chance: random.Random) -> float:
    return chance.uniform(0.01, 0.1)


def to_a(login: int) -> SetBook:
    return SetBook(login=login, book=Book.A, covered_percent=100)


def waiting_in(engine: Engine) -> dict[tuple[str, int | None], str]:
    with reading(engine) as connection:
        return {(record.server, record.login): record.id for record in open_commands(connection)}


def shown_by(library: Library) -> dict[tuple[str, int | None], str]:
    return {key: record.id for key, record in library.open_commands.items()}


def test_silence_is_noticed_within_ten_seconds() -> None:
    assert line_module.SILENT_S + line_module.LOOK_EVERY_S + library_module.POLL_S + library_module.POLL_JITTER_S < 10


@pytest.mark.usefixtures("impatient")
def test_a_connection_that_stands_and_says_nothing_is_given_up_and_what_was_wished_is_not_sent_later(
    postgres: PostgresServer, team: Office
) -> None:
    wished = new_command_id()

    async def play(proxy: CloggedProxy) -> None:
        async with library_of(through(team.engine, proxy.port), "dana") as dana:
            proxy.mood = Mood.SWALLOWING
            await until(dana, lambda: dana.light.state is DatabaseState.DOWN)
            with pytest.raises(OSError):
                await dana.request("MT5", TO_A, "hedged flow", wished)
            assert dana.checking == frozenset()
            proxy.mood = Mood.PASSING
            proxy.cut()
            other = await asyncio.to_thread(team.request, "ana", to_a(1002))
            await until(dana, lambda: other.id in shown_by(dana).values())
            assert dana.light.state is DatabaseState.UP

    with CloggedProxy(postgres.port) as proxy:
        asyncio.run(play(proxy))
    with reading(team.engine) as connection:
        assert command(connection, wished) is None


@pytest.mark.parametrize("mood", [Mood.SLOW, Mood.SLICING])
def test_a_slow_line_is_slow_and_loses_nothing(postgres: PostgresServer, team: Office, mood: Mood) -> None:
    async def play(proxy: CloggedProxy) -> None:
        async with library_of(through(team.engine, proxy.port), "dana") as dana:
            proxy.mood = mood
            record = await dana.request("MT5", TO_A, "hedged flow", new_command_id())
            assert shown_by(dana) == waiting_in(team.engine) == {("MT5", 1001): record.id}

    with CloggedProxy(postgres.port) as proxy:
        asyncio.run(play(proxy))


@pytest.mark.usefixtures("impatient")
def test_while_a_server_refuses_a_desk_says_so_and_is_right_again_afterwards(
    postgres: PostgresServer, team: Office
) -> None:
    async def play(proxy: CloggedProxy) -> None:
        async with library_of(through(team.engine, proxy.port), "dana") as dana:
            told: list[tuple[str, ...]] = []
            proxy.mood = Mood.REFUSING
            proxy.cut()
            await until(dana, lambda: dana.light.state is DatabaseState.DOWN)
            dana.commands_changed.connect(told.append)
            record = await asyncio.to_thread(team.request, "ana", to_a(1002))
            await asyncio.to_thread(team.request, "ana", to_a(1003))
            await asyncio.to_thread(team.refuse, "carol", record)
            proxy.mood = Mood.PASSING
            await until(dana, lambda: dana.light.state is DatabaseState.UP)
            assert shown_by(dana) == waiting_in(team.engine)
            assert len(told) == 1

    with CloggedProxy(postgres.port) as proxy:
        asyncio.run(play(proxy))


@pytest.mark.usefixtures("impatient")
def test_an_answer_lost_anywhere_is_checked_and_never_called_failed_when_it_succeeded(
    postgres: PostgresServer, team: Office
) -> None:
    chance = random.Random(SEED)

    async def play(proxy: CuttingProxy) -> tuple[int, int]:
        checked, failed = 0, 0
        async with library_of(through(team.engine, proxy.port), "dana") as dana:
            seen: set[str] = set()

            def on_checking() -> None:
                seen.update(dana.checking)
                proxy.arm(None)  # the line is well again by the time it is asked once more

            dana.checking_changed.connect(on_checking)
            # the first few are said in more words: statements are prepared after their fifth time
            length = [await exchange(dana, proxy, None, team) for _ in range(8)][-1]
            # coarsely over the whole exchange, and more closely over its end, where the answer to COMMIT is
            for cut in (*range(1, length, length // 12), *chance.sample(range(length - 200, length), 50)):
                before = len(seen)
                failed += await exchange(dana, proxy, cut, team) < 0
                checked += len(seen) > before
        return checked, failed

    with CuttingProxy(postgres.port) as proxy:
        checked, failed = asyncio.run(play(proxy))
    assert checked > 0, "the cut was felt after a commit"
    assert failed > 0, "and before one"


async def exchange(dana: Library, proxy: CuttingProxy, cut: int | None, team: Office) -> int:
    """One request with the line cut after so many bytes of answers; how many came, -1 when it was called failed."""
    wished = new_command_id()
    await dana.command("none")  # the connection is up
    proxy.arm(cut)
    try:
        record = await dana.request("MT5", TO_A, "hedged flow", wished)
    except OSError:
        proxy.arm(None)
        with reading(team.engine) as connection:
            assert command(connection, wished) is None, f"called failed and is there, cut after {cut} bytes"
        return -1
    finally:
        passed = proxy.passed
        proxy.arm(None)
    with reading(team.engine) as connection:
        assert command(connection, wished) is not None
    await asyncio.to_thread(team.withdraw, "dana", record)
    return passed


@pytest.mark.usefixtures("impatient")
def test_a_batch_whose_answer_is_lost_is_checked_and_approved_once(postgres: PostgresServer, team: Office) -> None:
    async def play(proxy: CuttingProxy) -> int:
        checked = 0
        async with library_of(through(team.engine, proxy.port), "carol") as carol:
            seen: set[str] = set()

            def on_checking() -> None:
                seen.update(carol.checking)
                proxy.arm(None)

            carol.checking_changed.connect(on_checking)
            # the sixth time a statement is prepared, which takes some bytes more
            length = [await approve_batch(carol, proxy, None, team) for _ in range(8)][-1]
            for cut in range(length - 60, length, 4):
                before = len(seen)
                await approve_batch(carol, proxy, cut, team)
                checked += len(seen) > before
        return checked

    with CuttingProxy(postgres.port) as proxy:
        checked = asyncio.run(play(proxy))
    assert checked > 0, "the cut was felt after the commit of a batch"


async def approve_batch(carol: Library, proxy: CuttingProxy, cut: int | None, team: Office) -> int:
    """One batch of two approved with the line cut after so many bytes; how many came, -1 when it was called failed."""
    batch_id = await asyncio.to_thread(ask_for_two, team)
    item = next(item for item in (await carol.inbox()).items if item.key == batch_id)
    proxy.arm(cut)
    try:
        await carol.approve_batch(item, "fine")
    except OSError:
        passed = -1
    else:
        passed = proxy.passed
    proxy.arm(None)
    states = set()
    for command_id in item.waiting:
        with reading(team.engine) as connection:
            record = command(connection, command_id)
        assert record is not None
        states.add(record.state)
    wanted = CommandState.REQUESTED if passed < 0 else CommandState.APPROVED
    assert states == {wanted}, f"cut after {cut} bytes"
    for command_id in item.waiting:
        await asyncio.to_thread(take_back, team, command_id)
    return passed


def ask_for_two(team: Office) -> str:
    """dana asks for two books as one; the batch's id."""
    batch_id = new_command_id()
    members = [Member(command_id=new_command_id(), body=to_a(login)) for login in (1005, 1006)]
    dana = Archive.open(access_of(team.engine.url, "dana"), now_us)
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
    return batch_id


def take_back(team: Office, command_id: str) -> None:
    with reading(team.engine) as connection:
        record = command(connection, command_id)
    assert record is not None
    team.withdraw("dana", record)


@pytest.mark.usefixtures("impatient")
def test_an_approval_that_never_arrived_is_not_called_approved(team: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking_module, "ASK_AGAIN_FOR_S", -1.0)

    def never_arrives(_archive: Archive, _record: CommandRecord, _comment: str) -> CommandRecord:
        raise AnswerLost("cut")

    async def play() -> None:
        async with library_of(team.engine.url, "dana") as dana, library_of(team.engine.url, "carol") as carol:
            asked = await dana.request("MT5", TO_A, "hedged flow", new_command_id())
            with monkeypatch.context() as lost:
                lost.setattr(Archive, "approve", never_arrives)
                with pytest.raises(OSError, match="never received"):
                    await carol.approve(asked)
            assert (await carol.approve(asked)).state is CommandState.APPROVED

    asyncio.run(play())


def test_a_desk_on_a_wrong_clock_says_by_how_much_it_differs_from_the_database(team: Office) -> None:
    def slow_clock() -> int:
        return now_us() - 4_200_000

    archive = Archive.open(access_of(team.engine.url, "dana"), slow_clock)
    gap = archive.news().clock_gap
    archive.close()

    assert gap is not None
    assert gap.is_worth_saying
    assert -4_200_000 <= gap.sure_us < -2_000_000


def test_a_desk_ten_minutes_fast_still_sees_a_cover_that_ends_in_five(team: Office) -> None:
    def fast_clock() -> int:
        return now_us() + 600_000_000

    moment_us = now_us()
    body = CoverAbsence(absent="carol", cover="cleo", from_us=moment_us, until_us=moment_us + 300_000_000)
    put_in_place(team, body)
    archive = Archive.open(access_of(team.engine.url, "cleo"), fast_clock)
    archive.news()
    covers = archive.inbox().covers
    archive.close()

    assert [(cover.absent, cover.cover) for cover in covers] == [("carol", "cleo")]


def put_in_place(team: Office, body: CoverAbsence) -> None:
    """The cover as the hub would enter it."""
    asked = team.request(body.absent, body, server="")
    team.approve("adam", asked)
    with writing(team.engine) as connection:
        dispatch.mark_dispatched(connection, asked.id, "e1", team.now_us)
        row = {"command_id": asked.id, "absent": body.absent, "cover": body.cover}
        connection.execute(insert(covers).values(**row, from_us=body.from_us, until_us=body.until_us))


def test_the_second_of_two_people_is_told_who_was_first_and_what_became_of_it(office: Office) -> None:
    office.needs_supervisor()

    async def play() -> None:
        url = office.engine.url
        async with library_of(url, "dana") as dana, library_of(url, "ana") as ana, library_of(url, "carol") as carol:
            asked = await dana.request("MT5", TO_A, "hedged flow", new_command_id())
            with pytest.raises(Conflict, match="dana was first"):
                await ana.request("MT5", to_a(1001), "the same idea", new_command_id())
            await carol.refuse(asked, "not today")
            with pytest.raises(Conflict, match="refused by carol"):
                await carol.approve(asked)

    asyncio.run(play())


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("rounds", ROUNDS)
def test_clogged_one_by_one_and_healed_in_another_order_all_desks_show_the_same(
    postgres: PostgresServer, team: Office, rounds: int
) -> None:
    chance = random.Random(SEED)
    people = ("dana", "ana", "carol", "dana")

    async def play(proxies: list[CloggedProxy], desks: list[Library]) -> None:
        for number in range(rounds):
            for proxy in chance.sample(proxies, len(proxies)):
                proxy.mood = chance.choice(list(Mood))
                await change(team, chance, number)
                if chance.random() < 0.3:
                    proxy.cut()
            for proxy in chance.sample(proxies, len(proxies)):
                if proxy.mood is Mood.SWALLOWING:
                    proxy.cut()
                proxy.mood = Mood.PASSING
            for desk in desks:
                expected = waiting_in(team.engine)
                await until(desk, lambda desk=desk, expected=expected: shown_by(desk) == expected)
                assert shown_by(desk) == expected

    async def everybody(proxies: list[CloggedProxy], desks: list[Library]) -> None:
        if len(desks) == len(proxies):
            await play(proxies, desks)
            return
        at = len(desks)
        async with library_of(through(team.engine, proxies[at].port), people[at]) as desk:
            await everybody(proxies, [*desks, desk])

    proxies = [CloggedProxy(postgres.port, seed=SEED + number) for number in range(len(people))]
    with proxies[0], proxies[1], proxies[2], proxies[3]:
        asyncio.run(everybody(proxies, []))


async def change(team: Office, chance: random.Random, number: int) -> None:
    """Somebody asks for something, or what waits is refused."""
    waiting = waiting_in(team.engine)
    login = 1001 + chance.randrange(20)
    if ("MT5", login) not in waiting:
        await asyncio.to_thread(team.request, "ana", to_a(login))
        return
    with reading(team.engine) as connection:
        record = command(connection, waiting["MT5", login])
    assert record is not None
    await asyncio.to_thread(team.refuse, "carol", record)
