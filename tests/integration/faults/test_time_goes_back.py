"""A database is restored from a backup under running desks: they notice, and show what is there now."""

from __future__ import annotations

from pathlib import Path

from desk_double import access_of
from office import TO_A, Office
from postgres_server import PostgresServer

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.clock import now_us
from dealerdesk.commands.audit import verify_leaves
from dealerdesk.desk.archive import Archive
from dealerdesk.desk.news import News
from dealerdesk.store.backup import backup, restore
from dealerdesk.store.engine import DatabaseUnavailable, open_engine
from dealerdesk.trading import Book


def test_after_a_restore_every_running_desk_reads_everything_again(
    postgres: PostgresServer, migrated_template: str, tmp_path: Path
) -> None:
    name = postgres.new_database(migrated_template)
    engine = open_engine(postgres.url(name))
    office = Office(engine)
    office.needs_supervisor()
    kept = office.request("dana", TO_A)
    backup(postgres.url(name), tmp_path / "b.backup", verify_leaves)
    lost = office.request("dana", SetBook(login=1002, book=Book.A, covered_percent=100))
    desk = Archive.open(access_of(engine.url, "ana"), now_us)
    before = {record.id for record in desk.news().open_commands or ()}
    calm = desk.news()
    engine.dispose()

    postgres.drop_database(name)
    postgres.run(f"CREATE DATABASE {name} TEMPLATE template0")
    restore(postgres.url(name), tmp_path / "b.backup", verify_leaves)
    news = _news_when_it_answers(desk)
    desk.close()
    postgres.drop_database(name)

    assert before == {kept.id, lost.id}
    assert (calm.anew, calm.open_commands) == (False, None)
    assert news.anew
    assert {change.table for change in news.changes} >= {"commands", "policies", "staff"}
    assert [record.id for record in news.open_commands or ()] == [kept.id]


def _news_when_it_answers(desk: Archive) -> News:
    for _ in range(5):
        try:
            return desk.news()
        except DatabaseUnavailable:
            continue
    raise AssertionError("the desk did not come back")
