from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.exposure import ExposurePanel
from dealerdesk.live.exposure import Dimension
from dealerdesk.live.frame import compute

from .small_broker import NOW_US, Spoken, quote, symbol


def shown(panel: ExposurePanel) -> list[Any]:
    return [panel.rows.key(row) for row in panel.table.visible_order().tolist()]


def test_the_largest_exposure_stands_first(show: Any) -> None:
    panel = show(ExposurePanel)

    assert shown(panel) == ["EURUSD", "XAUUSD"]
    assert panel.header.facts.text() == "2 servers · 10:00:00 UTC"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (Qt.Key.Key_2, {("MT5", "EURUSD"), ("MT5", "XAUUSD"), ("cTrader", "EURUSD.c")}),
        (Qt.Key.Key_3, {"EUR", "USD", "XAU", "XAUUSD"}),
        (Qt.Key.Key_4, {"fx", "metals", "indices", "energies", "shares", "crypto"}),
        (Qt.Key.Key_5, {("MT5", "real\\usd"), ("MT5", "real\\eur"), ("cTrader", "usd")}),
        (Qt.Key.Key_6, {"MT5", "cTrader"}),
        (Qt.Key.Key_7, {"A", "B", "C"}),
        (Qt.Key.Key_8, {1, 2}),
    ],
)
def test_a_digit_cuts_it_by_another_dimension(show: Any, qtbot: QtBot, key: Qt.Key, expected: set[Any]) -> None:
    panel = show(ExposurePanel)
    qtbot.keyClick(panel.table, key)

    assert set(shown(panel)) <= expected
    assert len(shown(panel)) >= 2
    qtbot.keyClick(panel.table, Qt.Key.Key_1)
    assert shown(panel) == ["EURUSD", "XAUUSD"]


def test_nought_turns_the_sides(show: Any, qtbot: QtBot) -> None:
    panel = show(ExposurePanel)
    clients = panel.rows.exposure.net_usd[0]
    qtbot.keyClick(panel.table, Qt.Key.Key_0)

    assert panel.side.text() == "dealer’s side"
    # of 2.00 the clients hold net, 2.60 are kept: the dealer has sold 2.60
    assert panel.rows.exposure.net_usd[0] == pytest.approx(-clients * 1.3)


def test_enter_opens_the_positions_behind_a_row_and_backspace_comes_back(show: Any, qtbot: QtBot) -> None:
    panel = show(ExposurePanel)
    panel.table.select_key("EURUSD")
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)

    rows = panel.positions.rows
    assert {rows.key(row) for row in range(rows.count())} == {("MT5", 9001), ("MT5", 9003), ("cTrader", 1)}
    assert panel.header.title.text() == "Exposure › EURUSD"
    assert panel.header.facts.text() == "3 positions behind it · Backspace back"

    qtbot.keyClick(panel.positions.table, Qt.Key.Key_Backspace)
    assert panel.levels.currentWidget() is panel.table
    assert panel.header.title.text() == "Exposure"
    assert panel.table.current_key() == "EURUSD"


def test_escape_first_clears_the_filter_of_the_positions(show: Any, qtbot: QtBot) -> None:
    panel = show(ExposurePanel)
    panel.table.activated.emit("EURUSD")
    panel.positions.table.set_filter("side", "sell")
    assert panel.header.facts.text() == "1 of 3 positions behind it · Backspace back"

    qtbot.keyClick(panel.positions.table, Qt.Key.Key_Escape)
    assert panel.positions.table.filters() == {}
    assert panel.levels.currentWidget() is panel.positions.table

    qtbot.keyClick(panel.positions.table, Qt.Key.Key_Escape)
    assert panel.levels.currentWidget() is panel.table


def test_another_dimension_leaves_the_positions(show: Any, qtbot: QtBot) -> None:
    panel = show(ExposurePanel)
    panel.table.activated.emit("EURUSD")
    qtbot.keyClick(panel.positions.table, Qt.Key.Key_7)

    assert panel.behind is None
    assert set(shown(panel)) == {"A", "B", "C"}


def test_the_current_row_is_the_desks_exposure(show: Any, desk: Desk) -> None:
    panel = show(ExposurePanel)
    panel.table.select_key("XAUUSD")

    assert desk.selection.exposure == (Dimension.INSTRUMENT, "XAUUSD")


def test_figures_move_with_the_price(show: Any, desk: Desk) -> None:
    panel = show(ExposurePanel)
    before = panel.rows.exposure.floating_usd.copy()
    quote(desk.state, "MT5", {1: (200_100, 200_150)}, NOW_US)
    panel.beat(compute(desk.state, NOW_US + 50_000))

    # gold a dollar up costs the seller of one lot 100
    row = panel.rows.row_of("XAUUSD")
    assert panel.rows.exposure.floating_usd[row] - before[row] == pytest.approx(-100.0)


def test_a_frame_older_than_the_structure_is_left_out(show: Any, desk: Desk) -> None:
    panel = show(ExposurePanel)
    frame = compute(desk.state, NOW_US + 50_000)
    desk.state.load("MT5", [symbol("GBPUSD", "GBPUSD", 2)], [1])
    panel.beat(frame)
    assert panel.header.facts.text() == "2 servers · 10:00:00 UTC"

    panel.beat(compute(desk.state, NOW_US + 1_000_000))
    assert panel.header.facts.text() == "2 servers · 10:00:01 UTC"


def test_slow_dimensions_are_computed_four_times_a_second(show: Any, desk: Desk) -> None:
    panel = show(ExposurePanel)
    panel.dimension.choose(Dimension.CLIENT.value)
    first = panel.rows.exposure
    panel.beat(compute(desk.state, NOW_US + 100_000))
    assert panel.rows.exposure is first

    panel.beat(compute(desk.state, NOW_US + 300_000))
    assert panel.rows.exposure is not first


def test_a_stale_server_is_named_in_amber(show: Any, desk: Desk) -> None:
    desk.state.set_stale("cTrader", NOW_US - 9_000_000)
    panel = show(ExposurePanel)

    assert panel.header.facts.text() == "cTrader as of 09:59:51"
    assert panel.header.facts.property("tone") == "attention"


def test_why_on_a_net_exposure_opens_its_derivation(show: Any, spoken: Spoken) -> None:
    panel = show(ExposurePanel)
    panel.table.why_asked.emit("XAUUSD", "net_usd")

    assert float(spoken.derivations[0].total()) == pytest.approx(-200_025.0)


def test_the_menu_of_a_symbols_row_offers_its_positions(show: Any, desk: Desk) -> None:
    panel = show(ExposurePanel)
    panel.dimension.choose(Dimension.SYMBOL.value)
    texts = [action.text() for action in panel.menu.menu_for(("MT5", "XAUUSD"), "net_usd").actions()]

    assert "Show positions" in texts
    assert "Set book…" not in texts
