"""The fields over the audit log, by keyboard."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.commands.audit_query import AuditQuery
from dealerdesk.desk.panels.audit_bar import AuditBar

from .small_broker import NOW_US


@pytest.fixture
def bar(outer: QWidget, qtbot: QtBot) -> AuditBar:
    made = AuditBar(lambda: NOW_US, outer)
    QVBoxLayout(outer).addWidget(made)
    outer.show()
    outer.activateWindow()
    qtbot.waitUntil(outer.isActiveWindow)
    return made


def test_enter_asks_for_what_is_typed(bar: AuditBar, qtbot: QtBot) -> None:
    bar.focus()
    qtbot.keyClicks(bar.fields["actor"], "dana")
    with qtbot.waitSignal(bar.asked) as asked:
        qtbot.keyClick(bar.fields["actor"], Qt.Key.Key_Return)

    assert asked.args == [AuditQuery(actor="dana")]


def test_what_cannot_be_asked_is_said_and_asks_nothing(bar: AuditBar, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(bar.asked):
        qtbot.keyClicks(bar.fields["client"], "Ada")
        qtbot.keyClick(bar.fields["client"], Qt.Key.Key_Return)

    assert bar.answer.text() == "Ada is no client's number: type digits such as 20013."


def test_escape_asks_for_everything_again(bar: AuditBar, qtbot: QtBot) -> None:
    bar.follow(AuditQuery(client_id=7))
    assert bar.fields["client"].text() == "7"
    assert bar.answer.text() == "The history of client 7, newest first. Esc shows everything again."

    bar.focus()
    with qtbot.waitSignal(bar.asked) as asked:
        qtbot.keyClick(bar.fields["actor"], Qt.Key.Key_Escape)
    assert asked.args == [AuditQuery()]
    assert bar.fields["client"].text() == ""
