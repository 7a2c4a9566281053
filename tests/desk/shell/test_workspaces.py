"""Layouts: the default, one's own, and garbage."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QByteArray, QRect, QSettings
from pytestqt.qtbot import QtBot

from dealerdesk.desk.panels import PANELS
from dealerdesk.desk.window import DeskWindow
from dealerdesk.desk.workspaces import DEALER, LAYOUT_VERSION, WORKSPACES, Column, Columns, Workspace, Workspaces

NAMES = {entry.name for entry in PANELS}
NOT_THE_DEALERS = {"audit", "staff", "policies"}


def columns() -> list[tuple[str, Column]]:
    return [(w.name, column) for w in WORKSPACES for layout in layouts(w) for column in layout]


def layouts(workspace: Workspace) -> list[Columns]:
    """Each layout of a workspace, those of several monitors as one."""
    shared = [
        tuple(column for columns in monitors for column in columns) for monitors in (workspace.two, workspace.three)
    ]
    return [workspace.wide, workspace.narrow, *shared]


def placed(window: DeskWindow) -> set[str]:
    return {dock.entry.name for dock in window.docks if not dock.isHidden() or window.tabifiedDockWidgets(dock)}


def test_the_layouts_name_only_panels_that_there_are() -> None:
    assert {name for _, column in columns() for group in column.groups for name in group} <= NAMES


def test_every_group_of_a_column_has_its_share_of_the_height() -> None:
    assert [name for name, column in columns() if len(column.groups) != len(column.heights)] == []


def test_no_panel_stands_twice_in_a_layout() -> None:
    for workspace in WORKSPACES:
        for layout in layouts(workspace):
            names = [name for column in layout for group in column.groups for name in group]
            assert len(names) == len(set(names)), workspace.name


def test_the_dealers_screen_has_exposure_left_the_session_in_the_middle_and_accounts_right(
    window: DeskWindow, qtbot: QtBot
) -> None:
    docks = window.docks
    qtbot.waitUntil(lambda: docks["exposure"].width() > 600)
    left, middle, right = (docks[name].geometry() for name in ("exposure", "session", "accounts"))

    assert left.right() < middle.left() < middle.right() < right.left()
    assert docks["positions"].geometry().top() > middle.bottom()
    assert right.right() <= window.width()


def test_at_1366_two_columns_hold_the_same_panels(window: DeskWindow, qtbot: QtBot) -> None:
    window.resize(1366, 768)
    window.workspaces.reset()
    docks = window.docks

    qtbot.waitUntil(lambda: docks["accounts"].geometry().left() > docks["exposure"].geometry().right())
    assert placed(window) == NAMES - NOT_THE_DEALERS
    assert docks["exposure"].width() > 500


@pytest.mark.parametrize("workspace", [w.name for w in WORKSPACES])
def test_every_workspace_can_be_shown_and_every_panel_opened_in_it(window: DeskWindow, workspace: str) -> None:
    window.show_workspace(workspace)
    for name in NAMES:
        window.open_panel(name)
        assert window.docks[name].isVisible()


def test_ones_own_arrangement_comes_back(window: DeskWindow) -> None:
    window.docks["quotes"].close()
    window.docks["account"].close()
    window.show_workspace("compliance")
    window.show_workspace("dealer")

    assert window.docks["quotes"].isHidden()
    assert not window.docks["accounts"].isHidden()


def test_reset_brings_the_default_back_and_forgets_ones_own(window: DeskWindow) -> None:
    window.docks["accounts"].close()
    window.workspaces.save()

    window.workspaces.reset()
    assert not window.docks["accounts"].isHidden()

    window.workspaces.start("dealer")
    assert not window.docks["accounts"].isHidden()


@pytest.mark.parametrize("garbage", [QByteArray(b"garbage"), QByteArray(b""), "text", 7])
def test_garbage_in_the_file_shows_the_default(window: DeskWindow, garbage: object) -> None:
    window.workspaces._settings.setValue("layouts/dealer", garbage)

    window.workspaces.start("dealer")

    assert not window.docks["exposure"].isHidden()
    assert not window.docks["accounts"].isHidden()


def test_a_layout_of_another_version_shows_the_default(window: DeskWindow) -> None:
    window.docks["exposure"].close()
    window.workspaces._settings.setValue("layouts/dealer", window.saveState(LAYOUT_VERSION + 1))

    window.workspaces.start("dealer")

    assert not window.docks["exposure"].isHidden()


def test_an_unknown_workspace_to_begin_with_shows_the_first(window: DeskWindow) -> None:
    window.workspaces.start("renamed since")

    assert window.workspaces.current == "dealer"


def test_a_floating_panel_stays_a_window_of_its_own_through_a_switch(window: DeskWindow) -> None:
    window.docks["quotes"].setFloating(True)
    window.show_workspace("supervisor")
    window.show_workspace("dealer")

    assert window.docks["quotes"].isFloating()


SECOND = QRect(1920, 0, 1920, 1080)
THIRD = QRect(3840, 0, 1280, 1024)


def beside(window: DeskWindow, *areas: QRect) -> Workspaces:
    """The window's workspaces on as many further monitors."""
    return Workspaces(window, window.docks, QSettings(), lambda _window: list(areas))


def test_a_second_monitor_takes_accounts_and_the_margin_watch_off_the_first(window: DeskWindow) -> None:
    beside(window, SECOND).start("dealer")
    accounts, margins = window.docks["accounts"], window.docks["margin-watch"]

    assert accounts.isFloating()
    assert margins.isFloating()
    assert accounts.geometry().united(margins.geometry()) == SECOND
    assert accounts.geometry().height() == 540
    assert not window.docks["exposure"].isFloating()


def test_a_third_monitor_takes_the_market_and_the_account_in_view(window: DeskWindow) -> None:
    beside(window, SECOND, THIRD).start("dealer")
    placed_there = [window.docks[name].geometry() for name in ("positions", "quotes", "account")]

    assert all(THIRD.contains(place) for place in placed_there)
    assert sum(place.width() * place.height() for place in placed_there) == 1280 * 1024


def test_without_a_layout_for_two_monitors_the_main_window_holds_all(window: DeskWindow) -> None:
    beside(window, SECOND).start("back-office")

    assert [dock.entry.name for dock in window.docks if dock.isFloating()] == []


def test_an_arrangement_made_on_two_monitors_does_not_come_back_on_one(window: DeskWindow) -> None:
    areas = [SECOND]
    workspaces = Workspaces(window, window.docks, QSettings(), lambda _window: areas)
    workspaces.start("dealer")
    window.docks["margin-watch"].close()
    workspaces.save()
    areas.clear()
    workspaces.on_monitor_removed()
    assert window.docks["margin-watch"] in window.tabifiedDockWidgets(window.docks["accounts"])
    assert not window.docks["accounts"].isFloating()

    areas.append(SECOND)
    workspaces.on_monitor_added()
    assert window.docks["margin-watch"].isHidden()
    assert window.docks["accounts"].isFloating()


def test_beside_the_main_window_every_panel_has_a_place_of_its_own() -> None:
    groups = [
        group
        for monitors in (DEALER.two, DEALER.three)
        for columns in monitors[1:]
        for c in columns
        for group in c.groups
    ]
    assert {len(group) for group in groups} == {1}
