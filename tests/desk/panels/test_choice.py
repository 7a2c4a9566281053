from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.desk.panels.choice import Choice, Option

OPTIONS = (Option("a", "apples", "1"), Option("b", "pears", "2"), Option("c", "plums", ""))


@pytest.fixture
def choice(qtbot: QtBot, outer: QWidget) -> Choice:
    made = Choice(outer, "fruit", OPTIONS, "Fruit")
    QVBoxLayout(outer).addWidget(made)
    outer.show()
    made.setFocus()
    return made


def test_the_first_option_is_chosen_at_first(choice: Choice) -> None:
    assert choice.value == "a"
    assert choice.text() == "apples"
    assert choice.accessibleName() == "Fruit: apples"


def test_a_digit_key_chooses_and_says_so_once(choice: Choice, qtbot: QtBot) -> None:
    with qtbot.waitSignal(choice.chosen) as said:
        qtbot.keyClick(choice, Qt.Key.Key_2)

    assert said.args == ["b"]
    assert choice.text() == "pears"


def test_choosing_what_is_chosen_says_nothing(choice: Choice, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(choice.chosen):
        choice.choose("a")
    with pytest.raises(KeyError):
        choice.choose("nosuch")


def test_next_goes_round(choice: Choice) -> None:
    chosen: list[str] = []
    choice.chosen.connect(chosen.append)
    for _ in range(4):
        choice.next()

    assert chosen == ["b", "c", "a", "b"]


def test_it_is_wide_enough_for_its_words(choice: Choice) -> None:
    narrow = choice.sizeHint().width()
    choice.choose("b")
    assert choice.sizeHint().width() != narrow
    assert not choice.grab().isNull()
