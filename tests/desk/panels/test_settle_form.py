from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.commands.bodies import Outcome, SettleUnknown
from dealerdesk.commands.records import CommandState
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.settle_form import SettleForm

from .small_broker import FakeLibrary, command


@pytest.fixture
def form(outer: QWidget, desk: Desk) -> SettleForm:
    made = SettleForm(desk, outer)
    QVBoxLayout(outer).addWidget(made)
    outer.show()
    made.open_for(command(1, CommandState.UNKNOWN), "Move 101")
    return made


def test_nothing_is_chosen_beforehand_and_nothing_asked_without_evidence(
    form: SettleForm, library: FakeLibrary, qtbot: QtBot
) -> None:
    assert form.what.text() == "Settle: Move 101"
    assert not any(button.isChecked() for button in form.outcomes.values())

    form.outcomes[Outcome.CONFIRMED].setChecked(True)
    qtbot.keyClick(form.line, Qt.Key.Key_Return)
    assert form.answer.text() == "Write what you found, and where: a supervisor decides by it."
    assert library.requests == []


def test_it_asks_with_what_was_found(form: SettleForm, library: FakeLibrary, qtbot: QtBot) -> None:
    form.outcomes[Outcome.CONFIRMED].setChecked(True)
    qtbot.keyClicks(form.line, "ticket 77")
    qtbot.keyClick(form.line, Qt.Key.Key_Return)

    wanted = SettleUnknown(command_id="dd1", outcome=Outcome.CONFIRMED, evidence="ticket 77")
    assert library.requests == [("MT5", wanted, "ticket 77")]


def test_opened_for_another_command_it_forgets_the_one_before(form: SettleForm) -> None:
    form.outcomes[Outcome.FAILED].setChecked(True)
    form.line.setText("old")
    form.open_for(command(2, CommandState.UNKNOWN), "Move 102")

    assert form.line.text() == ""
    assert not any(button.isChecked() for button in form.outcomes.values())
