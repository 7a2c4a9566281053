"""Entries are sealed once each, in the order of their transactions, whoever seals and whatever dies."""

from __future__ import annotations

import io
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
from postgres_server import PostgresServer
from sealed_log import KEY, OTHER_KEY, PUBLIC
from sqlalchemy import Connection, Engine, event, func, insert, select
from sqlalchemy.exc import IntegrityError

from dealerdesk.commands import audit, sealing, seals
from dealerdesk.commands.audit import Entry
from dealerdesk.commands.audit_export import export_everything
from dealerdesk.commands.audit_report import Report
from dealerdesk.commands.audit_verify import verify
from dealerdesk.commands.canonical import canonical, leaf_hash
from dealerdesk.store.engine import open_engine, reading, writing
from dealerdesk.store.schema import audit as audit_table
from dealerdesk.store.schema import audit_order, audit_seals

NOW_US = 1_700_000_000_000_000
SEALER = """
import sys
from dealerdesk.commands import sealing
from dealerdesk.store.engine import open_engine, writing
engine = open_engine(sys.argv[1])
sealing.SEALED_AT_ONCE_MAX = 3
while True:
    with writing(engine) as connection:
        sealed = sealing.seal(connection, sys.argv[2], 1)
    print(sealed.number if sealed else 0, flush=True)
"""


@pytest.fixture
def postgres_engine(postgres: PostgresServer, recycled_database: str) -> Iterator[Engine]:
    """For what only PostgreSQL does: transactions side by side."""
    postgres.empty(recycled_database)
    engine = open_engine(postgres.url(recycled_database))
    yield engine
    engine.dispose()


def write(connection: Connection, number: int, action: str = "tested") -> None:
    audit.write(connection, Entry(id=f"entry-{number}", at_us=NOW_US, actor="dana", action=action, subject="s"))


def write_all(engine: Engine, *numbers: int) -> None:
    for number in numbers:
        with writing(engine) as connection:
            write(connection, number)


def seal(engine: Engine, key: str = KEY, now_us: int = NOW_US) -> sealing.Sealed | None:
    with writing(engine) as connection:
        return sealing.seal(connection, key, now_us)


def order(engine: Engine) -> list[str]:
    query = select(audit_table.c.entry_id).join_from(
        audit_order, audit_table, audit_order.c.audit_id == audit_table.c.id
    )
    with reading(engine) as connection:
        return list(connection.scalars(query.order_by(audit_order.c.leaf)))


def report_on(engine: Engine, *keys: str) -> Report:
    file = io.BytesIO()
    with reading(engine) as connection:
        export_everything(connection, file, NOW_US)
    file.seek(0)
    return verify(file, keys or (PUBLIC,))


def test_what_is_there_is_sealed_once_and_in_order(engine: Engine) -> None:
    write_all(engine, 1, 2, 3)
    first = seal(engine)
    nothing = seal(engine)
    write_all(engine, 4, 5)
    second = seal(engine)

    assert first is not None
    assert second is not None
    assert nothing is None
    assert (first.number, first.tree_size, second.number, second.tree_size) == (1, 3, 2, 5)
    said = seals.read_statement(second.statement)
    assert said.previous == first.statement_hash
    assert said.database == seals.read_statement(first.statement).database
    assert order(engine) == [f"entry-{n}" for n in range(1, 6)]
    assert report_on(engine).problems == []
    with reading(engine) as connection:
        assert sealing.last_seal(connection) == second
        assert sealing.seals_after(connection, 0) == [first, second]
        assert sealing.seals_after(connection, 1) == [second]


def test_nothing_is_sealed_where_nothing_is(engine: Engine) -> None:
    assert seal(engine) is None
    with reading(engine) as connection:
        assert sealing.last_seal(connection) is None


def test_only_an_approval_that_is_not_sealed_waits(engine: Engine) -> None:
    def waits() -> bool:
        with reading(engine) as connection:
            return sealing.approval_waits(connection, sealing.EVERYWHERE)

    write_all(engine, 1)
    assert not waits()
    with writing(engine) as connection:
        write(connection, 2, action="command approved")
    assert waits()
    seal(engine)
    assert not waits()


