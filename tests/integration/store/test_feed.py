from __future__ import annotations

from postgres_server import PostgresServer
from sqlalchemy import Engine, text

from dealerdesk.store.engine import open_engine, reading, writing
from dealerdesk.store.feed import Change, FeedReader, announce, prune


def write(engine: Engine, *keys: str, at_us: int = 1) -> None:
    with writing(engine) as connection:
        announce(connection, "commands", keys, now_us=at_us, server="MT5")


def read(engine: Engine, reader: FeedReader) -> list[str]:
    with reading(engine) as connection:
        return [change.key for change in reader.changes(connection)]


def test_a_reader_starts_at_the_present_and_sees_each_change_once(engine: Engine) -> None:
    write(engine, "before")
    reader = FeedReader()
    assert read(engine, reader) == []

    write(engine, "one", "two")

    assert read(engine, reader) == ["one", "two"]
    assert read(engine, reader) == []


def test_a_change_names_its_table_server_and_key(engine: Engine) -> None:
    reader = FeedReader()
    read(engine, reader)
    write(engine, "c-1", at_us=77)

    with reading(engine) as connection:
        assert reader.changes(connection) == [Change("commands", "MT5", "c-1", 77)]


def test_a_change_that_is_rolled_back_is_never_seen(engine: Engine) -> None:
    reader = FeedReader()
    read(engine, reader)
    with engine.connect() as connection, connection.begin() as transaction:
        announce(connection, "commands", ["lost"], now_us=1)
        transaction.rollback()
    write(engine, "kept")

    assert read(engine, reader) == ["kept"]


def test_readers_do_not_disturb_each_other(engine: Engine) -> None:
    one, other = FeedReader(), FeedReader()
    read(engine, one)
    write(engine, "a")
    read(engine, other)
    write(engine, "b")

    assert read(engine, one) == ["a", "b"]
    assert read(engine, other) == ["b"]


def test_old_changes_are_forgotten_and_new_ones_still_come(engine: Engine) -> None:
    reader = FeedReader()
    read(engine, reader)
    write(engine, "old", at_us=10)
    assert read(engine, reader) == ["old"]
    with writing(engine) as connection:
        assert prune(connection, before_us=20) == 1
    write(engine, "new", at_us=30)

    assert read(engine, reader) == ["new"]


def test_nothing_to_announce_writes_nothing(engine: Engine) -> None:
    reader = FeedReader()
    read(engine, reader)
    write(engine)

    assert read(engine, reader) == []


def test_on_postgres_a_transaction_that_commits_late_is_neither_skipped_nor_waited_for(
    postgres: PostgresServer, migrated_template: str
) -> None:
    name = postgres.new_database(migrated_template)
    engine = open_engine(postgres.url(name))
    reader = FeedReader()
    read(engine, reader)
    slow = engine.connect()
    transaction = slow.begin()
    announce(slow, "commands", ["began first, commits last"], now_us=1)

    write(engine, "quick")
    assert read(engine, reader) == ["quick"], "an open transaction delays nobody"
    write(engine, "quicker")
    assert read(engine, reader) == ["quicker"]
    transaction.commit()
    slow.close()

    assert read(engine, reader) == ["began first, commits last"]
    assert read(engine, reader) == []
    engine.dispose()
    postgres.drop_database(name)


def test_on_postgres_a_reader_that_starts_beside_an_open_transaction_sees_its_commit(
    postgres: PostgresServer, migrated_template: str
) -> None:
    name = postgres.new_database(migrated_template)
    engine = open_engine(postgres.url(name))
    slow = engine.connect()
    transaction = slow.begin()
    announce(slow, "commands", ["late"], now_us=1)
    write(engine, "before the desk")
    reader = FeedReader()
    assert read(engine, reader) == []
    slow.execute(text("SELECT 1"))
    transaction.commit()
    slow.close()

    assert read(engine, reader) == ["late"]
    engine.dispose()
    postgres.drop_database(name)
