from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.commands.inbox import Item, items
from dealerdesk.desk.panels.decision_strip import DecisionStrip, Verb

from .small_broker import command


@pytest.fixture
def strip(outer: QWidget, qtbot: QtBot) -> DecisionStrip:
    made = DecisionStrip(outer)
    QVBoxLayout(outer).addWidget(made)
    outer.show()
    outer.activateWindow()
    qtbot.waitUntil(outer.isActiveWindow)
    return made


def note_focus(way: list[QWidget], _before: QWidget, now: QWidget) -> None:
    way.append(now)


def asked() -> Item:
    """dana's wish, as a line of the inbox."""
    return items([command()])[0]


def test_it_shows_what_would_be_done_and_takes_the_focus(strip: DecisionStrip) -> None:
    assert not strip.isVisible()
    strip.ask(Verb.APPROVE, asked(), "Move 101 on MT5 from B to A")

    assert strip.what.text() == "Approve: Move 101 on MT5 from B to A"
    assert strip.words.hasFocus()


def test_enter_decides_what_was_seen(strip: DecisionStrip, qtbot: QtBot) -> None:
    item = asked()
    strip.ask(Verb.APPROVE, item, "Move 101")
    with qtbot.waitSignal(strip.decided) as decided:
        qtbot.keyClick(strip.words, Qt.Key.Key_Return)

    assert decided.args == [Verb.APPROVE, item, ""]
    assert not strip.isVisible()


def test_nobody_refuses_without_a_reason(strip: DecisionStrip, qtbot: QtBot) -> None:
    strip.ask(Verb.REFUSE, asked(), "Move 101")
    with qtbot.assertNotEmitted(strip.decided):
        qtbot.keyClick(strip.words, Qt.Key.Key_Return)
    assert strip.words.placeholderText() == "Write the reason first, then Enter refuses · Esc leaves"

    qtbot.keyClicks(strip.words, " too early ")
    with qtbot.waitSignal(strip.decided) as decided:
        qtbot.keyClick(strip.words, Qt.Key.Key_Return)
    assert decided.args is not None
    assert decided.args[2] == "too early"


def test_escape_leaves_without_deciding(strip: DecisionStrip, qtbot: QtBot) -> None:
    strip.ask(Verb.WITHDRAW, asked(), "Move 101")
    with qtbot.assertNotEmitted(strip.decided), qtbot.waitSignal(strip.left):
        qtbot.keyClick(strip.words, Qt.Key.Key_Escape)

    assert not strip.isVisible()


def test_the_focus_goes_back_to_where_it_is_sent_and_nowhere_between(
    strip: DecisionStrip, outer: QWidget, qtbot: QtBot, qapp: QApplication
) -> None:
    rows, bystander, table = outer.layout(), QLineEdit(outer), QLineEdit(outer)
    assert rows is not None
    for line in (bystander, table):
        rows.addWidget(line)
        line.show()
    strip.left.connect(table.setFocus)
    strip.ask(Verb.APPROVE, asked(), "Move 101")

    way: list[QWidget] = []
    note = partial(note_focus, way)
    qapp.focusChanged.connect(note)
    qtbot.keyClick(strip.words, Qt.Key.Key_Escape)
    qapp.focusChanged.disconnect(note)

    assert way == [table]


def test_text_from_outside_stays_plain(strip: DecisionStrip) -> None:
    strip.ask(Verb.APPROVE, asked(), "Take on <b>x</b>\nnow")

    assert strip.what.textFormat() == Qt.TextFormat.PlainText
    assert strip.what.text() == "Approve: Take on <b>x</b> now"