def test_after_a_seal_one_need_only_look_from_its_place_on(engine: Engine) -> None:
    write_all(engine, 1, 2)
    with writing(engine) as connection:
        sealing.seal(connection, KEY, NOW_US)
    with reading(engine) as connection:
        place = sealing.place_to_look(connection)
    write_all(engine, 3)

    with writing(engine) as connection:
        sealed = sealing.seal(connection, KEY, NOW_US, place)

    assert sealed is not None
    assert sealed.tree_size == 3
    assert place > sealing.EVERYWHERE


def test_a_long_log_is_sealed_in_pieces(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "SEALED_AT_ONCE_MAX", 4)
    monkeypatch.setattr(sealing, "ROWS_AT_ONCE", 3)
    write_all(engine, *range(10))

    sizes = [sealed.tree_size for sealed in iter(lambda: seal(engine), None)]

    assert sizes == [4, 8, 10]
    assert report_on(engine).problems == []


def test_a_later_transaction_waits_for_an_earlier_one_and_stands_behind_it(postgres_engine: Engine) -> None:
    with postgres_engine.connect() as early, early.begin():
        write(early, 1)
        write_all(postgres_engine, 2)
        # entry 2 is committed, yet an older transaction may still add to what stands before it
        assert seal(postgres_engine) is None
        with reading(postgres_engine) as connection:
            place = sealing.place_to_look(connection)
        write(early, 3)
    with writing(postgres_engine) as connection:
        sealed = sealing.seal(connection, KEY, NOW_US, place)

    assert sealed is not None
    assert order(postgres_engine) == ["entry-1", "entry-3", "entry-2"]


def test_what_was_rolled_back_leaves_no_gap(engine: Engine) -> None:
    write_all(engine, 1)
    with engine.connect() as connection, connection.begin() as transaction:
        write(connection, 2)
        transaction.rollback()
    write_all(engine, 3)

    seal(engine)

    assert order(engine) == ["entry-1", "entry-3"]
    assert report_on(engine).is_whole


def test_entries_of_transactions_that_have_not_begun_came_with_a_restored_database(postgres_engine: Engine) -> None:
    text = canonical({"id": "old", "at_us": 1, "actor": "dana", "action": "tested"})
    columns = {"entry_id": "old", "at_us": 1, "actor": "dana", "action": "tested", "subject": "s", "server": ""}
    with writing(postgres_engine) as connection:
        connection.execute(insert(audit_table).values(**columns, entry=text, leaf_hash=leaf_hash(text), txid=2**40))

    sealed = seal(postgres_engine)

    assert sealed is not None
    assert sealed.tree_size == 1


