"""Caps Lock is read off the letters."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.desk.caps_lock import WORDS, CapsLockHint

NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.mark.parametrize(
    ("letter", "modifier", "expected"),
    [("a", NONE, ""), ("A", SHIFT, ""), ("A", NONE, WORDS), ("a", SHIFT, WORDS), ("1", NONE, ""), ("-", SHIFT, "")],
)
def test_a_letter_in_the_wrong_case_gives_it_away(
    outer: QWidget, qtbot: QtBot, letter: str, modifier: Qt.KeyboardModifier, expected: str
) -> None:
    field, label = QLineEdit(outer), QLabel(outer)
    hint = CapsLockHint(field, label)
    QApplication.sendEvent(field, QKeyEvent(QEvent.Type.KeyPress, ord(letter.upper()[0]), modifier, letter))

    assert label.text() == expected
    assert hint.parent() is field
