from __future__ import annotations

import random

import pytest
from recorded_books import expected_books, recorded_books, snapshot_of
from scripted_broker import ScriptedBroker
from sqlalchemy import Engine, select

from dealerdesk.bridges.protocol import ResumePoint, RowSet
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.feed import FeedReader
from dealerdesk.store.recording import SnapshotRows, StreamBroken, record_deltas, record_snapshot, stream_point
from dealerdesk.store.schema import clients, positions
from dealerdesk.trading import Book, Client, Routing

NOW_US = 1_700_000_000_000_000


def join(engine: Engine, broker: ScriptedBroker, epoch: str = "e1") -> None:
    with writing(engine) as connection:
        record_snapshot(connection, "MT5", snapshot_of(broker, epoch), NOW_US)


def test_a_snapshot_is_recorded_row_by_row_with_every_digit(engine: Engine) -> None:
    broker = ScriptedBroker(seed=1)

    join(engine, broker)

    assert recorded_books(engine, "MT5", "e1") == expected_books(broker)
    with reading(engine) as connection:
        assert stream_point(connection, "MT5") == ResumePoint("e1", 0)


def test_prices_keep_their_digits_and_never_become_floats(engine: Engine) -> None:
    broker = ScriptedBroker(seed=1)

    join(engine, broker)

    with reading(engine) as connection:
        prices = list(connection.scalars(select(positions.c.open_price)))
    assert {str(price) for price in prices} == {
        str(row.open_price) for row, _ in broker.books[RowSet.POSITION].values()
    }


