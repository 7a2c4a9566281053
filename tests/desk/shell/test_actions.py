"""The one table of actions and keys."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.desk.actions import FIXED, Action, ActionSet, Scope, all_actions, key_text
from dealerdesk.desk.panels import PANELS

TABLE = all_actions(PANELS)


def test_no_two_actions_share_a_key() -> None:
    keys = Counter((action.panel, QKeySequence(action.key).toString()) for action in TABLE if action.key)

    assert [key for key, count in keys.items() if count > 1] == []


def test_a_panels_key_is_shown_and_found_but_bound_by_the_panel_alone(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    actions = ActionSet(window, TABLE, {action.name: window.update for action in TABLE})

    assert actions["approvals-A"].text() == "Approve the chosen request\tA"
    assert actions["approvals-A"].shortcut().isEmpty()


def test_a_panel_that_is_not_there_has_no_actions() -> None:
    assert not [action for action in all_actions(()) if action.panel]


def test_every_key_is_one_that_qt_knows() -> None:
    assert [action.name for action in TABLE if action.key and QKeySequence(action.key).isEmpty()] == []


def test_no_two_actions_share_a_name() -> None:
    assert len({action.name for action in TABLE}) == len(TABLE)


def test_an_action_does_its_deed(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    done: list[str] = []
    actions = ActionSet(window, [Action("jump", "Jump", "Ctrl+J", "Desk")], {"jump": lambda: done.append("jump")})

    actions.trigger("jump")

    assert done == ["jump"]


def test_an_action_nobody_does_is_a_mistake_at_the_start(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)

    with pytest.raises(KeyError, match="jump"):
        ActionSet(window, [Action("jump", "Jump", "", "Desk")], {})


def test_the_menu_shows_every_action_with_its_key(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    actions = ActionSet(window, TABLE, {action.name: window.update for action in TABLE})

    menu = actions.menu(window)
    shown = [action.text() for part in menu.findChildren(QMenu) for action in part.actions()]

    assert len(shown) == len(TABLE)
    assert "Why this figure?\tCtrl ?" in shown


def test_the_tables_own_keys_are_named_but_not_bound_by_the_window(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    ActionSet(window, TABLE, {action.name: window.update for action in TABLE})

    bound = {action.shortcut().toString() for action in window.actions()}

    assert not bound & {action.key for action in FIXED if action.scope is Scope.TABLE}


def test_keys_are_written_as_people_say_them() -> None:
    assert key_text("Ctrl+K") == "Ctrl K"
    assert key_text("F2") == "F2"
    assert key_text("") == ""
