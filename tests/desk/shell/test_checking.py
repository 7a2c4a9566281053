"""A commit's answer is lost: the desk asks again under the same id until it knows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from dealerdesk.desk import checking as checking_module
from dealerdesk.desk.checking import Checking
from dealerdesk.store.trouble import AnswerLost, DatabaseUnavailable


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking_module, "retry_pause_s", at_once)


def at_once(_failures: int, _chance: object) -> float:
    return 0.0


class Database:
    """Answers in turn: an exception is raised, anything else returned."""

    def __init__(self, *answers: str | Exception | None) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def ask(self) -> str:
        answer = await self.look()
        assert answer is not None
        return answer

    async def look(self) -> str | None:
        self.asked += 1
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def answered(database: Database, look: Callable[[], Awaitable[str | None]] | None = None) -> tuple[str, list[set[str]]]:
    told: list[set[str]] = []
    checking: Checking

    def note() -> None:
        told.append(set(checking.ids))

    checking = Checking(note)
    return asyncio.run(checking.answer("dd-1", database.ask, look or database.look)), told


def test_an_answer_that_comes_is_the_answer() -> None:
    assert answered(Database("confirmed")) == ("confirmed", [])


def test_what_surely_was_not_done_is_said_at_once_and_not_sent_later() -> None:
    database = Database(DatabaseUnavailable("connection refused"))

    with pytest.raises(DatabaseUnavailable, match="refused"):
        answered(database)
    assert database.asked == 1


def test_a_lost_answer_is_checking_until_asking_again_brings_it() -> None:
    database = Database(AnswerLost("cut"), DatabaseUnavailable("down"), AnswerLost("cut again"), "confirmed")

    assert answered(database) == ("confirmed", [{"dd-1"}, set()])
    assert database.asked == 4


def test_after_half_a_minute_it_is_only_looked_for_and_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking_module, "ASK_AGAIN_FOR_S", -1.0)
    asking, looking = Database(AnswerLost("cut")), Database(DatabaseUnavailable("down"), "requested")

    assert answered(asking, looking.look)[0] == "requested"
    assert (asking.asked, looking.asked) == (1, 2)


def test_what_is_not_there_half_a_minute_later_was_never_received(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking_module, "ASK_AGAIN_FOR_S", -1.0)

    with pytest.raises(OSError, match="never received"):
        answered(Database(AnswerLost("cut")), Database(None).look)
