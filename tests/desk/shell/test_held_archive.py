"""The archive as it is held: not there yet, opened by the first look, locked, taken up again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dealerdesk.clock import HOUR_US
from dealerdesk.clock import now_us as real_now_us
from dealerdesk.commands import signed_in
from dealerdesk.config import Secret
from dealerdesk.desk.held_archive import HeldArchive
from dealerdesk.store.engine import DatabaseUnavailable, open_engine, writing
from dealerdesk.store.passwords import set_password

from .conftest import access_of
from .test_library import url  # noqa: F401 - the fixture


class Held:
    """dana's, with a clock that a test moves."""

    def __init__(self, database: str, role: str = "") -> None:
        self.moved_us = 0
        self.archive = HeldArchive(access_of("dana", role, database), self.now_us)

    def now_us(self) -> int:
        return real_now_us() + self.moved_us


@pytest.fixture
def held(url: str) -> Iterator[Held]:  # noqa: F811
    made = Held(url)
    yield made
    made.archive.close()


def test_before_the_first_look_there_is_nothing_to_ask(held: Held) -> None:
    assert not held.archive.is_open
    assert held.archive.session.staff == "dana"
    with pytest.raises(ConnectionError, match="the database is not open yet"):
        held.archive.archive()
    held.archive.cut_lines()


def test_the_first_look_opens_it_and_later_ones_use_the_same(held: Held) -> None:
    news, why_ended = held.archive.look()
    first = held.archive.archive()
    held.archive.look()

    assert (news.anew, why_ended) == (True, "")
    assert held.archive.archive() is first


def test_a_session_that_may_not_begin_ends_with_the_reason(url: str) -> None:  # noqa: F811
    made = Held(url, role="supervisor")
    _, why_ended = made.archive.look()
    made.archive.close()

    assert why_ended == "Your role is now head dealer: sign in again to work with it."


@pytest.mark.parametrize(("moved_us", "looks"), [(1_000_000, 1), (2_000_000, 2), (-HOUR_US, 2)])
def test_whether_one_may_still_work_here_is_asked_every_two_seconds_also_when_the_clock_was_set_back(
    held: Held, monkeypatch: pytest.MonkeyPatch, moved_us: int, looks: int
) -> None:
    held.archive.look()
    asked: list[str] = []

    def standing() -> str:
        asked.append("asked")
        return ""

    monkeypatch.setattr(held.archive.archive(), "standing", standing)
    held.moved_us = 10_000_000
    held.archive.look()
    held.moved_us += moved_us
    held.archive.look()

    assert len(asked) == looks


def test_a_lock_before_it_was_opened_forgets_the_password_and_the_right_one_opens_it(url: str) -> None:  # noqa: F811
    engine = open_engine(url)
    with writing(engine) as connection:
        set_password(connection, "dana", "green tea leaves", real_now_us())
    engine.dispose()
    secret = Secret("green tea leaves")
    known = replace(access_of("dana", url=url), secret=secret)
    archive = HeldArchive(known, real_now_us)
    archive.suspend("nobody is at the desk")
    with pytest.raises(PermissionError):
        secret.read()

    turned = archive.resume(Secret("wrong"))
    assert isinstance(turned, signed_in.Turned)
    assert archive.resume(Secret("green tea leaves")) is None
    assert archive.is_open
    archive.close()


def test_a_database_that_is_not_there_stays_closed(tmp_path: object) -> None:
    archive = HeldArchive(access_of("dana", url=f"sqlite:///{tmp_path}/nothing.db"), real_now_us)
    with pytest.raises(DatabaseUnavailable):
        archive.look()

    assert not archive.is_open
