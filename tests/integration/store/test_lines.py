from __future__ import annotations

from pathlib import Path
from threading import Event, Thread

import pytest
from postgres_server import PostgresServer

from dealerdesk.store.engine import DatabaseUnavailable, open_engine, reading
from dealerdesk.store.lines import Lines


def test_work_that_gets_no_answer_ends_when_its_line_is_cut_and_the_next_connects_anew(
    postgres: PostgresServer,
) -> None:
    engine = open_engine(postgres.url("postgres"))
    lines = Lines(engine)
    trouble: list[Exception] = []
    connected = Event()

    def wait_for_long() -> None:
        try:
            with reading(engine) as connection:
                connected.set()
                connection.exec_driver_sql("SELECT pg_sleep(60)")
        except DatabaseUnavailable as error:
            trouble.append(error)

    waiting = Thread(target=wait_for_long)
    waiting.start()
    connected.wait()
    waiting.join(0.2)
    assert lines.cut() == 1
    waiting.join(5.0)

    assert not waiting.is_alive()
    assert len(trouble) == 1
    with reading(engine) as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar() == 1
    assert lines.cut() == 1
    engine.dispose()


def test_on_sqlite_there_is_no_line_to_cut(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'one.db'}")
    lines = Lines(engine)
    with reading(engine) as connection:
        connection.exec_driver_sql("SELECT 1")
        assert lines.cut() == 0
    engine.dispose()


@pytest.mark.parametrize("times", [0, 1, 3])
def test_lines_that_were_closed_are_not_cut(postgres: PostgresServer, times: int) -> None:
    engine = open_engine(postgres.url("postgres"))
    lines = Lines(engine)
    for _ in range(times):
        with reading(engine) as connection:
            connection.exec_driver_sql("SELECT 1")
        engine.dispose()

    assert lines.cut() == 0
    engine.dispose()
