"""Who holds the hub's lease, on both backends; the clock is handed in on SQLite and PostgreSQL's own there."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread

import pytest
from postgres_server import PostgresServer
from sqlalchemy import Engine, update

from dealerdesk.clock import SECOND_US, now_us
from dealerdesk.store.engine import open_engine, reading, writing
from dealerdesk.store.lease import (
    LEASE,
    Lease,
    LeaseLost,
    current_lease,
    hold,
    is_free,
    put_terms_ahead,
    release,
    renew,
    take,
)
from dealerdesk.store.migrate import upgrade
from dealerdesk.store.schema import hub_lease


def taken(engine: Engine, holder: str) -> Lease | None:
    with writing(engine) as connection:
        return take(connection, holder, now_us())


def let_run_out(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(update(hub_lease).where(hub_lease.c.name == LEASE).values(expires_us=1))


def test_the_first_hub_takes_the_lease_and_the_second_finds_it_held(engine: Engine) -> None:
    since_s = now_us() // SECOND_US
    first = taken(engine, "one")

    assert first is not None
    assert since_s <= first.term <= now_us() // SECOND_US
    assert taken(engine, "two") is None
    with reading(engine) as connection:
        assert not is_free(connection, "two", now_us())
        assert current_lease(connection) == first


def test_a_lease_that_ran_out_is_taken_in_the_next_term_and_the_first_can_write_nothing_more(engine: Engine) -> None:
    first = taken(engine, "one")
    let_run_out(engine)
    second = taken(engine, "two")

    assert first is not None
    assert second is not None
    assert (second.holder, second.term) == ("two", first.term + 1)
    with writing(engine) as connection:
        assert not renew(connection, first, now_us())
        hold(connection, "two", second.term)
        with pytest.raises(LeaseLost, match="two"):
            hold(connection, "one", first.term)


def test_a_late_renewal_counts_while_nobody_else_has_taken_over(engine: Engine) -> None:
    first = taken(engine, "one")
    let_run_out(engine)

    assert first is not None
    with writing(engine) as connection:
        assert renew(connection, first, now_us())
    assert taken(engine, "two") is None


def test_a_released_lease_is_free_at_once_and_its_last_holder_writes_nothing_more(engine: Engine) -> None:
    first = taken(engine, "one")
    assert first is not None
    with writing(engine) as connection:
        release(connection, first)
        with pytest.raises(LeaseLost):
            hold(connection, "one", first.term)
    second = taken(engine, "two")

    assert second is not None
    assert second.term == first.term + 1


def test_a_hub_follows_itself_at_once_in_a_new_term(engine: Engine) -> None:
    first = taken(engine, "one")
    again = taken(engine, "one")

    assert first is not None
    assert again is not None
    assert again.term == first.term + 1
    with writing(engine) as connection, pytest.raises(LeaseLost):
        hold(connection, "one", first.term)


def test_nobody_holds_what_was_never_taken(engine: Engine) -> None:
    with writing(engine) as connection, pytest.raises(LeaseLost):
        hold(connection, "one", 1)


def test_after_a_restore_the_next_term_is_beyond_all_earlier_ones(engine: Engine) -> None:
    first = taken(engine, "one")
    assert first is not None
    with writing(engine) as connection:
        connection.execute(update(hub_lease).values(term=first.term - 86_400))  # a backup of a day ago
        put_terms_ahead(connection, now_us())
    after = taken(engine, "two")

    assert after is not None
    assert first.term < after.term <= now_us() // SECOND_US + 1


def test_hubs_of_a_database_made_later_come_after_all_of_the_one_before(engine: Engine, tmp_path: Path) -> None:
    older = sqlite_engine(tmp_path)
    with writing(older) as connection:
        before = [take(connection, "old", now_us() - 3_600 * SECOND_US) for _again in range(30)]
    fresh = taken(engine, "new")
    with writing(older) as connection:
        come_back = take(connection, "old", now_us())
    older.dispose()

    assert fresh is not None
    assert come_back is not None
    assert max(lease.term for lease in before if lease is not None) < come_back.term < fresh.term


def test_a_clock_at_its_beginning_gives_a_term_all_the_same(tmp_path: Path) -> None:
    engine = sqlite_engine(tmp_path)
    with writing(engine) as connection:
        lease = take(connection, "one", 1)
    engine.dispose()

    assert lease is not None
    assert lease.term == 1


def test_nobody_takes_over_while_a_writing_transaction_of_the_holder_runs(engine: Engine) -> None:
    first = taken(engine, "one")
    assert first is not None
    let_run_out(engine)
    order: list[str] = []
    started = Event()

    def take_over() -> None:
        started.set()
        assert taken(engine, "two") is not None
        order.append("taken over")

    other = Thread(target=take_over)
    with writing(engine) as connection:
        hold(connection, "one", first.term)
        other.start()
        started.wait()
        other.join(0.3)
        order.append("first one's commit")
    other.join()

    assert order == ["first one's commit", "taken over"]


def test_on_postgresql_renewing_does_not_wait_for_a_long_recording(
    postgres: PostgresServer, recycled_database: str
) -> None:
    # SQLite has one writer at a time: a hub renews there between its own transactions
    postgres.empty(recycled_database)
    engine = open_engine(postgres.url(recycled_database))
    first = taken(engine, "one")
    assert first is not None

    with writing(engine) as recording:
        hold(recording, "one", first.term)
        with writing(engine) as connection:
            assert renew(connection, first, now_us())
    engine.dispose()


def test_on_postgresql_a_hub_stopped_within_a_transaction_loses_it_before_its_lease_runs_out(
    postgres: PostgresServer, recycled_database: str
) -> None:
    postgres.empty(recycled_database)
    engine = open_engine(postgres.url(recycled_database))
    first = taken(engine, "one")
    assert first is not None

    with writing(engine) as recording:
        hold(recording, "one", first.term)
        limit = recording.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar()
    with reading(engine) as connection:
        later = connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar()
    engine.dispose()

    assert (limit, later) == ("5s", "1min")


def test_on_sqlite_a_clock_that_went_back_does_not_keep_a_dead_hubs_lease_for_an_hour(tmp_path: Path) -> None:
    engine = sqlite_engine(tmp_path)
    hour_us = 3_600_000_000
    with writing(engine) as connection:
        dead = take(connection, "dead", 10 * hour_us)
        assert dead is not None
        assert take(connection, "next", 10 * hour_us + 1) is None
        taken_over = take(connection, "next", 9 * hour_us)
    engine.dispose()

    assert taken_over is not None
    assert taken_over.term == dead.term + 1


def test_on_sqlite_a_clock_that_jumps_ahead_may_cost_the_lease_but_lets_nobody_write_twice(tmp_path: Path) -> None:
    engine = sqlite_engine(tmp_path)
    hour_us = 3_600_000_000
    with writing(engine) as connection:
        first = take(connection, "one", hour_us)
        assert first is not None
        assert take(connection, "two", 2 * hour_us) is not None
        assert not renew(connection, first, 2 * hour_us)
        with pytest.raises(LeaseLost):
            hold(connection, "one", first.term)
    engine.dispose()


def sqlite_engine(tmp_path: Path) -> Engine:
    url = f"sqlite:///{tmp_path / 'clocks.db'}"
    upgrade(url)
    return open_engine(url)
