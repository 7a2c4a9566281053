"""Changing one's own password on a SQLite file; on a team's database `tests/integration/test_admission.py` does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from dealerdesk.clock import now_us
from dealerdesk.commands.audit import history_of
from dealerdesk.commands.own_password import WRONG
from dealerdesk.desk.own_passwords import NO_PASSWORD, change
from dealerdesk.store.engine import open_engine, reading, writing
from dealerdesk.store.passwords import Outcome, check_password, set_password

from .conftest import access_of
from .test_library import url  # noqa: F401 - the fixture

OLD, NEW = "green tea leaves", "black tea from Assam"
Changed = Callable[..., str]


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:  # noqa: F811
    made = open_engine(url)
    with writing(made) as connection:
        set_password(connection, "dana", OLD, now_us())
    yield made
    made.dispose()


@pytest.fixture
def changed(engine: Engine, url: str) -> Changed:  # noqa: F811
    access = access_of("dana", url=url)

    def ask(old: str, new: str, has_password: bool = True) -> str:
        session = replace(access.session, has_password=has_password)
        return change(engine, access, session, old, new, now_us())

    return ask


def lets_in(engine: Engine, password: str) -> bool:
    with writing(engine) as connection:
        return check_password(connection, "dana", password, now_us()).outcome is Outcome.RIGHT


def test_the_new_password_lets_in_and_the_old_one_no_longer_does(engine: Engine, changed: Changed) -> None:
    assert changed(OLD, NEW) == ""

    assert lets_in(engine, NEW)
    assert not lets_in(engine, OLD)


def test_without_the_old_one_nothing_is_changed_and_the_trial_is_on_record(engine: Engine, changed: Changed) -> None:
    assert changed("a guess of mine", NEW) == WRONG

    assert lets_in(engine, OLD)
    with reading(engine) as connection:
        said = [(entry.actor, entry.action, entry.reason) for entry in history_of(connection, "dana")]
    assert said == [("dana", "password change refused", WRONG)]


def test_who_came_in_without_a_password_has_none_to_change(engine: Engine, changed: Changed) -> None:
    assert changed("", NEW, has_password=False) == NO_PASSWORD
    assert lets_in(engine, OLD)
