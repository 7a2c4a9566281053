"""The search field and its list, by keyboard alone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.desk.palette import Palette, SearchField
from dealerdesk.desk.search import Found, Index


class Place(QWidget):
    """A window with a field to search and another that has the focus before."""

    def __init__(self) -> None:
        super().__init__()
        self.field = SearchField()
        self.other = QLineEdit()
        column = QVBoxLayout(self)
        column.addWidget(self.field)
        column.addWidget(self.other)
        self.search = Palette(self, self.field)
        self.chosen: list[object] = []
        self.search.chosen.connect(self._take)
        self.search.set_indexes(
            [Index(Found("account", ("MT5", login), f"MT5 {login}", "Ada Abel") for login in (101, 102, 103))]
        )

    def _take(self, found: Found) -> None:
        self.chosen.append(found.key)


@pytest.fixture
def place(qtbot: QtBot) -> Place:
    made = Place()
    qtbot.addWidget(made)
    made.resize(800, 600)
    made.show()
    made.activateWindow()
    made.other.setFocus()
    made.search.open()
    return made


def test_typing_and_enter_takes_the_best(place: Place, qtbot: QtBot) -> None:
    qtbot.keyClicks(place.field, "102")
    qtbot.keyClick(place.field, Qt.Key.Key_Return)

    assert place.chosen == [("MT5", 102)]
    assert not place.search.is_open


def test_arrows_move_within_the_list_and_stop_at_its_ends(place: Place, qtbot: QtBot) -> None:
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return):
        qtbot.keyClick(place.field, key)

    assert place.chosen == [("MT5", 102)]


def test_escape_closes_without_choosing_and_gives_the_focus_back(place: Place, qtbot: QtBot) -> None:
    qtbot.keyClicks(place.field, "101")
    qtbot.keyClick(place.field, Qt.Key.Key_Escape)

    assert place.chosen == []
    assert not place.search.is_open
    assert place.focusWidget() is place.other
    assert place.field.text() == ""


def test_nothing_found_is_said_in_a_sentence_and_enter_does_nothing(place: Place, qtbot: QtBot) -> None:
    qtbot.keyClicks(place.field, "zzzz")
    assert place.search.found() == []

    qtbot.keyClick(place.field, Qt.Key.Key_Return)
    assert place.chosen == []


def test_a_new_index_is_searched_at_once_with_what_stands_there(place: Place, qtbot: QtBot) -> None:
    qtbot.keyClicks(place.field, "999")
    place.search.set_indexes([Index([Found("account", ("MT4", 999), "MT4 999")])])

    qtbot.keyClick(place.field, Qt.Key.Key_Return)
    assert place.chosen == [("MT4", 999)]


def test_the_list_is_painted(place: Place, qtbot: QtBot) -> None:
    qtbot.keyClicks(place.field, "mt5")

    assert not place.grab().isNull()


@pytest.mark.parametrize("width", [140, 220, 420])
def test_the_fields_key_is_never_cut_whatever_room_the_words_have(qtbot: QtBot, width: int) -> None:
    field = SearchField()
    qtbot.addWidget(field)
    field.resize(width, 22)
    field.show()

    metrics = field.fontMetrics()
    words = field.placeholderText()
    assert "Ctrl" not in words
    assert metrics.horizontalAdvance(words) + metrics.horizontalAdvance(field.key_words) < width
    assert not field.grab().isNull()
