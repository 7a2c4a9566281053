"""The sheet of keys."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.desk.actions import all_actions, key_text
from dealerdesk.desk.keysheet import KeySheet
from dealerdesk.desk.panels import PANELS


def test_every_key_of_the_table_is_on_the_sheet_and_nothing_is_blocked(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)

    sheet = KeySheet(all_actions(PANELS), window)

    texts = [label.text() for label in sheet.findChildren(QLabel)]
    for action in all_actions(PANELS):
        if action.key:
            assert key_text(action.key) in texts
            assert action.title in texts
    assert not sheet.isModal()
