"""The form for the first two people."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from dealerdesk.desk import theme
from dealerdesk.desk.first_people import FirstPeople

WORDS = {
    "first_id": "adam",
    "first_name": "Adam Kowalski",
    "first_password": "correct horse 1",
    "first_again": "correct horse 1",
    "second_id": "carol",
    "second_name": "Carol Ferreira",
    "second_password": "battery staple 2",
    "second_again": "battery staple 2",
}


@pytest.fixture
def form(qtbot: QtBot, dark: theme.Theme) -> FirstPeople:
    made = FirstPeople()
    qtbot.addWidget(made)
    for name, words in WORDS.items():
        made.fields[name].setText(words)
    return made


def asked_by(form: FirstPeople) -> list[Any]:
    asked: list[Any] = []
    form.found_asked.connect(lambda *people: asked.append(people))
    return asked


def test_two_people_with_their_passwords_are_asked_for(form: FirstPeople, qtbot: QtBot) -> None:
    asked = asked_by(form)
    qtbot.mouseClick(form.button, Qt.MouseButton.LeftButton)

    (administrator, supervisor) = asked[0]
    assert administrator[:2] == ("adam", "Adam Kowalski")
    assert supervisor[2].read() == "battery staple 2"
    assert "staple" not in repr(supervisor)


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("first_id", " ", "The administrator needs a short name."),
        ("second_password", "", "The supervisor needs a password."),
        ("second_again", "battery staple 3", "The supervisor's two passwords are not the same."),
        ("second_id", "adam", "They must be two people: two short names."),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_asked(
    form: FirstPeople, qtbot: QtBot, field: str, typed: str, sentence: str
) -> None:
    asked = asked_by(form)
    form.fields[field].setText(typed)
    qtbot.mouseClick(form.button, Qt.MouseButton.LeftButton)

    assert form.trouble.text() == sentence
    assert asked == []


def test_enter_goes_to_the_next_empty_field(form: FirstPeople, qtbot: QtBot) -> None:
    form.show()
    form.fields["second_name"].clear()
    qtbot.keyClick(form.fields["first_id"], Qt.Key.Key_Return)

    assert form.focusWidget() is form.fields["second_name"]
