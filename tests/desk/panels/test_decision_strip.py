from __future__ import annotations

from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

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


def test_it_shows_what_would_be_done_and_who_asks_why(strip: DecisionStrip) -> None:
    assert not strip.isVisible()
    strip.ask(Verb.APPROVE, command())

    assert strip.what.text() == "Approve: Move 101 on MT5 from B to A"
    assert strip.why.text() == "dana asks: wins too much · 50 lots or more"
    assert strip.words.hasFocus()


def test_enter_decides_with_the_record_that_was_seen(strip: DecisionStrip, qtbot: QtBot) -> None:
    record = command()
    strip.ask(Verb.APPROVE, record)
    with qtbot.waitSignal(strip.decided) as decided:
        qtbot.keyClick(strip.words, Qt.Key.Key_Return)

    assert decided.args == [Verb.APPROVE, record, ""]
    assert not strip.isVisible()


def test_nobody_refuses_without_a_reason(strip: DecisionStrip, qtbot: QtBot) -> None:
    strip.ask(Verb.REFUSE, command())
    with qtbot.assertNotEmitted(strip.decided):
        qtbot.keyClick(strip.words, Qt.Key.Key_Return)
    assert strip.words.placeholderText() == "Write the reason first, then Enter refuses · Esc leaves"

    qtbot.keyClicks(strip.words, " too early ")
    with qtbot.waitSignal(strip.decided) as decided:
        qtbot.keyClick(strip.words, Qt.Key.Key_Return)
    assert decided.args is not None
    assert decided.args[2] == "too early"


def test_escape_leaves_without_deciding(strip: DecisionStrip, qtbot: QtBot) -> None:
    strip.ask(Verb.WITHDRAW, command())
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
    strip.ask(Verb.APPROVE, command())

    way: list[QWidget] = []
    note = partial(note_focus, way)
    qapp.focusChanged.connect(note)
    qtbot.keyClick(strip.words, Qt.Key.Key_Escape)
    qapp.focusChanged.disconnect(note)

    assert way == [table]


def test_text_from_outside_stays_plain(strip: DecisionStrip) -> None:
    strip.ask(Verb.APPROVE, command(reason="<b>now</b>\nplease"))

    assert strip.why.textFormat() == Qt.TextFormat.PlainText
    assert "<b>now</b> please" in strip.why.text()
