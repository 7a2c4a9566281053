"""The desk's common selection."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from dealerdesk.desk.selection import Selection
from dealerdesk.live.exposure import Dimension


def test_a_selection_is_told_once_however_often_it_is_set(qtbot: QtBot) -> None:
    selection = Selection()
    heard: list[tuple[str, int]] = []
    selection.account_selected.connect(lambda server, login: heard.append((server, login)))

    selection.select_account("MT5", 101)
    selection.select_account("MT5", 101)
    selection.select_account("MT4", 101)

    assert heard == [("MT5", 101), ("MT4", 101)]
    assert selection.account == ("MT4", 101)


def test_a_large_login_arrives_whole(qtbot: QtBot) -> None:
    selection = Selection()
    heard: list[object] = []
    selection.account_selected.connect(lambda _server, login: heard.append(login))

    selection.select_account("MT5", 9_007_199_254_740_993)

    assert heard == [9_007_199_254_740_993]


def test_the_total_is_a_row_of_the_exposure_too(qtbot: QtBot) -> None:
    selection = Selection()
    with qtbot.waitSignal(selection.exposure_selected):
        selection.select_exposure(Dimension.BOOK, None)

    assert selection.exposure == (Dimension.BOOK, None)


def test_a_symbol_belongs_to_a_server(qtbot: QtBot) -> None:
    selection = Selection()
    selection.select_symbol("MT5", "EURUSD")
    with qtbot.waitSignal(selection.symbol_selected) as told:
        selection.select_symbol("MT4", "EURUSD")

    assert told.args == ["MT4", "EURUSD"]