def test_a_sealer_that_dies_between_seal_and_order_has_done_neither(engine: Engine) -> None:
    def die(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if "INTO audit_order" in statement:
            raise ZeroDivisionError

    write_all(engine, 1, 2)
    event.listen(engine, "before_cursor_execute", die)
    with pytest.raises(ZeroDivisionError):
        seal(engine)
    event.remove(engine, "before_cursor_execute", die)

    with reading(engine) as connection:
        assert sealing.last_seal(connection) is None
    assert order(engine) == []
    assert seal(engine) is not None
    assert report_on(engine).problems == []


def test_a_sealer_that_is_killed_leaves_a_whole_log_that_the_next_one_goes_on_with(
    engine: Engine, database_url: str
) -> None:
    write_all(engine, *range(30))
    with subprocess.Popen([sys.executable, "-c", SEALER, database_url, KEY], stdout=subprocess.PIPE) as sealer:
        assert sealer.stdout is not None
        assert [int(sealer.stdout.readline()) for _ in range(4)] == [1, 2, 3, 4]
        sealer.send_signal(signal.SIGKILL)

    while seal(engine) is not None:
        continue

    assert order(engine) == [f"entry-{n}" for n in range(30)]
    assert report_on(engine).problems == []


def test_of_sealers_side_by_side_each_number_has_one_winner(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "SEALED_AT_ONCE_MAX", 2)
    write_all(engine, *range(40))
    start = threading.Barrier(3)

    def work() -> None:
        start.wait()
        is_done = False
        while not is_done:
            with suppress(IntegrityError):
                is_done = seal(engine) is None

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert order(engine) == [f"entry-{n}" for n in range(40)]
    with reading(engine) as connection:
        assert connection.scalar(select(func.max(audit_seals.c.number))) == 20
    assert report_on(engine).problems == []


def test_a_second_sealer_of_the_same_entries_is_turned_away(postgres_engine: Engine) -> None:
    write_all(postgres_engine, 1, 2)
    outcomes: list[str] = []

    def second() -> None:
        try:
            seal(postgres_engine)
        except IntegrityError:
            outcomes.append("turned away")
        else:
            outcomes.append("sealed")

    thread = threading.Thread(target=second)
    with writing(postgres_engine) as connection:
        sealing.seal(connection, KEY, NOW_US)
        thread.start()
        # the second waits for the first to commit before it learns that the number is taken
        with postgres_engine.connect() as watching:
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            while watching.exec_driver_sql(waiting).scalar_one() == 0:
                watching.rollback()
    thread.join()

    assert outcomes == ["turned away"]
    assert order(postgres_engine) == ["entry-1", "entry-2"]


def test_a_clock_that_jumps_back_does_not_break_the_chain(engine: Engine) -> None:
    write_all(engine, 1)
    seal(engine, now_us=NOW_US)
    write_all(engine, 2)
    seal(engine, now_us=NOW_US - 3_600_000_000)
    write_all(engine, 3)
    seal(engine, now_us=NOW_US + 10**15)

    assert report_on(engine).problems == []


def test_another_key_may_go_on_and_both_are_asked_for(engine: Engine) -> None:
    write_all(engine, 1)
    seal(engine)
    write_all(engine, 2)
    seal(engine, OTHER_KEY)

    assert report_on(engine, PUBLIC, seals.public_key(OTHER_KEY)).is_whole
    assert "wrong key" in report_on(engine, PUBLIC).problems[0]


def test_the_hubs_own_role_may_seal(postgres_engine: Engine) -> None:
    write_all(postgres_engine, 1)

    with writing(postgres_engine) as connection:
        connection.exec_driver_sql("SET LOCAL SESSION AUTHORIZATION dealerdesk_hub")
        assert not sealing.approval_waits(connection, sealing.EVERYWHERE)
        sealed = sealing.seal(connection, KEY, NOW_US, sealing.place_to_look(connection))
        beyond = sealing.seal(connection, KEY, NOW_US)

    assert sealed is not None or beyond is not None
    assert report_on(postgres_engine).problems == []


@pytest.mark.parametrize("seed", range(4))
def test_in_whatever_order_transactions_begin_write_and_end_each_committed_entry_is_sealed_once(
    postgres_engine: Engine, seed: int
) -> None:
    chance, number, place = random.Random(seed), 0, sealing.EVERYWHERE
    running: dict[Connection, list[str]] = {}
    committed: set[str] = set()

    def step() -> None:
        nonlocal number, place
        match chance.choice(("begin", "write", "write", "commit", "roll back", "seal")):
            case "begin" if len(running) < 4:
                running[postgres_engine.connect()] = []
            case "write" if running:
                connection = chance.choice(list(running))
                number += 1
                write(connection, number)
                running[connection].append(f"entry-{number}")
            case "commit" | "roll back" as end if running:
                connection = chance.choice(list(running))
                connection.commit() if end == "commit" else connection.rollback()
                entries = running.pop(connection)
                committed.update(entries if end == "commit" else [])
                connection.close()
            case "seal":
                with writing(postgres_engine) as connection:
                    beyond = sealing.place_to_look(connection)
                    sealing.seal(connection, KEY, NOW_US, place)
                place = beyond

    for _ in range(150):
        before = order(postgres_engine)
        step()
        assert order(postgres_engine)[: len(before)] == before, f"seed {seed}"
    for connection, entries in running.items():
        connection.commit()
        connection.close()
        committed.update(entries)
    with writing(postgres_engine) as connection:
        sealing.seal(connection, KEY, NOW_US, place)

    assert sorted(order(postgres_engine)) == sorted(committed), f"seed {seed}"
    of_entry = audit_order.c.audit_id == audit_table.c.id
    places = select(audit_table.c.txid, audit_table.c.id).join_from(audit_order, audit_table, of_entry)
    with reading(postgres_engine) as connection:
        written = [tuple(row) for row in connection.execute(places.order_by(audit_order.c.leaf))]
    assert written == sorted(written), f"seed {seed}: not in the order of their transactions"
    assert report_on(postgres_engine).problems == []
