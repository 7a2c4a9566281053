"""What every small form does: Enter asks, Esc leaves, what came back stays in sight."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.commands.inbox import Person
from dealerdesk.commands.inbox_queries import Inbox
from dealerdesk.commands.records import Refused
from dealerdesk.commands.roles import Role
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.cover_form import CoverForm

from .small_broker import PEOPLE, FakeLibrary


@pytest.fixture
def form(outer: QWidget, desk: Desk) -> CoverForm:
    made = CoverForm(desk, outer)
    QVBoxLayout(outer).addWidget(made)
    outer.show()
    return made


def inbox_of(who: str, role: Role) -> Inbox:
    return Inbox(Person(who, PEOPLE.get(who, (who, role))[0], role), (), (), dict(PEOPLE))


def test_a_refusal_stays_in_the_form_and_no_answer_asks_again_under_the_same_id(
    form: CoverForm, library: FakeLibrary, qtbot: QtBot
) -> None:
    form.open_for(inbox_of("ben", Role.PAYMENTS))
    qtbot.keyClicks(form.line, "leave")
    library.trouble = Refused("An absence ends after it begins, within a year")
    qtbot.keyClick(form.line, Qt.Key.Key_Return)
    assert form.answer.text() == "✕ refused: An absence ends after it begins, within a year"

    library.trouble = ConnectionError("locked")
    qtbot.keyClick(form.line, Qt.Key.Key_Return)
    first = form._id
    assert form.answer.text() == "◌ no answer from the database (locked); Enter asks again"
    library.trouble = None
    qtbot.keyClick(form.line, Qt.Key.Key_Return)
    assert form._id == first
    assert len(library.requests) == 1


def test_escape_leaves_without_asking(form: CoverForm, library: FakeLibrary, qtbot: QtBot) -> None:
    form.open_for(inbox_of("ben", Role.PAYMENTS))
    form.activateWindow()
    qtbot.waitUntil(form.isActiveWindow)
    with qtbot.waitSignal(form.left):
        qtbot.keyClick(form.line, Qt.Key.Key_Escape)

    assert library.requests == []
    assert form.isHidden()


def test_enter_asks_from_every_field_and_goes_to_what_is_missing(
    form: CoverForm, library: FakeLibrary, qtbot: QtBot
) -> None:
    form.open_for(inbox_of("ben", Role.PAYMENTS))
    form.activateWindow()
    qtbot.waitUntil(form.isActiveWindow)
    for field in (form.cover, form.begins, form.ends):
        field.setFocus()
        qtbot.keyClick(field, Qt.Key.Key_Return)
        assert form.answer.text() == "Write the reason."
        assert form.line.hasFocus()
    form.line.setText("leave")
    form.cover.setFocus()

    qtbot.keyClick(form.cover, Qt.Key.Key_Return)

    assert len(library.requests) == 1
