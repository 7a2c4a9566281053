"""The margin watch: by distance, by level, who is called, and who crossed a level."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.margin_watch import MarginWatchPanel

from .small_broker import Spoken


def shown(panel: MarginWatchPanel) -> list[Any]:
    return [panel.rows.key(row) for row in panel.table.visible_order().tolist()]


def cell(panel: MarginWatchPanel, key: tuple[str, int], column: str) -> Any:
    row = panel.rows.row_of(key)
    values = panel.rows.column(column)
    return list(values)[row] if isinstance(values, list) else values[row]  # type: ignore[index]


def test_the_account_that_the_smallest_move_would_end_stands_first(show: Any) -> None:
    panel = show(MarginWatchPanel)

    assert shown(panel)[0] == ("cTrader", 201)
    assert panel.header.facts.text() == "3 accounts with margin"


def test_what_would_be_closed_first_is_named_for_accounts_that_are_near(show: Any) -> None:
    panel = show(MarginWatchPanel)

    assert cell(panel, ("cTrader", 201), "first") == "buy 1.00 EURUSD.c #1"
    assert cell(panel, ("MT5", 101), "first") == ""


def test_one_key_shows_who_is_called(show: Any, qtbot: QtBot) -> None:
    panel = show(MarginWatchPanel)
    qtbot.keyClick(panel.table, Qt.Key.Key_3)

    assert shown(panel) == [("cTrader", 201)]
    assert panel.header.facts.text() == "1 of 3 accounts with margin"
    qtbot.keyClick(panel.table, Qt.Key.Key_1)
    assert len(shown(panel)) == 3


def test_the_current_row_is_the_desks_account_and_follows_it(show: Any, desk: Desk) -> None:
    panel = show(MarginWatchPanel)
    panel.table.select_key(("MT5", 102))
    assert desk.selection.account == ("MT5", 102)

    desk.selection.select_account("MT5", 101)
    assert panel.table.current_key() == ("MT5", 101)


def test_a_crossing_is_listed_and_leads_to_its_account(show: Any, desk: Desk, qtbot: QtBot) -> None:
    panel = show(MarginWatchPanel)
    assert panel.history.counts() == (0, 0)
    desk.calls.look(desk.state, desk.frame())
    panel.beat(desk.frame())
    assert panel.history.counts() == (1, 1)

    panel.history.setFocus(Qt.FocusReason.ShortcutFocusReason)
    qtbot.keyClick(panel.history, Qt.Key.Key_Home)
    assert desk.selection.account == ("cTrader", 201)


def test_every_distance_says_why(show: Any, spoken: Spoken) -> None:
    panel = show(MarginWatchPanel)
    for column in ("to_stop_out", "room_to_call", "percent", "price", "together", "first", "level"):
        panel.menu.explain(("MT5", 102), column)

    figures = [derivation.figure for derivation in spoken.derivations]
    assert figures == [
        "to stop-out of MT5 102",
        "to margin call of MT5 102",
        "move of ask EURUSD of MT5 102",
        "move of ask EURUSD of MT5 102",
        "move of all prices of MT5 102",
        "closed by a stop-out now of MT5 102",
        "margin level of MT5 102",
    ]


def test_a_look_is_remembered(show: Any, qtbot: QtBot) -> None:
    first = show(MarginWatchPanel)
    qtbot.keyClick(first.table, Qt.Key.Key_3)

    again = show(MarginWatchPanel)
    assert again.look.value == "called"
    assert shown(again) == [("cTrader", 201)]
