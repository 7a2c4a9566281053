"""One command asked for by a strip: its id, its retry, and what comes when nobody looks any more."""

from __future__ import annotations

from collections.abc import Coroutine

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from dealerdesk.bridges.protocol import SetLeverage
from dealerdesk.commands.records import CommandState, Refused
from dealerdesk.desk.one_request import OneRequest

from .conftest import FakeLibrary, command, run_now

WISH = SetLeverage(login=101, leverage=200)


@pytest.fixture
def parent(qtbot: QtBot) -> QObject:
    return QObject()


def test_asked_again_after_no_answer_it_is_the_same_command(parent: QObject, library: FakeLibrary) -> None:
    library.answers = [OSError("down"), command()]
    request = OneRequest(library, run_now, parent)  # type: ignore[arg-type]
    troubles: list[str] = []
    request.unanswered.connect(troubles.append)
    request.ask("MT5", WISH, "why")
    request.ask("MT5", WISH, "why")

    assert troubles == ["down"]
    assert library.requests[0] == library.requests[1]
    assert request.record == command()


def test_other_terms_are_another_command(parent: QObject, library: FakeLibrary) -> None:
    library.answers = [OSError("down"), command()]
    request = OneRequest(library, run_now, parent)  # type: ignore[arg-type]
    request.ask("MT5", WISH, "why")
    request.ask("MT5", WISH, "why else")

    assert library.requests[0][3] != library.requests[1][3]


def test_the_command_is_read_again_when_it_has_moved(parent: QObject, library: FakeLibrary) -> None:
    library.answers = [command(CommandState.APPROVED)]
    request = OneRequest(library, run_now, parent)  # type: ignore[arg-type]
    request.ask("MT5", WISH, "why")
    library.known = command(CommandState.CONFIRMED)
    library.commands_changed.emit(("dd1",))

    assert request.record == library.known


@pytest.mark.parametrize(
    ("answer", "said"), [(Refused("not yours"), "✕ refused: not yours"), (OSError("down"), "Not asked for: no answer")]
)
def test_what_is_refused_after_the_strip_has_closed_is_told_all_the_same(
    parent: QObject, library: FakeLibrary, answer: Exception, said: str
) -> None:
    library.answers = [answer]
    held: list[Coroutine[object, object, None]] = []
    request = OneRequest(library, held.append, parent)  # type: ignore[arg-type]
    late: list[str] = []
    request.came_late.connect(late.append)
    request.ask("MT5", WISH, "why")
    request.ask("MT5", WISH, "why")
    request.forget()
    assert (len(held), request.is_busy) == (1, True)
    run_now(held[0])

    assert late[0].startswith(said)
    assert not request.is_busy
