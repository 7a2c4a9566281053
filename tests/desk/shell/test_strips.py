"""Each strip opens when the selection asks for it, or the status line says why it does not."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.commands.roles import Role
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.strips import Strips
from dealerdesk.desk.window import DeskWindow


def in_view(window: DeskWindow, name: str) -> bool:
    strip = window.findChild(QWidget, name)
    return strip is not None and not strip.isHidden()


def test_the_strip_that_was_asked_for_opens_and_no_other(window: DeskWindow, desk: Desk, qtbot: QtBot) -> None:
    Strips(window, replace(desk, role=Role.BACK_OFFICE.value))

    desk.selection.ask_request("MT5", 101)
    assert [in_view(window, name) for name in ("request", "set-books", "unmask")] == [True, False, False]


def test_why_a_strip_does_not_open_is_said_in_the_status_line(window: DeskWindow, desk: Desk, qtbot: QtBot) -> None:
    Strips(window, replace(desk, role=Role.AUDITOR.value, notify=window.notify))

    desk.selection.ask_request("MT5", 101)
    desk.selection.ask_unmask("MT5", 101)
    assert not in_view(window, "request")
    assert not in_view(window, "unmask")
    assert window.status.said


def test_several_accounts_open_the_strip_of_books(window: DeskWindow, desk: Desk, qtbot: QtBot) -> None:
    Strips(window, desk)

    desk.selection.ask_books([("MT5", 101), ("MT5", 102)])
    assert in_view(window, "set-books")
