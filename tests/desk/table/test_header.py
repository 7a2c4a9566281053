from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.desk.table.arrangement import Arrangement
from dealerdesk.desk.table.header import Header
from dealerdesk.desk.theme import HEADER_PX
from table.samples import COLUMNS

LEFT = Qt.MouseButton.LeftButton
LEAST = {column.key: 100 for column in COLUMNS}


@pytest.fixture
def header(outer: QWidget) -> Header:
    header = Header(outer)
    header.resize(600, HEADER_PX)
    placement = Arrangement.of(COLUMNS).place({column.key: column for column in COLUMNS}, LEAST, 600)
    header.show_placement(placement, 0, [("net", True), ("book", False)], frozenset({"level"}))
    outer.show()
    return header


def test_a_click_asks_for_a_sort_and_shift_adds_to_it(header: Header, qtbot: QtBot) -> None:
    with qtbot.waitSignal(header.sort_clicked) as clicked:
        qtbot.mouseClick(header, LEFT, pos=QPoint(150, 8))
    assert clicked.args == ["net", False]
    with qtbot.waitSignal(header.sort_clicked) as clicked:
        qtbot.mouseClick(header, LEFT, Qt.KeyboardModifier.ShiftModifier, QPoint(250, 8))
    assert clicked.args == ["book", True]


def test_dragging_an_edge_resizes(header: Header, qtbot: QtBot) -> None:
    asked: list[tuple[str, int]] = []
    header.resized.connect(lambda key, width: asked.append((key, width)))
    qtbot.mousePress(header, LEFT, pos=QPoint(199, 8))
    qtbot.mouseMove(header, QPoint(240, 8))
    qtbot.mouseRelease(header, LEFT, pos=QPoint(240, 8))
    qtbot.mouseDClick(header, LEFT, pos=QPoint(200, 8))

    assert asked == [("net", 140), ("net", 0)]


def test_dragging_a_heading_moves_its_column(header: Header, qtbot: QtBot) -> None:
    moves: list[tuple[str, str | None]] = []
    header.moved.connect(lambda key, before: moves.append((key, before)))
    for end in (320, 590):
        qtbot.mousePress(header, LEFT, pos=QPoint(150, 8))
        qtbot.mouseMove(header, QPoint(end, 8))
        header.grab()
        qtbot.mouseRelease(header, LEFT, pos=QPoint(end, 8))

    assert moves == [("net", "level"), ("net", None)]


def test_a_right_click_asks_for_the_menu_of_its_column(header: Header, qtbot: QtBot) -> None:
    with qtbot.waitSignal(header.menu_asked) as asked:
        reason = QContextMenuEvent.Reason.Mouse
        QApplication.sendEvent(header, QContextMenuEvent(reason, QPoint(250, 8), QPoint(7, 7)))

    assert asked.args == ["book", QPoint(7, 7)]


def test_a_heading_is_found_under_the_pinned_ones_when_scrolled(header: Header) -> None:
    placement = Arrangement.of(COLUMNS).place({column.key: column for column in COLUMNS}, LEAST, 600)
    header.show_placement(placement, 150, [], frozenset())

    assert getattr(header.placed_at(50), "column", None) is COLUMNS[0]
    assert getattr(header.placed_at(120), "column", None) is COLUMNS[2]
    assert header.placed_at(590) is None


def test_sorted_and_filtered_headings_are_marked(header: Header) -> None:
    marked = header.grab().toImage()
    placement = Arrangement.of(COLUMNS).place({column.key: column for column in COLUMNS}, LEAST, 600)
    header.show_placement(placement, 0, [], frozenset())

    assert header.grab().toImage() != marked
