from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.accounts import AccountsPanel
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState

from .small_broker import NOW_US, Spoken, account


def shown(panel: AccountsPanel) -> list[Any]:
    return [panel.rows.key(row) for row in panel.table.visible_order().tolist()]


def test_the_account_nearest_its_stop_out_stands_first(show: Any) -> None:
    panel = show(AccountsPanel)

    assert shown(panel)[0] == ("cTrader", 201)
    assert panel.header.facts.text() == "3 accounts · foot in USD"


def test_one_key_shows_who_is_below_margin_call(show: Any, qtbot: QtBot) -> None:
    panel = show(AccountsPanel)
    qtbot.keyClick(panel.table, Qt.Key.Key_2)

    assert shown(panel) == [("cTrader", 201)]
    assert panel.header.facts.text() == "1 of 3 accounts · foot in USD"


def test_winners_and_losers_are_sorted_in_one_currency(show: Any, qtbot: QtBot) -> None:
    panel = show(AccountsPanel)
    qtbot.keyClick(panel.table, Qt.Key.Key_3)
    assert shown(panel) == [("MT5", 101), ("MT5", 102)]

    qtbot.keyClick(panel.table, Qt.Key.Key_4)
    assert shown(panel) == [("cTrader", 201)]

    qtbot.keyClick(panel.table, Qt.Key.Key_1)
    assert len(shown(panel)) == 3


def test_a_persons_own_sorting_is_kept_when_the_panel_opens_again(show: Any) -> None:
    first = show(AccountsPanel)
    first.table.sort_by([("account", True)])

    assert shown(show(AccountsPanel)) == [("MT5", 102), ("MT5", 101), ("cTrader", 201)]


def test_the_current_row_is_the_desks_account_and_follows_it(show: Any, desk: Desk) -> None:
    panel = show(AccountsPanel)
    panel.table.select_key(("MT5", 102))
    assert desk.selection.account == ("MT5", 102)

    desk.selection.select_account("MT5", 101)
    assert panel.table.current_key() == ("MT5", 101)


def test_enter_opens_the_account(show: Any, qtbot: QtBot, spoken: Spoken) -> None:
    panel = show(AccountsPanel)
    panel.table.select_key(("MT5", 102))
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)

    assert spoken.opened == ["account"]


def test_why_on_an_equity_sums_to_the_figure_shown(show: Any, spoken: Spoken) -> None:
    panel = show(AccountsPanel)
    panel.table.why_asked.emit(("MT5", 101), "equity")

    (derivation,) = spoken.derivations
    assert derivation.figure == "equity of MT5 101"
    assert derivation.total() == 11_000


def test_why_on_an_account_that_is_gone_is_a_sentence(show: Any, spoken: Spoken) -> None:
    panel = show(AccountsPanel)
    panel.menu.explain(("MT5", 999), "equity")

    assert spoken.derivations == []
    assert spoken.notes[0][0] == "Not explained: this account is gone"


def test_a_new_account_appears_with_the_frame_that_knows_it(show: Any, desk: Desk) -> None:
    panel = show(AccountsPanel)
    desk.state.load("MT5", [account(103, 1, "real\\usd", "USD", 500)], [9])
    panel.beat(compute(desk.state, NOW_US + 2_000_000))
    panel.table.show_rows(panel.rows)

    assert ("MT5", 103) in shown(panel)


def test_focus_goes_to_the_table(show: Any) -> None:
    panel = show(AccountsPanel)
    panel.refocus()

    assert panel.focusWidget() is panel.table


def test_a_look_left_on_is_shown_again_with_its_filter(show: Any) -> None:
    first = show(AccountsPanel)
    first.look.choose("call")
    second = show(AccountsPanel)

    assert second.look.value == "call"
    assert shown(second) == [("cTrader", 201)]
    second.look.choose("all")
    assert len(shown(second)) == 3


def test_another_panels_selection_is_marked_without_scrolling_away_from_the_worst(
    show: Any, desk: Desk, state: LiveState
) -> None:
    state.load("MT5", [account(1_000 + n, 1, "real\\usd", "USD", 1_000_000) for n in range(40)], [1] * 40)
    panel = show(AccountsPanel, height=200)
    panel.table.sort_by([("account", False)])

    desk.selection.select_account("MT5", 1_039)
    assert panel.table.current_key() == ("MT5", 1_039)
    assert panel.table.top() == 0

    panel.refocus()
    assert panel.table.top() > 20


def test_a_stale_server_is_named_with_the_time_of_its_last_figures(show: Any, state: LiveState, desk: Desk) -> None:
    panel = show(AccountsPanel)
    state.set_stale("MT5", NOW_US)
    panel.beat(desk.frame())

    assert panel.header.facts.text().startswith("3 accounts · MT5 as of ")
    assert panel.header.facts.property("tone") == "attention"


def test_several_rows_are_chosen_by_key_and_are_the_desks_accounts(show: Any, desk: Desk, qtbot: QtBot) -> None:
    panel = show(AccountsPanel)
    panel.table.select_key(("cTrader", 201))
    qtbot.keyClick(panel.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)

    assert len(panel.table.selected_keys()) == 2
    assert desk.selection.accounts == panel.table.selected_keys()
    qtbot.keyClick(panel.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(desk.selection.accounts) == 3

    desk.selection.select_account("MT5", 101)
    assert desk.selection.accounts == [("MT5", 101)]
