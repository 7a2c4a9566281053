"""Hub, bridge and database are killed at random points; every recorded row is then what an undisturbed run has."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from dealing_broker import answers_of
from office import act_as
from postgres_server import PostgresServer
from recorded_books import expected_books, recorded_books
from sqlalchemy import Connection, Engine, select
from stand import SERVER, Process, Stand, let_in, undisturbed_books, wait_until

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.clock import now_us
from dealerdesk.commands import audit, queries, requests
from dealerdesk.commands.dealing_answers import entry_id
from dealerdesk.commands.records import CommandRecord, CommandState, Refused
from dealerdesk.store.demo import seed_demo
from dealerdesk.store.engine import DatabaseUnavailable, open_engine, reading, writing
from dealerdesk.store.migrate import upgrade
from dealerdesk.store.recording import stream_point
from dealerdesk.store.schema import audit as audit_table
from dealerdesk.trading import Book

SEED = 31
STEPS = 3_000
FIRST_LOGIN = 1001
DEALING_BRIDGE = Path(__file__).with_name("dealing_bridge.py")
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
            self.stand.hub.kill()
            self.stand.hub.start()
        # it takes its lease in writing, so it is ready only when the lock has gone
        self.stand.hub.ready()


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
        let_in(connection, "dana", "carol")
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


@pytest.mark.parametrize("kills", KILLS)
def test_killed_at_random_points_every_answer_of_a_dealer_is_one_entry(
    tmp_path: Path, backend: tuple[Callable[[str], str], PostgresServer | None], kills: int
) -> None:
    new_url, postgres = backend
    url = new_url("answers")
    upgrade(url)
    engine = open_engine(url)
    stand = Stand(tmp_path / "run", url, seed=SEED + 2, steps=STEPS, steps_per_second=STEPS / kills)
    stand.bridge = Process([str(DEALING_BRIDGE)], stand.bridge._config, stand.folder / "bridge.log")
    stand.start()
    stand.wait_recorded(engine, 0)
    stand.bridge.say({"begin": True})
    stand.wait_recorded(engine, 1)

    chaos = Chaos(stand, engine, SEED + 2, postgres)
    for _ in range(kills):
        chaos.strike()
    stand.hurry()
    stand.wait_recorded(engine, STEPS)
    stand.stop()

    expected = answers_of(SEED + 2, STEPS)
    assert len(expected) > STEPS / 4
    with reading(engine) as connection:
        assert audit.verify_leaves(connection) == []
        assert _answers_on_record(connection) == expected
    engine.dispose()


def _answers_on_record(connection: Connection) -> list[tuple[int, str, int, str, str]]:
    """(version, action, request, dealer, price) of each, by the place in the stream from which its id follows."""
    epoch = stream_point(connection, SERVER).epoch  # type: ignore[union-attr]
    places = {entry_id(SERVER, epoch, version): version for version in range(1, STEPS + 1)}
    query = select(audit_table.c.entry).where(audit_table.c.actor == "hub").order_by(audit_table.c.id)
    entries = [msgspec.json.decode(said, type=audit.Entry) for said in connection.scalars(query)]
    return [
        (places[entry.id], entry.action, entry.after["request"], entry.after["dealer"], entry.after["price"])
        for entry in entries
    ]


def _ask(engine: Engine, command_id: str, login: int, chance: random.Random) -> None:
    """Asks for another book than the recorded one, as a desk does: again with the same id while it gets no answer."""

    def answered() -> bool:
        try:
            with writing(engine) as connection:
                act_as(connection, "dana")
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
                    act_as(connection, "carol")
                    requests.approve(connection, who="carol", command_id=record.id, payload_hash=seen, now_us=now_us())
        except DatabaseUnavailable:
            return False
        except Refused:
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
