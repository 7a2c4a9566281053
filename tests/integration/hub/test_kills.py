"""Hub, bridge and database are killed at random points; every recorded row is then what an undisturbed run has."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from postgres_server import PostgresServer
from recorded_books import expected_books, recorded_books
from sqlalchemy import Engine
from stand import SERVER, Stand, undisturbed_books, wait_until

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.clock import now_us
from dealerdesk.commands import audit, queries, requests
from dealerdesk.commands.records import CommandRecord, CommandState
from dealerdesk.store.demo import seed_demo
from dealerdesk.store.engine import DatabaseUnavailable, open_engine, reading, writing
from dealerdesk.store.migrate import upgrade
from dealerdesk.trading import Book

SEED = 31
STEPS = 3_000
FIRST_LOGIN = 1001
KILLS = [
    pytest.param(6, id="6 kills"),
    pytest.param(50, id="50 kills", marks=[pytest.mark.long, pytest.mark.timeout(900)]),
]


class Chaos:
    """Kills at random moments: as a process comes up, or after it has worked for a while."""

    def __init__(self, stand: Stand, engine: Engine, seed: int, postgres: PostgresServer | None) -> None:
        self.stand = stand
        self.chance = random.Random(seed)
        self.victims: list[Callable[[], None]] = [self._hub, self._bridge, self._both]
        if postgres is not None:
            self.postgres = postgres
            self.victims += [self._database, self._connections]
        else:
            self.victims.append(self._lock)
        self.engine = engine

    def strike(self) -> None:
        """One more kill, of anybody, at any moment; all are started again."""
        wait_until(lambda: self.chance.random() < 0.06)
        self.chance.choice(self.victims)()

    def _hub(self) -> None:
        self.stand.hub.kill()
        self.stand.hub.start()
        if self.chance.random() < 0.7:
            self.stand.hub.ready()

    def _bridge(self) -> None:
        self.stand.bridge.kill()
        self.stand.bridge.start()
        self.stand.bridge.ready()

    def _both(self) -> None:
        self.stand.hub.kill()
        self._bridge()
        self.stand.hub.start()
        self.stand.hub.ready()

    def _database(self) -> None:
        self.postgres.kill()
        self.postgres.start()

    def _connections(self) -> None:
        """The database ends every client's connection, whatever it is doing."""
        self.postgres.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dealerdesk'"
        )

    def _lock(self) -> None:
        """Somebody holds the write lock for a while, and the hub is killed waiting for it."""
        with writing(self.engine):
            self._hub()


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> tuple[Callable[[str], str], PostgresServer | None]:
    """Makes migrated databases on either backend; PostgreSQL's server is one of its own, to be killed."""
    tmp_path: Path = request.getfixturevalue("tmp_path")
    if request.param == "sqlite":
        return lambda name: f"sqlite:///{tmp_path / name}.db", None
    server: PostgresServer = request.getfixturevalue("mortal_postgres")
    return lambda name: server.url(server.new_database()), server


@pytest.mark.parametrize("kills", KILLS)
def test_killed_at_random_points_everything_is_recorded_exactly_once(
    tmp_path: Path, backend: tuple[Callable[[str], str], PostgresServer | None], kills: int
) -> None:
    new_url, postgres = backend
    calm_url, url = new_url("calm"), new_url("killed")
    upgrade(calm_url)
    upgrade(url)
    calm, engine = open_engine(calm_url), open_engine(url)
    expected = undisturbed_books(tmp_path / "calm", calm, calm_url, seed=SEED, steps=STEPS)
    stand = Stand(tmp_path / "killed", url, seed=SEED, steps=STEPS, steps_per_second=STEPS / kills)
    stand.start()

    chaos = Chaos(stand, engine, SEED, postgres)
    for _ in range(kills):
        chaos.strike()
    stand.hurry()
    point = stand.wait_recorded(engine, STEPS)
    stand.stop()

    broker, epoch = stand.journaled()
    assert (point.epoch, point.seq) == (epoch, STEPS)
    assert recorded_books(engine, SERVER, epoch) == expected_books(broker) == expected
    calm.dispose()
    engine.dispose()


@pytest.mark.parametrize("kills", KILLS)
def test_killed_at_random_points_every_command_is_done_exactly_once(
    tmp_path: Path, backend: tuple[Callable[[str], str], PostgresServer | None], kills: int
) -> None:
    new_url, postgres = backend
    url = new_url("commands")
    upgrade(url)
    engine = open_engine(url)
    with writing(engine) as connection:
        seed_demo(connection, now_us())
    stand = Stand(tmp_path / "run", url, seed=SEED + 1, steps=STEPS, steps_per_second=STEPS / kills)
    stand.start()
    stand.wait_recorded(engine, 0)

    chaos = Chaos(stand, engine, SEED + 1, postgres)
    for number in range(kills):
        for login in (FIRST_LOGIN + 2 * number % 20, FIRST_LOGIN + (2 * number + 1) % 20):
            _ask(engine, f"dd-kill-{number:03}-{login}", login, chaos.chance)
        chaos.strike()
    wait_until(lambda: all(record.state.is_final for record in _commands(engine)))
    stand.hurry()
    done = _commands(engine)
    stand.wait_recorded(engine, STEPS + len(done))
    stand.stop()

    broker, epoch = stand.journaled()
    assert recorded_books(engine, SERVER, epoch) == expected_books(broker)
    assert len(done) >= kills
    assert {record.state for record in done} == {CommandState.CONFIRMED}
    assert broker.seq == STEPS + len(done), "each command changed the platform once"
    with reading(engine) as connection:
        assert audit.verify_leaves(connection) == []
        for record in done:
            actions = [entry.action for entry in audit.history_of(connection, record.id)]
            once = [action for action in actions if action != "command sent again"]
            assert once == ["command requested", "command approved", "command dispatched", "command confirmed"]
    engine.dispose()


def _ask(engine: Engine, command_id: str, login: int, chance: random.Random) -> None:
    """Asks for another book than the recorded one, as a desk does: again with the same id while it gets no answer."""

    def answered() -> bool:
        try:
            with writing(engine) as connection:
                book, share = chance.choice(((Book.A, 100), (Book.B, 0), (Book.C, 40)))
                record = requests.request(
                    connection,
                    who="dana",
                    server=SERVER,
                    body=SetBook(login=login, book=book, covered_percent=share),
                    reason="test",
                    now_us=now_us(),
                    command_id=command_id,
                )
                if record.state is CommandState.REQUESTED:
                    seen = record.payload_hash
                    requests.approve(connection, who="carol", command_id=record.id, payload_hash=seen, now_us=now_us())
        except DatabaseUnavailable:
            return False
        except requests.Refused:
            # one is on its way for this account already, or it is in that book: nothing is asked then
            return True
        return True

    wait_until(answered)


def _commands(engine: Engine) -> list[CommandRecord]:
    found: list[CommandRecord] = []

    def read() -> bool:
        try:
            with reading(engine) as connection:
                found[:] = queries.recent_commands(connection)
        except DatabaseUnavailable:
            return False
        return True

    wait_until(read)
    return found
