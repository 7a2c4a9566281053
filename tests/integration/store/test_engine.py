from __future__ import annotations

import stat
from pathlib import Path

import pytest
from office import EPOCH, NOW_US, SERVER, TO_A, act_as
from postgres_server import PostgresServer
from recorded_books import expected_books, recorded_books, snapshot_of
from scripted_broker import ScriptedBroker
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError
from stand import let_in
from tcp_proxy import CuttingProxy

from dealerdesk.bridges.protocol import Delta, ResumePoint
from dealerdesk.commands import audit, queries, requests
from dealerdesk.commands.records import CommandState
from dealerdesk.store.demo import seed_demo
from dealerdesk.store.engine import (
    RECORDING_CACHE_KIB,
    DatabaseAddressError,
    DatabaseUnavailable,
    open_engine,
    reading,
    writing,
)
from dealerdesk.store.recording import record_deltas, record_snapshot


def test_a_transaction_that_fails_leaves_nothing(engine: Engine) -> None:
    def fail(connection: Connection) -> None:
        seed_demo(connection, NOW_US)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), writing(engine) as connection:
        fail(connection)

    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM staff").scalar() == 0


def test_a_broken_rule_is_a_bug_and_not_the_worlds_fault(engine: Engine) -> None:
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.exec_driver_sql("INSERT INTO streams (server, epoch, sequence) VALUES ('MT5', 'e', NULL)")


def test_a_reader_sees_one_state_and_what_others_write_only_next_time(engine: Engine) -> None:
    count = "SELECT count(*) FROM staff"
    with reading(engine) as connection:
        assert connection.exec_driver_sql(count).scalar() == 0
        with writing(engine) as other:
            seed_demo(other, NOW_US)
        if engine.dialect.name == "sqlite":
            assert connection.exec_driver_sql(count).scalar() == 0

    with reading(engine) as connection:
        assert connection.exec_driver_sql(count).scalar() == 8


def test_sqlite_is_opened_safe_and_private(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'new' / 'x.db'}")
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "trusted_schema": 0, "busy_timeout": 15_000}

    with reading(engine) as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}

    assert found == wanted
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "new" / "x.db").stat().st_mode) == 0o600
    engine.dispose()


def test_a_desks_connections_keep_less_of_the_file_in_memory_than_the_hubs(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    kept = []
    for engine in (open_engine(url), open_engine(url, cache_kib=RECORDING_CACHE_KIB)):
        with reading(engine) as connection:
            kept.append(connection.exec_driver_sql("PRAGMA cache_size").scalar())
        engine.dispose()

    assert kept == [-4_000, -32_000]


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x"])
def test_a_database_that_cannot_be_shared_is_refused(url: str) -> None:
    with pytest.raises(DatabaseAddressError, match="expected sqlite"):
        open_engine(url)


def test_a_database_that_is_away_is_unavailable() -> None:
    engine = open_engine("postgresql://nobody@127.0.0.1:1/none")

    with pytest.raises(DatabaseUnavailable), reading(engine):
        pass
    engine.dispose()


def test_a_lock_held_too_long_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dealerdesk.store.engine.SQLITE_PRAGMAS", ("journal_mode=WAL", "busy_timeout=50"))
    engine = open_engine(f"sqlite:///{tmp_path / 'x.db'}")

    with writing(engine), pytest.raises(DatabaseUnavailable, match="locked"), writing(engine):
        pass
    engine.dispose()


def test_postgres_gives_up_waiting_for_a_lock(postgres: PostgresServer, migrated_template: str) -> None:
    name = postgres.new_database(migrated_template)
    engine = open_engine(postgres.url(name))
    with writing(engine) as connection:
        connection.exec_driver_sql("LOCK TABLE staff")
        with pytest.raises(DatabaseUnavailable, match="holds staff"), writing(engine) as other:
            other.exec_driver_sql("SET LOCAL lock_timeout = 50; LOCK TABLE staff")
    engine.dispose()
    postgres.drop_database(name)


def test_an_answer_lost_at_any_byte_is_had_by_asking_once_more(
    postgres: PostgresServer, migrated_template: str
) -> None:
    name = postgres.new_database(migrated_template)
    direct = open_engine(postgres.url(name))
    broker = ScriptedBroker(seed=41)
    with writing(direct) as connection:
        seed_demo(connection, NOW_US - 1)
        let_in(connection, "dana")
        record_snapshot(connection, SERVER, snapshot_of(broker, EPOCH), NOW_US)
    with CuttingProxy(postgres.port) as proxy:
        engine = open_engine(postgres.url(name, proxy.port))
        exchange = Exchange(engine, direct, broker, proxy)
        exchange.at(None)
        length = proxy.passed
        # coarsely over the whole exchange, then byte by byte over its end, where the answer to COMMIT is
        cuts = [*range(1, length - 60, 60), *range(length - 60, length + 10)]
        for cut in cuts:
            exchange.at(cut)
        engine.dispose()

    assert recorded_books(direct, SERVER, EPOCH) == expected_books(broker)
    with reading(direct) as connection:
        assert len(queries.recent_commands(connection)) == len(cuts) + 1
        assert audit.verify_leaves(connection) == []
        entries = connection.exec_driver_sql("SELECT count(*) FROM audit WHERE action = 'command requested'").scalar()
    assert entries == len(cuts) + 1
    assert exchange.lost > 60, "the cut was felt"
    assert exchange.doubtful >= 5, "the commit had gone through although its answer was lost"
    direct.dispose()
    postgres.drop_database(name)


class Exchange:
    """One transaction after the other through the proxy, each tried again until it is answered."""

    def __init__(self, engine: Engine, direct: Engine, broker: ScriptedBroker, proxy: CuttingProxy) -> None:
        self.lost = self.doubtful = self.count = 0
        self.engine, self.direct, self.broker, self.proxy = engine, direct, broker, proxy

    def at(self, cut: int | None) -> None:
        """A batch and a request, with the line cut after so many bytes of the first try's answers."""
        self.count += 1
        command_id = f"dd-proxy-{self.count:03}"
        after = ResumePoint(EPOCH, self.broker.seq)
        deltas = [self.broker.change(self.broker._account(1001, self.count)) for _ in range(3)]
        with reading(self.engine) as connection:
            connection.exec_driver_sql("SELECT 1")
        self.proxy.arm(cut)  # a connection is up and stands in the pool
        while not self._is_answered(after, deltas, command_id):
            self.lost += 1
            self.proxy.cut_after = None
            with reading(self.direct) as connection:
                self.doubtful += queries.command(connection, command_id) is not None
        self.proxy.cut_after = None
        with writing(self.direct) as connection:
            act_as(connection, "dana", NOW_US)
            requests.withdraw(connection, who="dana", command_id=command_id, now_us=NOW_US)

    def _is_answered(self, after: ResumePoint, deltas: list[Delta], command_id: str) -> bool:
        try:
            with writing(self.engine) as connection:
                record_deltas(connection, SERVER, after, deltas, NOW_US)
                act_as(connection, "dana", NOW_US)
                _ask(connection, command_id, NOW_US)
        except DatabaseUnavailable:
            return False
        return True


def _ask(connection: object, command_id: str, now_us: int) -> None:
    record = requests.request(
        connection,  # type: ignore[arg-type]
        who="dana",
        server=SERVER,
        body=TO_A,
        reason="test",
        now_us=now_us,
        command_id=command_id,
    )
    assert record.state is CommandState.APPROVED
