from __future__ import annotations

from pathlib import Path

from office import act_as
from recorded_books import expected_books, recorded_books
from sqlalchemy import Engine
from stand import SERVER, Stand, let_in, wait_until

from dealerdesk.bridges.protocol import RowSet, SetBook
from dealerdesk.clock import now_us
from dealerdesk.commands import queries as command_queries
from dealerdesk.commands import requests
from dealerdesk.commands.records import CommandState
from dealerdesk.store import queries
from dealerdesk.store.demo import seed_demo
from dealerdesk.store.engine import reading, writing
from dealerdesk.trading import Book


def test_the_hub_records_a_bridge_and_ends_in_order_when_its_input_does(
    tmp_path: Path, database_url: str, engine: Engine
) -> None:
    stand = Stand(tmp_path / "run", database_url, seed=21, steps=2_000, steps_per_second=1_000)
    stand.start()
    point = stand.wait_recorded(engine, 2_000)
    stand.stop()

    broker, epoch = stand.journaled()
    assert (point.epoch, point.seq) == (epoch, 2_000)
    assert recorded_books(engine, SERVER, epoch) == expected_books(broker)
    assert stand.errors() == []


def test_a_change_of_book_goes_from_request_to_confirmed_and_a_hubs_pulse_is_seen(
    tmp_path: Path, database_url: str, engine: Engine
) -> None:
    stand = Stand(tmp_path / "run", database_url, seed=22, steps=1_000, steps_per_second=200)
    stand.start()
    stand.wait_recorded(engine, 10)
    asked_us = now_us()
    with writing(engine) as connection:
        seed_demo(connection, asked_us)
        let_in(connection, "dana")
        act_as(connection, "dana")
        asked = requests.request(
            connection,
            who="dana",
            server=SERVER,
            body=SetBook(login=1001, book=Book.A, covered_percent=100),
            reason="news",
            now_us=asked_us,
            command_id="dd-test-0001",
            expected_version=0,
        )

    def settled() -> bool:
        with reading(engine) as connection:
            record = command_queries.command(connection, asked.id)
        assert record is not None
        return record.state.is_final

    def status() -> queries.HubStatus:
        with reading(engine) as connection:
            (found,) = queries.hub_status(connection)
        return found

    wait_until(settled)
    wait_until(lambda: status().state == "live")
    with reading(engine) as connection:
        record = command_queries.command(connection, asked.id)
    stand.stop()
    assert record is not None
    assert (record.state, record.result) == (CommandState.CONFIRMED, "Book A read back")
    assert (status().server, status().error) == (SERVER, "")
    assert recorded_books(engine, SERVER, stand.journaled()[1])[RowSet.ROUTING][1001][0].command_id == asked.id  # type: ignore[union-attr]
    assert stand.errors() == []
