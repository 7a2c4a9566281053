"""An administrator hands out a first password once, to somebody else. (On PostgreSQL: `attacks/test_logins.py`.)"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, update

from dealerdesk.commands.audit import history_of
from dealerdesk.commands.first_passwords import SET, hand_out
from dealerdesk.commands.records import Refused
from dealerdesk.store.demo import seed_demo
from dealerdesk.store.engine import open_engine, writing
from dealerdesk.store.migrate import upgrade
from dealerdesk.store.passwords import Outcome, check_password
from dealerdesk.store.schema import staff_logins

NOW_US = 1_790_000_000_000_000


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """The demonstration's people, with logins for ana and adam that were made a second ago."""
    url = f"sqlite:///{tmp_path / 'firm.db'}"
    upgrade(url)
    engine = open_engine(url)
    with writing(engine) as connection:
        seed_demo(connection, NOW_US - 10)
        logins = [{"login": who, "staff": who, "active": True, "made_us": NOW_US - 1} for who in ("ana", "adam")]
        connection.execute(insert(staff_logins), logins)
    yield engine
    engine.dispose()


def test_the_person_signs_in_with_it_and_it_is_on_record(engine: Engine) -> None:
    with writing(engine) as connection:
        password = hand_out(connection, who="adam", login="ana", now_us=NOW_US, origin="desk 7")

        assert check_password(connection, "ana", password, NOW_US).outcome is Outcome.RIGHT
        assert [(entry.actor, entry.action) for entry in history_of(connection, "ana")] == [("adam", SET)]


@pytest.mark.parametrize(
    ("who", "login", "words"),
    [
        ("carol", "ana", "Only an administrator"),
        ("nobody", "ana", "Only an administrator"),
        ("adam", "adam", "Nobody gives a login to themselves"),
        ("adam", "nobody", "There is no such login"),
    ],
)
def test_nobody_else_hands_one_out_and_nobody_to_themselves(engine: Engine, who: str, login: str, words: str) -> None:
    with writing(engine) as connection, pytest.raises(Refused, match=words):
        hand_out(connection, who=who, login=login, now_us=NOW_US)


def test_a_second_one_takes_a_new_making_of_the_login(engine: Engine) -> None:
    with writing(engine) as connection:
        hand_out(connection, who="adam", login="ana", now_us=NOW_US)
        with pytest.raises(Refused, match="has had its first password already"):
            hand_out(connection, who="adam", login="ana", now_us=NOW_US + 1)
        # as a command would: the guard that wants one comes down for the test
        connection.exec_driver_sql("DROP TRIGGER staff_logins_changed")
        connection.execute(update(staff_logins).where(staff_logins.c.login == "ana").values(made_us=NOW_US + 2))
        again = hand_out(connection, who="adam", login="ana", now_us=NOW_US + 3)

        assert check_password(connection, "ana", again, NOW_US + 4).outcome is Outcome.RIGHT


def test_who_never_had_a_login_signs_in_to_a_file_under_their_id(engine: Engine) -> None:
    with writing(engine) as connection:
        password = hand_out(connection, who="adam", login="carol", now_us=NOW_US)

        assert check_password(connection, "carol", password, NOW_US).outcome is Outcome.RIGHT
        with pytest.raises(Refused, match="has had its first password already"):
            hand_out(connection, who="adam", login="carol", now_us=NOW_US + 1)
