"""What every strip does in which something is typed: Enter asks, Esc leaves, nothing outlasts a lock."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.desk.asking_strip import AskingStrip


class OneField(AskingStrip):
    """A strip with one field."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, 300)
        self.asked: list[str] = []
        self.field = QLineEdit()
        QVBoxLayout(self).addWidget(self.field)

    def ask(self) -> None:
        self.asked.append(self.field.text())

    def forget(self) -> None:
        self.field.clear()


@pytest.fixture
def behind(outer: QWidget, qtbot: QtBot) -> QLineEdit:
    """A field of the window, where the keys are."""
    made = QLineEdit()
    QVBoxLayout(outer).addWidget(made)
    outer.resize(900, 500)
    outer.show()
    outer.activateWindow()
    qtbot.waitUntil(outer.isActiveWindow)
    made.setFocus()
    return made


@pytest.fixture
def strip(outer: QWidget, behind: QLineEdit, qtbot: QtBot) -> OneField:
    made = OneField(outer)
    assert not made.isVisible()
    made.come_up(made.field)
    assert made.field.hasFocus()
    qtbot.keyClicks(made.field, "secret")
    return made


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_asks_and_leaves_the_strip_open(strip: OneField, qtbot: QtBot, key: Qt.Key) -> None:
    qtbot.keyClick(strip.field, key)

    assert strip.asked == ["secret"]
    assert strip.isVisible()


def test_escape_takes_away_what_was_typed_and_gives_the_keys_back(
    strip: OneField, behind: QLineEdit, qtbot: QtBot
) -> None:
    qtbot.keyClick(strip.field, Qt.Key.Key_Escape)

    assert (strip.field.text(), strip.isVisible(), strip.asked) == ("", False, [])
    assert behind.hasFocus()


def test_brought_up_twice_it_still_knows_where_the_keys_were(strip: OneField, behind: QLineEdit, qtbot: QtBot) -> None:
    strip.come_up(strip.field)
    qtbot.keyClick(strip.field, Qt.Key.Key_Escape)

    assert behind.hasFocus()


def test_nothing_that_was_typed_outlasts_a_lock(strip: OneField) -> None:
    strip.setEnabled(False)
    strip.setEnabled(True)

    assert (strip.field.text(), strip.isVisible()) == ("", False)
