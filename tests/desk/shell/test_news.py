"""What a desk is told of what others did, on a real SQLite file; the database's clock is in the fault tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from dealerdesk.clock import now_us
from dealerdesk.commands import requests
from dealerdesk.commands.records import new_command_id
from dealerdesk.desk.news import Lookout
from dealerdesk.store.engine import DatabaseUnavailable, open_engine, writing
from dealerdesk.store.feed import EVERY_ROW, announce
from dealerdesk.store.identity import change_database_id
from dealerdesk.store.schema import metadata
from dealerdesk.store.step import STEPS

from .test_library import TO_A, url  # noqa: F401 - the fixture


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:  # noqa: F811
    made = open_engine(url)
    yield made
    made.dispose()


@pytest.fixture
def lookout(engine: Engine) -> Lookout:
    """One that has looked once already."""
    made = Lookout(now_us)
    made.news(engine)
    return made


def ask(engine: Engine) -> str:
    """dana asks for account 101's book."""
    with requests.audited(engine) as connection:
        return requests.request(
            connection,
            who="dana",
            server="MT5",
            body=TO_A,
            reason="hedged flow",
            now_us=now_us(),
            command_id=new_command_id(),
        ).id


def test_the_first_look_brings_open_commands_and_later_ones_only_news(engine: Engine) -> None:
    asked, lookout = ask(engine), Lookout(now_us)

    first = lookout.news(engine)
    assert (first.anew, [record.id for record in first.open_commands or ()]) == (True, [asked])
    assert lookout.news(engine).open_commands is None


def test_a_row_that_changed_twice_is_told_once(engine: Engine, lookout: Lookout) -> None:
    asked = ask(engine)
    with requests.audited(engine) as connection:
        announce(connection, "commands", [asked], now_us=now_us(), server="MT5")

    news = lookout.news(engine)
    assert news.commands == (asked,)
    assert news.tables["commands"].count(asked) >= 2


def test_after_trouble_every_table_has_changed(
    engine: Engine, lookout: Lookout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(_connection: object) -> object:
        raise DatabaseUnavailable("silent")

    with monkeypatch.context() as during:
        during.setattr("dealerdesk.desk.news.queries.hub_status", silent)
        with pytest.raises(DatabaseUnavailable):
            lookout.news(engine)

    news = lookout.news(engine)
    assert news.anew
    assert news.tables == {name: [EVERY_ROW] for name in metadata.tables}
    assert lookout.news(engine).tables == {}


def test_a_database_that_was_restored_is_read_anew(engine: Engine, lookout: Lookout) -> None:
    assert not lookout.news(engine).anew
    with writing(engine) as connection:
        change_database_id(connection, now_us())

    assert lookout.news(engine).anew
    assert not lookout.news(engine).anew


def test_a_database_one_step_ahead_is_looked_at_and_no_more(engine: Engine) -> None:
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :next"), {"next": f"{int(STEPS[-1]) + 1:04}"})
    lookout = Lookout(now_us)

    assert "it can look but not act" in lookout.news(engine).looking_only
    assert lookout.looking_only


def test_on_this_machines_own_file_there_is_no_other_clock(engine: Engine, lookout: Lookout) -> None:
    assert lookout.news(engine).clock_gap is None
