"""Two hub processes on one database: one dies or is stopped, the other takes over, nothing is dispatched twice."""

from __future__ import annotations

import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from office import act_as
from recorded_books import expected_books, recorded_books
from sqlalchemy import Engine
from stand import SERVER, Process, Stand, let_in, wait_until

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.clock import now_us
from dealerdesk.commands import audit, queries, requests
from dealerdesk.commands.records import CommandState
from dealerdesk.store.demo import seed_demo
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.lease import current_lease
from dealerdesk.trading import Book

TAKEN_OVER_WITHIN_S = 10.0
COMMANDS = 8


class TwoHubs(Stand):
    """A stand with a second hub; each has a holder's name of its own."""

    def __init__(self, folder: Path, database_url: str, seed: int) -> None:
        super().__init__(folder, database_url, seed=seed, steps=400, steps_per_second=40)
        config = self.hub._config
        assert isinstance(config, msgspec.Struct)
        self.first = Process(
            ["-m", "dealerdesk", "hub"], msgspec.structs.replace(config, holder="first"), folder / "hub.log"
        )
        self.second = Process(
            ["-m", "dealerdesk", "hub"], msgspec.structs.replace(config, holder="second"), folder / "second.log"
        )
        self.hub = self.first

    def start(self) -> None:
        super().start()
        self.second.start()
        assert self.second.ready() == {"recording": False}, "the second stands by"

    def stop_first(self, engine: Engine) -> None:
        """Stops the first hub, on SQLite between its transactions: within one it would hold the whole file."""
        self.signal_first(signal.SIGSTOP)
        while engine.dialect.name == "sqlite" and not _can_write(Path(str(engine.url.database))):
            self.signal_first(signal.SIGCONT)
            self.signal_first(signal.SIGSTOP)

    def signal_first(self, number: signal.Signals) -> None:
        assert self.first._process is not None
        self.first._process.send_signal(number)


def _can_write(file: Path) -> bool:
    with closing(sqlite3.connect(file, timeout=0.2, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        connection.execute("ROLLBACK")
    return True


def ask(engine: Engine, number: int) -> str:
    with writing(engine) as connection:
        act_as(connection, "dana")
        return requests.request(
            connection,
            who="dana",
            server=SERVER,
            body=SetBook(login=1001 + number, book=Book.A, covered_percent=100),
            reason="news",
            now_us=now_us(),
            command_id=f"dd-take-{number:04}",
        ).id


def holder(engine: Engine) -> tuple[str, int]:
    with reading(engine) as connection:
        lease = current_lease(connection)
    assert lease is not None
    return lease.holder, lease.term


def settled(engine: Engine) -> bool:
    with reading(engine) as connection:
        return all(record.state.is_final for record in queries.recent_commands(connection))


def assert_each_command_done_once(stand: TwoHubs, engine: Engine, count: int) -> None:
    broker, epoch = stand.journaled()
    assert recorded_books(engine, SERVER, epoch) == expected_books(broker)
    assert broker.seq == stand.steps + count, "each command changed the platform once"
    with reading(engine) as connection:
        done = queries.recent_commands(connection)
        assert {record.state for record in done} == {CommandState.CONFIRMED}
        assert len(done) == count
        for record in done:
            actions = [entry.action for entry in audit.history_of(connection, record.id)]
            assert actions.count("command dispatched") == 1
            assert actions.count("command confirmed") == 1


@pytest.fixture
def stand(tmp_path: Path, database_url: str, engine: Engine) -> Iterator[TwoHubs]:
    with writing(engine) as connection:
        seed_demo(connection, now_us())
        let_in(connection, "dana")
    made = TwoHubs(tmp_path / "run", database_url, seed=41)
    try:
        made.start()
        made.wait_recorded(engine, 5)
        yield made
        for process in (made.first, made.second, made.bridge):
            process.stop()
    finally:
        for process in (made.first, made.second, made.bridge):
            process.clear_away()


def test_a_killed_hub_is_replaced_within_ten_seconds_and_its_commands_are_done_once(
    stand: TwoHubs, engine: Engine
) -> None:
    (_first, term) = holder(engine)
    for number in range(COMMANDS):
        ask(engine, number)
    stand.first.kill()
    died_s = time.monotonic()
    assert stand.second.ready() == {"recording": True}
    took_s = time.monotonic() - died_s
    wait_until(lambda: settled(engine))
    stand.hurry()
    stand.wait_recorded(engine, stand.steps + COMMANDS)
    stand.hub = stand.second
    stand.stop()

    assert took_s <= TAKEN_OVER_WITHIN_S
    assert holder(engine) == ("", term + 1)
    assert_each_command_done_once(stand, engine, COMMANDS)


def test_a_stopped_hub_that_goes_on_later_changes_nothing_more_and_stands_by(stand: TwoHubs, engine: Engine) -> None:
    (_first, term) = holder(engine)
    for number in range(COMMANDS):
        ask(engine, number)
    stand.stop_first(engine)
    stopped_s = time.monotonic()
    wait_until(lambda: holder(engine) == ("second", term + 1), TAKEN_OVER_WITHIN_S)
    took_s = time.monotonic() - stopped_s
    more = [ask(engine, COMMANDS + number) for number in range(COMMANDS)]
    stand.signal_first(signal.SIGCONT)
    assert stand.first.ready() == {"recording": False}, "the first stands by now"
    wait_until(lambda: settled(engine))
    stand.hurry()
    stand.wait_recorded(engine, stand.steps + COMMANDS + len(more))
    assert holder(engine) == ("second", term + 1)
    assert stand.first.stop() == 0
    stand.hub = stand.second
    stand.stop()

    assert took_s <= TAKEN_OVER_WITHIN_S
    assert_each_command_done_once(stand, engine, COMMANDS + len(more))


def test_a_hub_that_ends_in_order_hands_over_at_once(stand: TwoHubs, engine: Engine) -> None:
    (_first, term) = holder(engine)
    assert stand.first.stop() == 0
    wait_until(lambda: holder(engine) == ("second", term + 1), 3.0)
    stand.hurry()
    stand.wait_recorded(engine, stand.steps)
    stand.hub = stand.second
    stand.stop()

    broker, epoch = stand.journaled()
    assert recorded_books(engine, SERVER, epoch) == expected_books(broker)
