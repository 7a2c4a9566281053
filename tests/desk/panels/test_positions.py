from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.positions import PositionsPanel

from .small_broker import NOW_US, Spoken


def shown(panel: PositionsPanel) -> set[Any]:
    rows = panel.positions.rows
    return {rows.key(row) for row in panel.positions.table.visible_order().tolist()}


def test_all_positions_are_shown_at_first(show: Any) -> None:
    panel = show(PositionsPanel)

    assert shown(panel) == {("MT5", 9001), ("MT5", 9002), ("MT5", 9003), ("cTrader", 1)}
    assert panel.header.facts.text() == "4 open · foot in USD"


def test_told_to_it_follows_the_account_in_view(show: Any, desk: Desk, qtbot: QtBot) -> None:
    panel = show(PositionsPanel)
    qtbot.keyClick(panel.positions.table, Qt.Key.Key_2)
    desk.selection.select_account("MT5", 101)

    assert shown(panel) == {("MT5", 9001), ("MT5", 9002)}
    assert panel.header.title.text() == "Positions · MT5 101"

    desk.selection.select_account("MT5", 102)
    assert shown(panel) == {("MT5", 9003)}


def test_told_to_it_follows_the_symbol_in_view(show: Any, desk: Desk, qtbot: QtBot) -> None:
    panel = show(PositionsPanel)
    qtbot.keyClick(panel.positions.table, Qt.Key.Key_3)
    desk.selection.select_symbol("MT5", "EURUSD")

    assert shown(panel) == {("MT5", 9001), ("MT5", 9003)}
    assert panel.header.title.text() == "Positions · EURUSD on MT5"


def test_a_selection_made_while_it_was_hidden_shows_at_the_next_beat(show: Any, desk: Desk) -> None:
    panel = show(PositionsPanel)
    panel.follow.choose("account")
    panel.hide()
    desk.selection.select_account("MT5", 102)
    panel.show()
    panel.beat(desk.frame())

    assert shown(panel) == {("MT5", 9003)}


def test_enter_on_a_position_opens_its_account(show: Any, desk: Desk, qtbot: QtBot, spoken: Spoken) -> None:
    panel = show(PositionsPanel)
    panel.positions.table.select_key(("MT5", 9003))
    qtbot.keyClick(panel.positions.table, Qt.Key.Key_Return)

    assert desk.selection.account == ("MT5", 102)
    assert spoken.opened == ["account"]


def test_a_stale_server_is_named_with_the_time_of_its_last_figures(show: Any, desk: Desk) -> None:
    panel = show(PositionsPanel)
    desk.state.set_stale("MT5", NOW_US)
    panel.beat(desk.frame())

    assert " · MT5 as of " in panel.header.facts.text()
