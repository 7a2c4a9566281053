"""The strip that asks for another book, by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.commands.records import CommandState, Need, Refused
from dealerdesk.commands.roles import Role
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.set_book import SetBookStrip
from dealerdesk.live.state import LiveState
from dealerdesk.trading import Book, Routing

from .conftest import NOW_US, FakeLibrary, command, run_now


class Place:
    """A window with the strip, and what stands in it."""

    def __init__(self, qtbot: QtBot, state: LiveState, library: FakeLibrary, desk: Desk) -> None:
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.window.resize(1000, 700)
        self.window.show()
        self.refusal = ""
        self.strip = SetBookStrip(self.window, state, desk.frame, library, self._refusal, run_now, str.title)  # type: ignore[arg-type]

    def _refusal(self, _server: str) -> str:
        return self.refusal

    def words(self, name: str) -> str:
        return self.strip._labels[name].text()

    def press(self, qtbot: QtBot, *keys: Qt.Key) -> None:
        for key in keys:
            qtbot.keyClick(self.window.focusWidget() or self.strip, key)

    def type(self, qtbot: QtBot, text: str) -> None:
        qtbot.keyClicks(self.window.focusWidget(), text)


@pytest.fixture
def place(qtbot: QtBot, state: LiveState, library: FakeLibrary, desk: Desk) -> Place:
    return Place(qtbot, state, library, desk)


def test_a_letter_chooses_words_follow_and_enter_asks(place: Place, library: FakeLibrary, qtbot: QtBot) -> None:
    library.answers = [command(CommandState.APPROVED)]
    assert place.strip.open_for("MT5", 101) == ""

    place.press(qtbot, Qt.Key.Key_A)
    place.type(qtbot, "wins too much")
    place.press(qtbot, Qt.Key.Key_Return)

    server, asked, reason, command_id, version = library.requests[0]
    assert (server, asked, reason) == ("MT5", SetBook(login=101, book=Book.A, covered_percent=100), "wins too much")
    assert version == 0
    assert len(command_id) <= 31
    assert place.words("progress") == "○ approved, on its way to the hub"


def test_letters_in_the_reason_are_letters(place: Place, library: FakeLibrary, qtbot: QtBot) -> None:
    place.strip.open_for("MT5", 101)
    place.press(qtbot, Qt.Key.Key_A)
    place.type(qtbot, "abc")

    assert place.strip.wanted() == SetBook(login=101, book=Book.A, covered_percent=100)
    assert place.strip.fields.reason.text() == "abc"


def test_once_a_book_is_chosen_letters_are_the_reason_wherever_the_focus_is(
    place: Place, library: FakeLibrary, qtbot: QtBot
) -> None:
    library.answers = [command(CommandState.APPROVED)]
    place.strip.open_for("MT5", 101)

    place.press(qtbot, Qt.Key.Key_A)
    place.strip.fields.books[Book.C].setFocus()
    for letter in "because a client called":
        place.type(qtbot, letter)
    place.press(qtbot, Qt.Key.Key_Return)

    assert [(asked, reason) for _, asked, reason, *_ in library.requests] == [
        (SetBook(login=101, book=Book.A, covered_percent=100), "because a client called")
    ]


def test_letters_at_the_covered_share_are_the_reason(place: Place, qtbot: QtBot) -> None:
    place.strip.open_for("MT5", 101)
    place.press(qtbot, Qt.Key.Key_C)
    place.strip.fields.covered.setValue(35)
    for letter in "a big flow":
        place.type(qtbot, letter)

    assert place.strip.wanted() == SetBook(login=101, book=Book.C, covered_percent=35)
    assert place.strip.fields.reason.text() == "a big flow"


def test_a_letter_with_ctrl_is_no_reason(place: Place, qtbot: QtBot) -> None:
    place.strip.open_for("MT5", 101)
    place.press(qtbot, Qt.Key.Key_A)
    place.strip.fields.books[Book.A].setFocus()
    qtbot.keyClick(place.strip.fields.books[Book.A], Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)

    assert place.strip.fields.reason.text() == ""
    assert place.strip.wanted() == SetBook(login=101, book=Book.A, covered_percent=100)


def test_c_asks_for_the_covered_share_first(place: Place, qtbot: QtBot) -> None:
    place.strip.open_for("MT5", 101)
    place.press(qtbot, Qt.Key.Key_C)

    assert place.window.focusWidget() is place.strip.fields.covered
    place.strip.fields.covered.setValue(35)
    assert place.strip.wanted() == SetBook(login=101, book=Book.C, covered_percent=35)
    assert "C with 35 % covered" in place.words("consequence")


def test_without_a_reason_enter_asks_nobody(place: Place, library: FakeLibrary, qtbot: QtBot) -> None:
    place.strip.open_for("MT5", 101)
    place.press(qtbot, Qt.Key.Key_A, Qt.Key.Key_Return)

    assert library.requests == []
    assert place.words("progress") == "Write the reason."


def test_who_must_approve_is_shown_before_asking(place: Place, library: FakeLibrary, qtbot: QtBot) -> None:
    library.needed = (Need(policy="p v1", words="100 lots open", approvals=1, roles=(Role.SUPERVISOR,)),)
    place.strip.open_for("MT5", 101)
    place.press(qtbot, Qt.Key.Key_A)

    assert place.words("approval") == "Needs approval: supervisor (100 lots open)"


def test_a_dead_bridge_refuses_with_its_sentence(place: Place) -> None:
    place.refusal = "MT5 does not answer since 09:59:00."

    assert place.strip.open_for("MT5", 101) == "MT5 does not answer since 09:59:00."
    assert not place.strip.isVisible()


def test_a_bridge_that_died_meanwhile_refuses_at_enter(place: Place, library: FakeLibrary, qtbot: QtBot) -> None:
    place.strip.open_for("MT5", 101)
    place.press(qtbot, Qt.Key.Key_A)
    place.type(qtbot, "why")
    place.refusal = "MT5 does not answer since 10:00:00."
    place.press(qtbot, Qt.Key.Key_Return)

    assert library.requests == []
    assert place.words("progress") == "MT5 does not answer since 10:00:00."


def test_an_unknown_account_is_refused(place: Place) -> None:
    assert place.strip.open_for("MT5", 999) == "There is no account MT5 999."


def test_a_refusal_is_struck_and_said_and_may_be_asked_anew(place: Place, library: FakeLibrary, qtbot: QtBot) -> None:
    library.answers = [Refused("A payments officer cannot ask for this"), command(CommandState.APPROVED)]
    place.strip.open_for("MT5", 101)
    place.press(qtbot, Qt.Key.Key_A)
    place.type(qtbot, "why")
    place.press(qtbot, Qt.Key.Key_Return)

    assert place.words("progress") == "✕ refused: A payments officer cannot ask for this"
    assert place.strip._labels["consequence"].font().strikeOut()

    place.press(qtbot, Qt.Key.Key_Return)
    assert library.requests[0][3] != library.requests[1][3]


def test_no_answer_is_no_failure_enter_asks_again_under_the_same_id(
    place: Place, library: FakeLibrary, qtbot: QtBot
) -> None:
    library.answers = [OSError("connection lost"), command(CommandState.APPROVED)]
    place.strip.open_for("MT5", 101)
    place.press(qtbot, Qt.Key.Key_A)
    place.type(qtbot, "why")
    place.press(qtbot, Qt.Key.Key_Return)
    assert place.words("progress").startswith("◌ no answer from the database (connection lost)")

    place.press(qtbot, Qt.Key.Key_Return)
    assert library.requests[0][3] == library.requests[1][3]
    assert place.words("progress") == "○ approved, on its way to the hub"


def test_it_follows_the_command_until_it_is_read_back(place: Place, library: FakeLibrary, qtbot: QtBot) -> None:
    library.answers = [command(CommandState.APPROVED)]
    place.strip.open_for("MT5", 101)
    place.press(qtbot, Qt.Key.Key_A)
    place.type(qtbot, "why")
    place.press(qtbot, Qt.Key.Key_Return)

    library.known = command(CommandState.CONFIRMED, settled_us=NOW_US)
    library.commands_changed.emit(("somebody else's",))
    assert place.words("progress") == "○ approved, on its way to the hub"
    library.commands_changed.emit(("dd1",))
    assert place.words("progress") == "● confirmed 10:00:00: read back from MT5"

    place.press(qtbot, Qt.Key.Key_Return)
    assert not place.strip.isVisible()


def test_a_command_under_way_is_shown_instead_of_asked_twice(place: Place, library: FakeLibrary, qtbot: QtBot) -> None:
    library.open_commands = {("MT5", 101): command(CommandState.DISPATCHED, requested_by="ana")}
    place.strip.open_for("MT5", 101)

    assert place.words("consequence") == "Set the book of MT5 101 from B to A · Ana: wins too much"
    assert place.words("progress") == "○ sent, not read back yet"
    place.press(qtbot, Qt.Key.Key_A, Qt.Key.Key_Return)
    assert library.requests == []


def test_escape_closes_and_what_was_asked_goes_on(place: Place, library: FakeLibrary, qtbot: QtBot) -> None:
    library.answers = [command(CommandState.APPROVED)]
    place.strip.open_for("MT5", 101)
    place.press(qtbot, Qt.Key.Key_A)
    place.type(qtbot, "why")
    place.press(qtbot, Qt.Key.Key_Return, Qt.Key.Key_Escape)

    assert not place.strip.isVisible()
    assert len(library.requests) == 1


def test_opened_for_another_account_nothing_of_the_first_remains(place: Place, qtbot: QtBot) -> None:
    place.strip.open_for("MT5", 101)
    place.press(qtbot, Qt.Key.Key_A)
    place.type(qtbot, "why")

    place.strip.open_for("MT5", 102)

    assert place.strip.wanted() is None
    assert place.strip.fields.reason.text() == ""
    assert place.words("heading") == "Set book · MT5 102 · Bo Berg"
    assert place.words("current") == "now A"


def test_the_book_it_has_already_changes_nothing_and_needs_nobody(
    place: Place, library: FakeLibrary, qtbot: QtBot
) -> None:
    place.strip.open_for("MT5", 101)
    place.press(qtbot, Qt.Key.Key_A)
    assert place.words("consequence") != ""

    place.strip.fields.choose(Book.B)

    assert place.words("consequence") == place.words("approval") == ""
    assert place.words("progress") == "The account is in book B already."


def test_once_read_back_the_strip_says_the_book_it_is_in_now(
    place: Place, library: FakeLibrary, qtbot: QtBot, state: LiveState
) -> None:
    library.answers = [command(CommandState.APPROVED)]
    place.strip.open_for("MT5", 101)
    before = place.words("current")
    place.press(qtbot, Qt.Key.Key_A)
    place.type(qtbot, "why")
    place.press(qtbot, Qt.Key.Key_Return)
    assert place.words("current") == before == "now B"

    state.load("MT5", [Routing(login=101, book=Book.A, covered_percent=100)], [9])
    library.known = command(CommandState.CONFIRMED, settled_us=NOW_US)
    library.commands_changed.emit(("dd1",))

    assert place.words("current") == "now A"


def test_a_lock_closes_the_strip_and_what_was_asked_goes_on(place: Place, library: FakeLibrary, qtbot: QtBot) -> None:
    waiting = command(CommandState.REQUESTED)
    library.answers = [waiting]
    place.strip.open_for("MT5", 101)
    place.press(qtbot, Qt.Key.Key_A)
    place.type(qtbot, "wins too much")
    place.press(qtbot, Qt.Key.Key_Return)

    place.window.setEnabled(False)
    place.window.setEnabled(True)
    assert (place.strip.isVisible(), place.strip.fields.reason.text()) == (False, "")

    library.open_commands["MT5", 101] = waiting
    place.strip.open_for("MT5", 101)
    assert place.words("progress") == "● asked, waits for approval"
    assert len(library.requests) == 1