@pytest.mark.parametrize("batch", [1, 7, 1_000])
def test_the_tables_depend_on_the_stream_and_not_on_the_batches(engine: Engine, batch: int) -> None:
    broker = ScriptedBroker(seed=2)
    join(engine, broker)

    for _ in range(1_000 // batch):
        after = ResumePoint("e1", broker.seq)
        with writing(engine) as connection:
            record_deltas(connection, "MT5", after, [broker.step() for _ in range(batch)], NOW_US)

    assert recorded_books(engine, "MT5", "e1") == expected_books(broker)


def test_a_batch_that_comes_twice_changes_nothing(engine: Engine) -> None:
    broker = ScriptedBroker(seed=3)
    join(engine, broker)
    first = [broker.step() for _ in range(200)]

    for _ in range(2):
        with writing(engine) as connection:
            assert record_deltas(connection, "MT5", ResumePoint("e1", 0), first, NOW_US) == ResumePoint("e1", 200)

    assert recorded_books(engine, "MT5", "e1") == expected_books(broker)


def test_batches_that_overlap_apply_each_delta_once(engine: Engine) -> None:
    broker = ScriptedBroker(seed=4)
    join(engine, broker)
    deltas = [broker.step() for _ in range(300)]

    for start in range(0, 300, 50):
        with writing(engine) as connection:
            record_deltas(connection, "MT5", ResumePoint("e1", start), deltas[start : start + 120], NOW_US)

    assert recorded_books(engine, "MT5", "e1") == expected_books(broker)


def test_a_gap_is_refused_and_leaves_the_tables_as_they_were(engine: Engine) -> None:
    broker = ScriptedBroker(seed=5)
    join(engine, broker)
    before = recorded_books(engine, "MT5", "e1")
    deltas = [broker.step() for _ in range(10)]

    with pytest.raises(StreamBroken, match="recorded up to 0, the deltas follow on 4"), writing(engine) as connection:
        record_deltas(connection, "MT5", ResumePoint("e1", 4), deltas[4:], NOW_US)

    assert recorded_books(engine, "MT5", "e1") == before


def test_deltas_of_another_journal_need_its_snapshot_first(engine: Engine) -> None:
    broker = ScriptedBroker(seed=5)
    join(engine, broker)

    with pytest.raises(StreamBroken, match="deltas of epoch e2, recorded is e1"), writing(engine) as connection:
        record_deltas(connection, "MT5", ResumePoint("e2", 0), [broker.step()], NOW_US)


def test_deltas_before_any_snapshot_are_refused(engine: Engine) -> None:
    with pytest.raises(StreamBroken, match="recorded is nothing"), writing(engine) as connection:
        record_deltas(connection, "MT5", ResumePoint("e1", 0), [ScriptedBroker(seed=5).step()], NOW_US)


def test_a_later_snapshot_ends_where_the_deltas_would_have(engine: Engine) -> None:
    broker = ScriptedBroker(seed=6)
    join(engine, broker)
    for _ in range(500):
        broker.step()

    join(engine, broker)

    assert recorded_books(engine, "MT5", "e1") == expected_books(broker)
    with reading(engine) as connection:
        assert stream_point(connection, "MT5") == ResumePoint("e1", 500)


def test_an_older_snapshot_of_the_same_journal_changes_nothing(engine: Engine) -> None:
    broker = ScriptedBroker(seed=7)
    old = snapshot_of(broker, "e1")
    join(engine, broker)
    with writing(engine) as connection:
        record_deltas(connection, "MT5", ResumePoint("e1", 0), [broker.step() for _ in range(100)], NOW_US)

    with writing(engine) as connection:
        assert record_snapshot(connection, "MT5", old, NOW_US) == ResumePoint("e1", 100)

    assert recorded_books(engine, "MT5", "e1") == expected_books(broker)


def test_a_new_journal_replaces_state_and_keeps_the_records(engine: Engine) -> None:
    broker = ScriptedBroker(seed=8)
    join(engine, broker)
    with writing(engine) as connection:
        record_deltas(connection, "MT5", ResumePoint("e1", 0), [broker.step() for _ in range(400)], NOW_US)
    deals_before = len(broker.books[RowSet.DEAL])
    reborn = ScriptedBroker(seed=9, accounts=5, positions=3)

    join(engine, reborn, epoch="e2")

    with reading(engine) as connection:
        assert stream_point(connection, "MT5") == ResumePoint("e2", 0)
        assert set(connection.scalars(select(positions.c.id))) == {1, 2, 3}
        assert set(connection.scalars(select(positions.c.epoch))) == {"e2"}
        assert connection.exec_driver_sql("SELECT count(*) FROM deals WHERE epoch = 'e1'").scalar() == deals_before > 20


def test_single_sets_are_replaced_without_moving_the_stream(engine: Engine) -> None:
    broker = ScriptedBroker(seed=10)
    join(engine, broker)
    with writing(engine) as connection:
        connection.exec_driver_sql("DELETE FROM positions WHERE id < 20")
    taken = broker.snapshot([RowSet.POSITION])
    part = SnapshotRows("e1", taken.as_of, frozenset([RowSet.POSITION]))
    for row_set, rows, versions in taken.chunks:
        part.add(row_set, rows, versions)

    with writing(engine) as connection:
        assert record_snapshot(connection, "MT5", part, NOW_US) == ResumePoint("e1", 0)

    assert recorded_books(engine, "MT5", "e1") == expected_books(broker)


def test_servers_do_not_touch_each_others_rows(engine: Engine) -> None:
    one, other = ScriptedBroker(seed=11), ScriptedBroker(seed=12)
    join(engine, one)
    with writing(engine) as connection:
        record_snapshot(connection, "MT4", snapshot_of(other, "f1"), NOW_US)
        record_deltas(connection, "MT4", ResumePoint("f1", 0), [other.step() for _ in range(300)], NOW_US)

    assert recorded_books(engine, "MT5", "e1") == expected_books(one)
    assert recorded_books(engine, "MT4", "f1") == expected_books(other)


def test_an_older_row_never_overwrites_a_newer_one(engine: Engine) -> None:
    broker = ScriptedBroker(seed=13)
    join(engine, broker)
    newest = broker.change(Routing(login=1001, book=Book.A, covered_percent=100))
    late = newest.__class__(seq=2, version=0, time_us=0, row=Routing(login=1001, book=Book.C, covered_percent=40))

    with writing(engine) as connection:
        record_deltas(connection, "MT5", ResumePoint("e1", 0), [newest], NOW_US)
        record_deltas(connection, "MT5", ResumePoint("e1", 1), [late], NOW_US)

    assert recorded_books(engine, "MT5", "e1")[RowSet.ROUTING][1001] == (newest.row, 1)


def test_a_zero_byte_in_a_name_does_not_stop_the_stream(engine: Engine) -> None:
    broker = ScriptedBroker(seed=15)
    join(engine, broker)
    named = broker.change(Client(id=1, name="A\0da \\u0000", country="PT", profile="p", registered_us=0))

    with writing(engine) as connection:
        record_deltas(connection, "MT5", ResumePoint("e1", 0), [named], NOW_US)

    with reading(engine) as connection:
        name = connection.scalar(select(clients.c.name).where(clients.c.id == 1))
    assert name == "A\ufffdda \\u0000"


def test_a_change_of_routing_is_announced_and_one_of_a_position_is_not(engine: Engine) -> None:
    broker = ScriptedBroker(seed=14)
    join(engine, broker)
    reader = FeedReader()
    with reading(engine) as connection:
        reader.changes(connection)
    moved = broker.change(Routing(login=1003, book=Book.A, covered_percent=100))
    chance = random.Random(1)
    opened = broker.change(broker._position(777, 1003, chance))

    with writing(engine) as connection:
        record_deltas(connection, "MT5", ResumePoint("e1", 0), [moved, opened], NOW_US)

    with reading(engine) as connection:
        found = [(change.table, change.server, change.key) for change in reader.changes(connection)]
    assert found == [("routing", "MT5", "1003")]
