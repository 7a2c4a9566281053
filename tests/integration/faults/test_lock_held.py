"""Somebody holds a lock: whoever waits for it is told by whom, after five seconds and not for ever."""

from __future__ import annotations

import pytest
from postgres_server import PostgresServer
from sqlalchemy import make_url, text

from dealerdesk.store import engine as engine_module
from dealerdesk.store.engine import DatabaseUnavailable, open_engine, writing
from dealerdesk.store.locks import who_holds


@pytest.mark.parametrize(
    "lock", ["LOCK TABLE settings IN ACCESS EXCLUSIVE MODE", "INSERT INTO settings VALUES ('held', '1', 1, 1, 'setup')"]
)
def test_the_one_who_waits_is_told_who_holds_the_lock(
    postgres: PostgresServer, recycled_database: str, monkeypatch: pytest.MonkeyPatch, lock: str
) -> None:
    postgres.empty(recycled_database)
    options = engine_module.POSTGRES_CONNECT["options"].replace("lock_timeout=5000", "lock_timeout=200")
    url = postgres.url(recycled_database)
    carol = open_engine(make_url(url).update_query_dict({"application_name": "psql"}).render_as_string(False))
    monkeypatch.setitem(engine_module.POSTGRES_CONNECT, "options", options)
    dana = open_engine(url)

    with carol.connect() as holding:
        holding.execute(text("SET application_name = 'psql'"))
        holding.execute(text(lock))
        with (
            pytest.raises(DatabaseUnavailable, match=r"^postgres \(psql\) holds settings"),
            writing(dana) as connection,
        ):
            connection.execute(text("INSERT INTO settings VALUES ('held', '2', 1, 1, 'setup')"))
        holding.rollback()

    with writing(dana) as connection:
        connection.execute(text("INSERT INTO settings VALUES ('held', '2', 1, 1, 'setup')"))
    assert who_holds(dana) == ""
    for engine in (carol, dana):
        engine.dispose()
