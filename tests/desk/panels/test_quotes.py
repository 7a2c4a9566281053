from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.quotes import QuotesPanel
from dealerdesk.live.frame import compute

from .small_broker import NOW_US, Spoken


def test_late_symbols_are_counted_in_amber(show: Any, desk: Desk) -> None:
    panel = show(QuotesPanel)
    assert panel.header.facts.text() == "3 symbols"

    panel.beat(compute(desk.state, NOW_US + 60_000_000))

    assert panel.header.facts.text() == "3 symbols · 3 late"
    assert panel.header.facts.property("tone") == "attention"


def test_the_current_row_is_the_desks_symbol_and_follows_it(show: Any, desk: Desk) -> None:
    panel = show(QuotesPanel)
    panel.table.select_key(("MT5", "XAUUSD"))
    assert desk.selection.symbol == ("MT5", "XAUUSD")

    desk.selection.select_symbol("cTrader", "EURUSD.c")
    assert panel.table.current_key() == ("cTrader", "EURUSD.c")


def test_enter_shows_the_positions_on_a_symbol(show: Any, qtbot: QtBot, spoken: Spoken) -> None:
    panel = show(QuotesPanel)
    panel.refocus()
    panel.table.select_key(("MT5", "XAUUSD"))
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)

    assert spoken.opened == ["positions"]


def test_a_price_is_not_explained_but_said_to_be_its_sources(show: Any, spoken: Spoken) -> None:
    panel = show(QuotesPanel)
    panel.table.why_asked.emit(("MT5", "XAUUSD"), "bid")

    assert "as its source sent it" in spoken.notes[0][0]
