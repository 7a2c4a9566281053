from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.desk.table.arrangement import Arrangement
from dealerdesk.desk.table.chooser import ColumnMenu
from table.samples import COLUMNS

BY_KEY = {column.key: column for column in COLUMNS}


def action(menu: ColumnMenu, text: str) -> QAction:
    return next(action for action in menu.actions() if action.text().startswith(text))


def test_columns_are_shown_and_hidden(outer: QWidget, qtbot: QtBot) -> None:
    arrangement = Arrangement.of(COLUMNS)
    menu = ColumnMenu(arrangement, BY_KEY, None, outer)
    with qtbot.waitSignal(menu.arranged):
        action(menu, "Book").trigger()
    assert arrangement.hidden == {"book"}
    action(menu, "Book").trigger()
    assert arrangement.hidden == set()


def test_the_column_under_the_pointer_is_pinned_or_hidden(outer: QWidget) -> None:
    arrangement = Arrangement.of(COLUMNS)
    menu = ColumnMenu(arrangement, BY_KEY, "net", outer)
    action(menu, "Pin Net to the left").trigger()
    action(menu, "Hide Net").trigger()

    assert arrangement.frozen == {"symbol", "net"}
    assert arrangement.hidden == {"net"}


def test_want_of_room_may_be_met_by_scrolling(outer: QWidget) -> None:
    arrangement = Arrangement.of(COLUMNS)
    action(ColumnMenu(arrangement, BY_KEY, None, outer), "Scroll sideways").trigger()

    assert arrangement.sideways


def test_the_last_column_cannot_be_hidden(outer: QWidget) -> None:
    arrangement = Arrangement.of(COLUMNS)
    arrangement.hidden = {column.key for column in COLUMNS[1:]}
    menu = ColumnMenu(arrangement, BY_KEY, "symbol", outer)

    assert not action(menu, "Symbol").isEnabled()
    assert not [one for one in menu.actions() if one.text().startswith("Hide")]


def test_filters_and_the_way_back_are_asked_for(outer: QWidget, qtbot: QtBot) -> None:
    menu = ColumnMenu(Arrangement.of(COLUMNS), BY_KEY, None, outer)
    with qtbot.waitSignal(menu.filter_asked) as filtered:
        action(menu, "Filter").trigger()
    with qtbot.waitSignal(menu.reset_asked) as reset:
        action(menu, "Columns as delivered").trigger()

    assert filtered.signal_triggered
    assert reset.signal_triggered
