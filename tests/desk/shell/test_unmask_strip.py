"""The strip that opens one field of a client, by keyboard."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.bridges.protocol import Delta
from dealerdesk.commands.fields import PersonalField
from dealerdesk.commands.records import Refused
from dealerdesk.desk.unmask_strip import SHOWN_S, UnmaskStrip
from dealerdesk.live.state import LiveState
from dealerdesk.trading import Account


class OpeningLibrary(QObject):
    """Opens every field as «secret»; raises `trouble` instead where a test sets one."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[int, PersonalField, str]] = []
        self.trouble: Exception | None = None

    async def unmask(self, client_id: int, field: PersonalField, reason: str) -> str:
        self.asked.append((client_id, field, reason))
        if self.trouble is not None:
            raise self.trouble
        return "secret\u202e words"


def run(work: Coroutine[object, object, None]) -> None:
    with pytest.raises(StopIteration):
        work.send(None)


@pytest.fixture
def library() -> OpeningLibrary:
    return OpeningLibrary()


@pytest.fixture
def strip(outer: QWidget, qtbot: QtBot, library: OpeningLibrary) -> Iterator[Callable[[str], UnmaskStrip]]:
    state = LiveState()
    holding = Account(login=101, client_id=7, group="g", currency="USD", leverage=1, balance=0, credit=0, opened_us=0)
    state.apply("MT5", Delta(1, 1, 1, holding))
    QVBoxLayout(outer).addWidget(QLineEdit())
    outer.resize(900, 500)
    outer.show()
    outer.activateWindow()
    qtbot.waitUntil(outer.isActiveWindow)
    made: list[UnmaskStrip] = []

    def make(role: str) -> UnmaskStrip:
        made.append(UnmaskStrip(outer, state, library, role, run))  # type: ignore[arg-type]
        return made[0]

    yield make
    for one in made:
        one.leave()


def test_a_head_dealer_gives_a_reason_and_sees_the_name_for_half_a_minute(
    strip: Callable[[str], UnmaskStrip], qtbot: QtBot, library: OpeningLibrary
) -> None:
    made = strip("head_dealer")
    assert made.open_for("MT5", 101) == ""
    assert made.heading.text() == "Unmask · client 7 · MT5 101"
    assert made.reason.hasFocus()
    qtbot.keyClick(made.reason, Qt.Key.Key_Return)
    assert library.asked == []
    assert made.answer.text() == "Write the reason first: it goes on record with your name."

    qtbot.keyClicks(made.reason, "margin call")
    qtbot.keyClick(made.reason, Qt.Key.Key_Return)
    assert library.asked == [(7, PersonalField.NAME, "margin call")]
    assert made.value.text() == "secret words"
    assert made.answer.text() == "On record. It is hidden in 30 s; Esc hides it now."

    for _ in range(SHOWN_S):
        made.tick()
    assert made.value.text() == ""
    assert made.answer.text().startswith("Hidden again.")


def test_escape_hides_the_value_at_once(strip: Callable[[str], UnmaskStrip], qtbot: QtBot) -> None:
    made = strip("head_dealer")
    made.open_for("MT5", 101)
    qtbot.keyClicks(made.reason, "margin call")
    qtbot.keyClick(made.reason, Qt.Key.Key_Return)
    qtbot.keyClick(made.reason, Qt.Key.Key_Escape)

    assert not made.isVisible()
    assert made.value.text() == ""


def test_a_clerk_opens_an_address_without_saying_why(
    strip: Callable[[str], UnmaskStrip], qtbot: QtBot, library: OpeningLibrary
) -> None:
    made = strip("back_office")
    made.open_for("MT5", 101)
    assert [made.field.itemText(place) for place in range(made.field.count())] == ["Address", "Email", "Phone"]
    qtbot.keyClick(made.reason, Qt.Key.Key_Return)

    assert library.asked == [(7, PersonalField.ADDRESS, "")]


def test_another_field_hides_the_one_before(strip: Callable[[str], UnmaskStrip], qtbot: QtBot) -> None:
    made = strip("compliance")
    made.open_for("MT5", 101)
    qtbot.keyClicks(made.reason, "review")
    qtbot.keyClick(made.reason, Qt.Key.Key_Return)
    made.field.setCurrentIndex(made.field.findData("tax_id"))

    assert made.value.text() == ""


def test_a_refusal_is_shown_in_its_own_words(
    strip: Callable[[str], UnmaskStrip], qtbot: QtBot, library: OpeningLibrary
) -> None:
    library.trouble = Refused("Client 7 is not yours to look at")
    made = strip("supervisor")
    made.open_for("MT5", 101)
    qtbot.keyClicks(made.reason, "complaint")
    qtbot.keyClick(made.reason, Qt.Key.Key_Return)

    assert made.answer.text() == "✕ not opened, and on record: Client 7 is not yours to look at"
    assert made.value.text() == ""


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        ("dealer", "A dealer opens no field of a client."),
        ("administrator", "An administrator opens no field of a client."),
        ("auditor", "An auditor opens no field of a client."),
    ],
)
def test_who_may_open_nothing_is_told_so(strip: Callable[[str], UnmaskStrip], role: str, sentence: str) -> None:
    assert strip(role).open_for("MT5", 101) == sentence


def test_an_account_that_is_not_there_is_said_to_be_so(strip: Callable[[str], UnmaskStrip]) -> None:
    assert strip("supervisor").open_for("MT5", 999) == "There is no account MT5 999."


def test_a_locked_desk_shows_nothing_that_was_opened(strip: Callable[[str], UnmaskStrip], qtbot: QtBot) -> None:
    made = strip("head_dealer")
    made.open_for("MT5", 101)
    qtbot.keyClicks(made.reason, "margin call")
    qtbot.keyClick(made.reason, Qt.Key.Key_Return)
    made.setEnabled(False)
    made.setEnabled(True)

    assert not made.isVisible()
    assert made.value.text() == ""
