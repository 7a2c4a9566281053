"""Under which name and with which password a person's desk reaches its database; nothing is connected here."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from dealerdesk.config import Profile, Secret
from dealerdesk.desk.person_engine import person_engine
from dealerdesk.store.engine import DatabaseUnavailable, reading

SERVER = "postgresql://db.example:5433/desk"


def test_on_a_teams_database_a_person_comes_under_their_own_login_whatever_the_address_says() -> None:
    profile = Profile(name="live", database_url=SERVER.replace("//", "//hub@"), endpoints=())
    engine = person_engine(profile, "carol_db", Secret("green tea leaves"))

    assert (engine.url.username, engine.url.host, engine.url.port) == ("carol_db", "db.example", 5433)
    assert "green tea" not in engine.url.render_as_string(hide_password=False)


def test_a_forgotten_password_opens_nothing_more() -> None:
    secret = Secret("green tea leaves")
    engine = person_engine(Profile(name="live", database_url=SERVER, endpoints=()), "carol_db", secret)
    secret.forget()

    with pytest.raises((PermissionError, DatabaseUnavailable)), reading(engine) as connection:
        connection.execute(text("SELECT 1"))


def test_a_file_has_no_logins(tmp_path: Path) -> None:
    profile = Profile(name="demo", database_url=f"sqlite:///{tmp_path / 'desk.db'}", endpoints=())
    engine = person_engine(profile, "carol", Secret("green tea leaves"))
    with reading(engine) as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    engine.dispose()

    assert engine.url.username is None
