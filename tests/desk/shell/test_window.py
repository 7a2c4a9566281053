"""The window: its parts together, its keys, its end."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QDockWidget
from pytestqt.qtbot import QtBot

from dealerdesk.commands.audit_query import AuditQuery
from dealerdesk.config import Profile
from dealerdesk.desk import theme
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.keysheet import KeySheet
from dealerdesk.desk.search import ACTION
from dealerdesk.desk.settings import UserFiles
from dealerdesk.desk.theme import Tone
from dealerdesk.desk.window import DeskWindow, first_geometry
from dealerdesk.desk.workspaces import WORKSPACES

from .conftest import NOW_US
from .plain_panels import ENTRIES, PlainPanel


def test_the_window_opens_without_a_desk_and_makes_no_panel(qtbot: QtBot, profile: Profile, files: UserFiles) -> None:
    PlainPanel.made.clear()
    window = DeskWindow(profile, "dana", "head_dealer", ENTRIES, files.window_settings(), lambda: NOW_US)
    qtbot.addWidget(window)
    window.open("")
    window.actions_of_desk.trigger("panel:accounts")
    window.actions_of_desk.trigger("set-book")

    assert PlainPanel.made == []
    assert "Choose an account first" in window.status.said


@pytest.mark.parametrize(("role", "expected"), [("compliance", "compliance"), ("payments", "back-office")])
def test_each_role_begins_in_its_own_workspace(
    qtbot: QtBot, profile: Profile, files: UserFiles, role: str, expected: str
) -> None:
    window = DeskWindow(profile, "cleo", role, ENTRIES, files.window_settings(), lambda: NOW_US)
    qtbot.addWidget(window)
    window.open("")

    assert window.workspaces.current == expected


def test_a_key_opens_its_panel_in_front(window: DeskWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.keyClick(window, Qt.Key.Key_F7)

    assert window.docks["commands"].is_in_view() or window.docks["commands"].isVisible()
    assert window.focusWidget() is window.docks["commands"].fill().findChild(type(window.focusWidget()))


def test_control_and_a_digit_switches_workspaces(window: DeskWindow, qtbot: QtBot) -> None:
    for place, workspace in enumerate(WORKSPACES):
        qtbot.keyClick(window, Qt.Key(Qt.Key.Key_1 + place), Qt.KeyboardModifier.ControlModifier)
        assert window.workspaces.current == workspace.name
        assert window.strip.tabs.currentIndex() == place


def test_the_palette_finds_an_account_and_shows_it(window: DeskWindow, desk: Desk, qtbot: QtBot) -> None:
    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(window.strip.field, "102")
    qtbot.keyClick(window.strip.field, Qt.Key.Key_Return)

    assert desk.selection.account == ("MT5", 102)
    assert window.docks["account"].isVisible()


def test_the_palette_finds_a_symbol_and_shows_its_quote(window: DeskWindow, desk: Desk, qtbot: QtBot) -> None:
    window.palette_of_desk.open()
    qtbot.keyClicks(window.strip.field, "eurusd")
    qtbot.keyClick(window.strip.field, Qt.Key.Key_Return)

    assert desk.selection.symbol == ("MT5", "EURUSD")
    assert window.docks["quotes"].isVisible()


def test_the_palette_does_actions(window: DeskWindow, qtbot: QtBot) -> None:
    window.palette_of_desk.open()
    qtbot.keyClicks(window.strip.field, "supervisor works")
    qtbot.keyClick(window.strip.field, Qt.Key.Key_Return)

    assert window.workspaces.current == "supervisor"


def test_control_b_opens_the_strip_for_the_selected_account(window: DeskWindow, desk: Desk, qtbot: QtBot) -> None:
    desk.selection.select_account("MT5", 101)
    qtbot.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)

    strip = window._set_book
    assert strip is not None
    assert strip.isVisible()
    assert window.rect().contains(strip.geometry())


def test_a_refusal_to_set_a_book_is_said_in_the_status_line(window: DeskWindow) -> None:
    window.open_set_book("MT5", 999)

    assert window.status.said == "There is no account MT5 999."


def test_why_opens_the_why_panel_with_the_derivation(window: DeskWindow) -> None:
    window.explain("the derivation")  # type: ignore[arg-type]

    panel = window.docks["why"].fill()
    assert isinstance(panel, PlainPanel)
    assert panel.derivations == ["the derivation"]
    assert window.docks["why"].isVisible()


def test_the_theme_changes_everywhere_and_back(window: DeskWindow, qapp: QApplication) -> None:
    heard: list[str] = []
    window.theme_changed.connect(heard.append)

    window.actions_of_desk.trigger("theme")
    assert theme.current() is theme.LIGHT
    window.actions_of_desk.trigger("theme")
    assert theme.current() is theme.DARK
    assert heard == ["light", "dark"]


def test_a_panel_floats_and_docks_by_key_and_its_keys_work_there_too(window: DeskWindow) -> None:
    window.open_panel("quotes")
    window.actions_of_desk.trigger("float")
    assert window.docks["quotes"].isFloating()

    QDockWidget.setFloating(window.docks["quotes"], False)
    assert not window.docks["quotes"].isFloating()
    for action in window.actions():
        assert action.shortcutContext() is Qt.ShortcutContext.ApplicationShortcut or action.shortcut().isEmpty()


def test_the_key_sheet_opens_beside_the_work(window: DeskWindow) -> None:
    window.actions_of_desk.trigger("keys")

    sheet = window.findChild(KeySheet)
    assert sheet is not None
    assert sheet.isVisible()
    sheet.close()


def test_leaving_keeps_where_everything_was(
    window: DeskWindow, qtbot: QtBot, profile: Profile, files: UserFiles
) -> None:
    window.docks["quotes"].close()
    window.docks["account"].close()
    with qtbot.waitSignal(window.closed):
        window.actions_of_desk.trigger("quit")

    again = DeskWindow(profile, "dana", "head_dealer", ENTRIES, files.window_settings(), lambda: NOW_US)
    qtbot.addWidget(again)
    again.open("dealer")
    assert not files.window_settings().value("geometry").isEmpty()
    assert again.docks["quotes"].isHidden()


def test_painting_is_told_with_how_long_it_took(window: DeskWindow, qtbot: QtBot) -> None:
    spent: list[float] = []
    window.on_painted = spent.append
    window.status.say("Paint me.", Tone.NORMAL, NOW_US)

    qtbot.waitUntil(lambda: len(spent) >= 1)
    assert all(value >= 0 for value in spent)


def test_a_window_never_opened_before_fits_the_screen() -> None:
    assert first_geometry(QRect(QPoint(0, 0), QSize(1366, 768))) == QRect(0, 0, 1366, 768)
    large = first_geometry(QRect(QPoint(100, 0), QSize(2560, 1440)))
    assert large.size() == QSize(1920, 1080)
    assert QRect(100, 0, 2560, 1440).contains(large)


def test_the_keys_for_a_clients_field_and_history_ask_for_the_selected_account(
    window: DeskWindow, desk: Desk, qtbot: QtBot
) -> None:
    unmasked: list[tuple[str, int]] = []
    followed: list[AuditQuery] = []
    desk.selection.unmask_asked.connect(lambda server, login: unmasked.append((server, login)))
    desk.selection.history_asked.connect(followed.append)
    requested: list[tuple[str, int, int | None]] = []
    desk.selection.request_asked.connect(lambda *about: requested.append(about))
    window.actions_of_desk.trigger("unmask")
    window.actions_of_desk.trigger("request")
    window.actions_of_desk.trigger("history")
    assert "Choose an account first" in window.status.said
    assert (unmasked, followed) == ([], [])

    desk.selection.select_account("MT5", 101)
    qtbot.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    desk.selection.select_account("MT5", 101, 7)
    qtbot.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    assert requested == [("MT5", 101, None), ("MT5", 101, 7)]
    qtbot.keyClick(window, Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(window, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
    assert unmasked == [("MT5", 101)]
    assert followed == [AuditQuery(client_id=1)]


def test_the_palette_does_what_a_panels_own_key_does(window: DeskWindow, qtbot: QtBot) -> None:
    panel = window.docks.open("approvals")
    approve = QAction("approve", panel)
    approve.setShortcut(QKeySequence("A"))
    approve.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    panel.addAction(approve)
    window.open_panel("exposure")

    qtbot.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(window.strip.field, "approve the")
    with qtbot.waitSignal(approve.triggered):
        qtbot.keyClick(window.strip.field, Qt.Key.Key_Return)

    assert panel.isVisible()


@pytest.mark.parametrize(
    "typed", ["approve", "refuse", "withdraw", "settle", "cover", "unmask", "lock", "sign out", "password", "staff"]
)
def test_every_deed_of_the_authority_is_found_by_its_word(window: DeskWindow, qtbot: QtBot, typed: str) -> None:
    window.palette_of_desk.open()
    qtbot.keyClicks(window.strip.field, typed)

    best = window.palette_of_desk.found()[0]
    assert typed.split(" ")[0] in best.title.casefold()
    assert best.kind == ACTION


def test_a_workspace_gives_the_focus_to_the_panel_it_begins_with(window: DeskWindow, qtbot: QtBot) -> None:
    for key, name in ((Qt.Key.Key_4, "approvals"), (Qt.Key.Key_1, "exposure")):
        qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)

        panel = window.docks[name].panel
        assert panel is not None
        assert panel.isAncestorOf(window.focusWidget())


def test_who_writes_in_a_strip_stays_in_it_when_the_workspace_changes(window: DeskWindow) -> None:
    window.open_set_book("MT5", 101)
    strip = window._set_book
    assert strip is not None
    focused = window.focusWidget()
    assert strip.isAncestorOf(focused)

    window.show_workspace("supervisor")

    assert window.focusWidget() is focused


def test_control_b_with_several_accounts_chosen_asks_for_all_of_them(
    window: DeskWindow, desk: Desk, qtbot: QtBot
) -> None:
    asked: list[list[tuple[str, int]]] = []
    desk.selection.books_asked.connect(asked.append)
    chosen = [("MT5", 101), ("MT5", 102), ("MT5", 101)]
    desk.selection.select_account("MT5", 101, chosen=lambda: chosen)
    qtbot.keyClick(window, Qt.Key.Key_B, Qt.KeyboardModifier.ControlModifier)

    assert asked == [[("MT5", 101), ("MT5", 102)]]
