"""Whoever keeps others waiting is named: who, with which program, and what they hold."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from postgres_server import PostgresServer
from sqlalchemy import Engine, make_url, text

from dealerdesk.store.engine import open_engine
from dealerdesk.store.locks import who_holds


@pytest.fixture
def desk(postgres: PostgresServer, recycled_database: str) -> Iterator[Engine]:
    postgres.empty(recycled_database)
    engine = open_engine(postgres.url(recycled_database))
    yield engine
    engine.dispose()


@pytest.fixture
def holder(desk: Engine) -> Iterator[Engine]:
    engine = open_engine(desk.url.render_as_string(hide_password=False))
    yield engine
    engine.dispose()


def test_nobody_is_named_while_nobody_holds_anything(desk: Engine) -> None:
    assert who_holds(desk) == ""


def test_the_strongest_lock_is_named_first(desk: Engine, holder: Engine) -> None:
    with holder.connect() as one, holder.connect() as other:
        one.execute(text("SET application_name = 'report'"))
        one.execute(text("LOCK TABLE settings IN ROW EXCLUSIVE MODE"))
        assert who_holds(desk) == "postgres (report) holds settings"
        other.execute(text("SET application_name = 'psql'"))
        other.execute(text("LOCK TABLE staff IN SHARE ROW EXCLUSIVE MODE"))
        assert who_holds(desk) == "postgres (psql) holds staff"


def test_who_only_reads_keeps_nobody_waiting_and_is_not_named(desk: Engine, holder: Engine) -> None:
    with holder.connect() as reader:
        reader.execute(text("SELECT * FROM settings")).all()
        assert who_holds(desk) == ""


def test_a_program_without_a_name_is_left_out(desk: Engine, holder: Engine) -> None:
    with holder.connect() as one:
        one.execute(text("SET application_name = ''"))
        one.execute(text("LOCK TABLE settings IN EXCLUSIVE MODE"))
        assert who_holds(desk) == "postgres holds settings"


def test_a_database_that_does_not_answer_names_nobody() -> None:
    engine = open_engine(make_url("postgresql://nobody@127.0.0.1:1/none").render_as_string())

    assert who_holds(engine) == ""
    engine.dispose()
