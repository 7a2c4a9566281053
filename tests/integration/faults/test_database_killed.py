"""PostgreSQL is killed under writers: what was acknowledged is there, what was not is whole or absent.

The positive control switches off what makes a commit last, and must lose something: so the test can see loss.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from threading import Event, Thread

import pytest
from postgres_server import PostgresServer
from sqlalchemy import Engine, select

from dealerdesk.commands import audit
from dealerdesk.store.engine import DatabaseUnavailable, open_engine, reading, writing
from dealerdesk.store.feed import announce
from dealerdesk.store.migrate import upgrade
from dealerdesk.store.schema import audit as audit_table
from dealerdesk.store.schema import change_feed

SEED = 53
WRITERS = 8
KILLS = [
    pytest.param(2, id="2 kills"),
    pytest.param(10, id="10 kills", marks=[pytest.mark.long, pytest.mark.timeout(900)]),
]


class Writer:
    """Writes an audit entry and a line of the feed in one transaction, the same again until it is acknowledged."""

    def __init__(self, url: str, number: int, stop: Event) -> None:
        self.acknowledged: list[str] = []
        self.tried: list[str] = []
        self.engine = open_engine(url)
        self._number = number
        self._stop = stop
        self.thread = Thread(target=self._work, name=f"writer {number}")

    def _work(self) -> None:
        count = 0
        while not self._stop.is_set():
            count += 1
            key = f"w{self._number}-{count}"
            self.tried.append(key)
            try:
                with writing(self.engine) as connection:
                    note(connection, key)
            except DatabaseUnavailable:
                self._stop.wait(0.05)
                continue
            self.acknowledged.append(key)


def note(connection: object, key: str) -> None:
    entry = audit.Entry(id=audit.new_entry_id(), at_us=1, actor="hub", action="tested", subject=key)
    audit.write(connection, entry)  # type: ignore[arg-type]
    announce(connection, "tests", [key], now_us=1)  # type: ignore[arg-type]


@pytest.fixture
def url(mortal_postgres: PostgresServer) -> Iterator[str]:
    """A database of a server that may be killed; what was set for it is taken back."""
    name = mortal_postgres.new_database()
    upgrade(mortal_postgres.url(name))
    yield mortal_postgres.url(name)
    mortal_postgres.run("ALTER SYSTEM RESET ALL")
    mortal_postgres.run("SELECT pg_reload_conf()")


def written_under_kills(server: PostgresServer, url: str, kills: int) -> list[Writer]:
    """Writers at work while the server is killed at random moments and started again."""
    chance, stop = random.Random(SEED), Event()
    writers = [Writer(url, number, stop) for number in range(WRITERS)]
    for writer in writers:
        writer.thread.start()
    for _ in range(kills):
        Event().wait(chance.uniform(0.3, 0.9))
        server.kill()
        server.start()
    Event().wait(0.3)
    stop.set()
    for writer in writers:
        writer.thread.join()
        writer.engine.dispose()
    return writers


def stands(engine: Engine) -> tuple[Counter[str], Counter[str], list[str]]:
    with reading(engine) as connection:
        entries = Counter(connection.scalars(select(audit_table.c.subject)))
        lines = Counter(connection.scalars(select(change_feed.c.key).where(change_feed.c.table_name == "tests")))
        return entries, lines, audit.verify_leaves(connection)


@pytest.mark.parametrize("kills", KILLS)
def test_what_was_acknowledged_survives_the_killing_of_the_database(
    mortal_postgres: PostgresServer, url: str, kills: int
) -> None:
    writers = written_under_kills(mortal_postgres, url, kills)
    engine = open_engine(url)
    entries, lines, broken = stands(engine)
    engine.dispose()

    acknowledged = {key for writer in writers for key in writer.acknowledged}
    tried = {key for writer in writers for key in writer.tried}
    assert len(acknowledged) > 50
    assert acknowledged - entries.keys() == set(), "acknowledged and lost"
    assert entries == lines, "a transaction is whole or absent"
    assert set(entries) <= tried
    assert max(entries.values()) == 1
    assert broken == []


def test_the_test_sees_loss_where_commits_are_not_made_to_last(mortal_postgres: PostgresServer, url: str) -> None:
    for setting in ("synchronous_commit = off", "wal_writer_delay = '10s'"):
        mortal_postgres.run(f"ALTER SYSTEM SET {setting}")
    mortal_postgres.run("SELECT pg_reload_conf()")

    writers = written_under_kills(mortal_postgres, url, 3)
    engine = open_engine(url)
    entries, lines, _broken = stands(engine)
    engine.dispose()

    acknowledged = {key for writer in writers for key in writer.acknowledged}
    assert acknowledged - entries.keys(), "nothing was lost: this test could not see it"
    assert entries == lines
