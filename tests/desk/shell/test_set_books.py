"""The strip that asks for another book for many accounts at once, by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.commands.records import CommandState, Need, Refused
from dealerdesk.commands.roles import Role
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.set_books import SetBooksStrip
from dealerdesk.desk.theme import Tone
from dealerdesk.live.state import LiveState
from dealerdesk.trading import Book

from .conftest import FakeLibrary, batch_member, command, load, run_now

BOTH = [("MT5", 101), ("MT5", 102)]
FOUR = [*BOTH, ("MT4", 101), ("MT4", 102)]


class Place:
    """A window with the strip, and what stands in it."""

    def __init__(self, qtbot: QtBot, state: LiveState, library: FakeLibrary, desk: Desk) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.window.resize(1000, 700)
        self.window.show()
        self.refusals: dict[str, str] = {}
        self.notices: list[str] = []
        self.strip = SetBooksStrip(
            self.window,
            state,
            desk.frame,
            library,  # type: ignore[arg-type]
            lambda server: self.refusals.get(server, ""),
            run_now,
            lambda text, _tone=Tone.NORMAL: self.notices.append(text),
        )

    @property
    def said(self) -> str:
        return self.strip.progress.text()

    def press(self, qtbot: QtBot, *keys: Qt.Key) -> None:
        for key in keys:
            qtbot.keyClick(self.window.focusWidget() or self.strip, key)

    def ask_for_c(self, qtbot: QtBot, reason: str = "news ahead") -> None:
        """C with half covered: nobody is there already."""
        self.press(qtbot, Qt.Key.Key_C)
        for letter in reason:
            qtbot.keyClicks(self.window.focusWidget(), letter)
        self.press(qtbot, Qt.Key.Key_Return)


@pytest.fixture
def place(qtbot: QtBot, state: LiveState, library: FakeLibrary, desk: Desk) -> Place:
    return Place(qtbot, state, library, desk)


def test_two_accounts_are_asked_for_as_one_batch_each_with_the_version_seen(
    place: Place, library: FakeLibrary, qtbot: QtBot
) -> None:
    assert place.strip.open_for(BOTH) == ""
    assert place.strip.heading.text() == "Set book · 2 accounts"
    assert place.strip.current.text() == "now 1 in B · 1 in A"
    place.ask_for_c(qtbot)

    [(server, members, reason, _batch_id)] = library.batches
    assert (server, reason) == ("MT5", "news ahead")
    assert [member.body for member in members] == [SetBook(101, Book.C, 50), SetBook(102, Book.C, 50)]
    assert [member.expected_version for member in members] == [0, 0]
    assert len({member.command_id for member in members}) == 2
    assert place.said == "● 0 of 2 confirmed · 2 wait for approval"


def test_each_server_gets_a_batch_of_its_own(
    place: Place, library: FakeLibrary, state: LiveState, qtbot: QtBot
) -> None:
    load(state, "MT4")
    place.strip.open_for(FOUR)
    place.ask_for_c(qtbot)

    assert [(server, len(members)) for server, members, _reason, _id in library.batches] == [("MT5", 2), ("MT4", 2)]
    assert place.said.startswith("● 0 of 4 confirmed")


def test_who_is_there_already_or_under_way_is_left_out_and_said_so(
    place: Place, library: FakeLibrary, state: LiveState, qtbot: QtBot
) -> None:
    load(state, "MT4")
    library.open_commands[("MT4", 101)] = command(server="MT4")
    place.strip.open_for(FOUR)
    place.press(qtbot, Qt.Key.Key_A)

    assert place.strip.consequence.text() == (
        "1 account → A. 1 open position: our uncovered share goes from −220.0 k to 0 USD net. "
        "Left out: 2 in A already; 1 with a command under way (MT4 101)."
    )
    qtbot.keyClicks(place.window.focusWidget(), "wins")
    place.press(qtbot, Qt.Key.Key_Return)
    [(server, members, _reason, _id)] = library.batches
    assert (server, [member.body.login for member in members]) == ("MT5", [101])  # type: ignore[union-attr]


def test_a_server_that_is_away_is_left_out_and_said_so(
    place: Place, library: FakeLibrary, state: LiveState, qtbot: QtBot
) -> None:
    load(state, "MT4")
    place.refusals["MT4"] = "the bridge is not connected"
    assert place.strip.open_for(FOUR) == ""
    place.ask_for_c(qtbot)

    assert [server for server, *_rest in library.batches] == ["MT5"]
    place.refusals["MT5"] = "the bridge is not connected"
    assert place.strip.open_for(FOUR) == "the bridge is not connected"


def test_when_nobody_can_be_moved_nothing_is_asked(place: Place, library: FakeLibrary, qtbot: QtBot) -> None:
    library.open_commands[("MT5", 101)] = command()
    place.strip.open_for(BOTH)
    place.press(qtbot, Qt.Key.Key_A)
    qtbot.keyClicks(place.window.focusWidget(), "wins")
    place.press(qtbot, Qt.Key.Key_Return)

    assert library.batches == []
    assert place.said == "None of them can be moved there now."


def test_what_any_of_them_needs_is_said_once(place: Place, library: FakeLibrary, qtbot: QtBot) -> None:
    library.needed = (Need("large v1", "3 lots, from 2", 1, (Role.HEAD_DEALER,)),)
    place.strip.open_for(BOTH)
    place.press(qtbot, Qt.Key.Key_C)

    assert place.strip.approval.text() == "Needs approval: head dealer (3 lots, from 2)"


def test_what_servers_need_is_told_apart_where_it_differs(
    place: Place, library: FakeLibrary, state: LiveState, qtbot: QtBot
) -> None:
    load(state, "MT4")
    library.needed_on = {"MT5": (Need("large v1", "3 lots, from 2", 1, (Role.HEAD_DEALER,)),)}
    place.strip.open_for(FOUR)
    place.press(qtbot, Qt.Key.Key_C)

    assert place.strip.approval.text() == (
        "MT5: Needs approval: head dealer (3 lots, from 2). MT4: No approval needed: it is done at once."
    )


def test_a_refused_batch_may_be_asked_anew_under_other_ids(place: Place, library: FakeLibrary, qtbot: QtBot) -> None:
    library.batch_answers = [Refused("MT5 101 has changed meanwhile")]
    place.strip.open_for(BOTH)
    place.ask_for_c(qtbot)
    assert place.said == "✕ refused: MT5 101 has changed meanwhile"
    assert place.strip.consequence.font().strikeOut()

    place.press(qtbot, Qt.Key.Key_Return)
    assert library.batches[0][3] != library.batches[1][3]
    assert "2 wait for approval" in place.said


def test_without_an_answer_enter_asks_for_the_same_batch_again(
    place: Place, library: FakeLibrary, qtbot: QtBot
) -> None:
    library.batch_answers = [OSError("gone")]
    place.strip.open_for(BOTH)
    place.ask_for_c(qtbot)
    assert "Enter asks again" in place.said

    place.press(qtbot, Qt.Key.Key_Return)
    first, second = library.batches
    assert first == second


def test_it_counts_until_all_are_read_back_and_enter_leaves(place: Place, library: FakeLibrary, qtbot: QtBot) -> None:
    place.strip.open_for(BOTH)
    place.ask_for_c(qtbot)
    [(server, members, _reason, batch_id)] = library.batches
    states = (CommandState.CONFIRMED, CommandState.FAILED)
    known = [batch_member(server, m, s, batch_id) for m, s in zip(members, states, strict=True)]
    library.batch_known = {batch_id: known}
    place.press(qtbot, Qt.Key.Key_Return)
    assert place.strip.isVisible()

    library.commands_changed.emit((members[0].command_id,))
    assert place.said == "✕ 1 of 2 confirmed · 1 failed"
    place.press(qtbot, Qt.Key.Key_Return)
    assert not place.strip.isVisible()


def test_news_of_other_commands_are_not_looked_after(place: Place, library: FakeLibrary, qtbot: QtBot) -> None:
    place.strip.open_for(BOTH)
    place.ask_for_c(qtbot)
    library.batch_known = {library.batches[0][3]: []}
    library.commands_changed.emit(("somebody-elses",))

    assert place.said == "● 0 of 2 confirmed · 2 wait for approval"


def test_more_than_a_batch_holds_is_refused_before_it_opens(place: Place) -> None:
    assert place.strip.open_for([("MT5", n) for n in range(501)]) == (
        "501 accounts are chosen; at most 500 are moved at once."
    )
    assert not place.strip.isVisible()


def test_accounts_that_are_gone_are_not_asked_for(place: Place, library: FakeLibrary, qtbot: QtBot) -> None:
    assert place.strip.open_for([("MT5", 1), ("MT5", 2)]) == "None of the chosen accounts is known here any more."
    place.strip.open_for([("MT5", 1), *BOTH])
    place.ask_for_c(qtbot)

    assert len(library.batches[0][1]) == 2


def test_escape_forgets_what_was_typed(place: Place, qtbot: QtBot) -> None:
    place.strip.open_for(BOTH)
    place.press(qtbot, Qt.Key.Key_B)
    qtbot.keyClicks(place.window.focusWidget(), "calm")
    place.press(qtbot, Qt.Key.Key_Escape)

    assert not place.strip.isVisible()
    assert place.strip.fields.reason.text() == ""
