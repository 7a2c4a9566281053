"""The sheet of keys."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QLabel, QWidget
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


def test_no_heading_stands_without_its_keys_and_none_stands_twice(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)

    sheet = KeySheet(all_actions(PANELS), window)

    grid = sheet.layout()
    assert isinstance(grid, QGridLayout)
    headings = [label for label in sheet.findChildren(QLabel) if label.property("role") == "title"]
    assert sorted(label.text() for label in headings) == sorted({a.menu for a in all_actions(PANELS) if a.key})
    at = {
        grid.getItemPosition(grid.indexOf(label))[:2]: label  # type: ignore[index]
        for label in sheet.findChildren(QLabel)
    }
    for (row, column), label in at.items():
        if label in headings:
            assert at[row + 1, column].property("role") == "key"


def test_the_sheet_fits_the_smallest_screen(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)

    wanted = KeySheet(all_actions(PANELS), window).sizeHint()

    assert wanted.width() <= 1_366
    assert wanted.height() <= 700
