"""Panels in docks: made late, made once, kept."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.desk import theme
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.docks import Docks, load_class
from dealerdesk.desk.panel import Panel, PanelEntry
from dealerdesk.desk.panels import PANELS
from dealerdesk.desk.window import DeskWindow

from .plain_panels import ENTRIES, PlainPanel


@pytest.fixture
def docks(qtbot: QtBot, desk: Desk) -> Iterator[Docks]:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.resize(800, 600)
    made = Docks(window, ENTRIES[:3], lambda entry: load_class(entry)(desk))
    PlainPanel.made.clear()
    yield made
    window.close()


def shown(docks: Docks) -> QMainWindow:
    """The window with the docks tabbed onto each other, the first in front."""
    window = docks.parent()
    assert isinstance(window, QMainWindow)
    first, *others = list(docks)
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, first)
    for dock in others:
        window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
        window.tabifyDockWidget(first, dock)
    first.raise_()
    window.show()
    return window


def test_no_panel_is_made_before_the_window_has_painted(docks: Docks, qtbot: QtBot) -> None:
    window = shown(docks)
    qtbot.waitExposed(window)

    assert PlainPanel.made == []


def test_then_only_those_in_view_are_made(docks: Docks, qtbot: QtBot) -> None:
    shown(docks)
    docks.allow()

    qtbot.waitUntil(lambda: "exposure" in PlainPanel.made)
    assert [panel.name for panel in docks.panels_in_view()] == ["exposure"]


def test_a_panel_is_made_once_however_often_it_is_hidden_and_shown(docks: Docks) -> None:
    shown(docks)
    docks.allow()
    first = docks.open("positions")
    docks["positions"].close()
    again = docks.open("positions")

    assert again is first
    assert PlainPanel.made.count("positions") == 1


def test_opening_gives_the_focus_to_the_panel(docks: Docks) -> None:
    window = shown(docks)
    docks.allow()
    panel = docks.open("accounts")

    assert isinstance(panel, PlainPanel)
    assert window.focusWidget() is panel.field


def test_a_closed_or_covered_panel_is_not_in_view(docks: Docks, qtbot: QtBot) -> None:
    shown(docks)
    docks.allow()
    docks.open("accounts")
    qtbot.waitUntil(lambda: [panel.name for panel in docks.panels_in_view()] == ["accounts"])

    docks["accounts"].close()
    qtbot.waitUntil(lambda: "accounts" not in [panel.name for panel in docks.panels_in_view()])

    assert not docks["accounts"].isVisible()


def test_the_panels_own_header_is_the_docks_title_bar(docks: Docks) -> None:
    shown(docks)
    docks.allow()
    panel = docks.open("exposure")

    assert docks["exposure"].titleBarWidget() is panel.header


def test_an_unknown_name_is_a_mistake(docks: Docks) -> None:
    with pytest.raises(KeyError, match="nowhere"):
        docks.open("nowhere")


def test_a_path_that_is_no_panel_is_refused() -> None:
    with pytest.raises(TypeError, match="expected a Panel"):
        load_class(PanelEntry("x", "X", "", "decimal:Decimal"))


@pytest.mark.parametrize("entry", PANELS, ids=lambda entry: entry.name)
def test_every_real_panel_is_found_under_its_name(entry: PanelEntry) -> None:
    found = load_class(entry)

    assert issubclass(found, Panel)
    assert (found.name, found.title) == (entry.name, entry.title)


def test_a_panel_that_was_floating_comes_back_as_high_as_it_was(window: DeskWindow, qtbot: QtBot) -> None:
    dock = window.docks["accounts"]
    qtbot.waitUntil(lambda: dock.height() > 200)
    before = dock.height()

    dock.toggle_floating()
    assert dock.isFloating()
    window.show_workspace("back-office")
    window.show_workspace("dealer")
    dock.toggle_floating()

    assert not dock.isFloating()
    qtbot.waitUntil(lambda: abs(dock.height() - before) < 40)


def test_a_panel_under_a_tab_says_its_name_in_the_tab_alone(docks: Docks, qtbot: QtBot) -> None:
    shown(docks)
    docks.allow()
    first, second, third = docks
    qtbot.waitUntil(lambda: first.panel is not None and first.panel.header.title.isHidden())
    panel = first.fill()

    panel.set_title(f"{first.entry.title} › EURUSD")
    assert panel.header.title.text() == "EURUSD"
    second.setFloating(True)
    third.close()
    qtbot.waitUntil(lambda: panel.header.title.text() == f"{first.entry.title} › EURUSD")
    panel.set_title(first.entry.title)
    assert not panel.header.title.isHidden()


def test_a_panel_that_is_docked_again_comes_back_in_front_of_its_tabs(docks: Docks, qtbot: QtBot) -> None:
    shown(docks)
    docks.allow()
    _, second, _ = docks
    docks.open(second.entry.name)
    qtbot.waitUntil(second.is_in_view)

    second.toggle_floating()
    second.toggle_floating()

    qtbot.waitUntil(second.is_in_view)
    assert not second.isFloating()
    assert second.is_in_view()


def test_a_panel_that_floats_gives_its_focus_to_no_other(docks: Docks, qtbot: QtBot, qapp: QApplication) -> None:
    window = shown(docks)
    docks.allow()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    first, second, _ = docks
    window.splitDockWidget(first, second, Qt.Orientation.Vertical)
    docks.open(first.entry.name)
    qtbot.waitUntil(first.fill().field.hasFocus)  # type: ignore[attr-defined]
    way: list[QWidget | None] = []
    note = partial(note_focus, way)
    qapp.focusChanged.connect(note)

    first.toggle_floating()
    first.toggle_floating()

    qapp.focusChanged.disconnect(note)
    assert second.fill().field not in way  # type: ignore[attr-defined]


def note_focus(way: list[QWidget | None], _before: QWidget | None, now: QWidget | None) -> None:
    way.append(now)


def test_a_live_brokers_panel_away_from_the_window_says_so_and_in_it_does_not(qtbot: QtBot, desk: Desk) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.resize(800, 600)
    docks = Docks(window, ENTRIES[:3], lambda entry: load_class(entry)(desk), "LIVE · Northgate")
    window = shown(docks)
    docks.allow()
    first = next(iter(docks))
    first.show_count(2)
    header = first.fill().header
    assert (first.windowTitle(), header.mark.text()) == (f"{first.entry.title} · 2", "")

    first.toggle_floating()
    qtbot.waitUntil(lambda: header.mark.text() == "LIVE · Northgate")
    assert first.windowTitle() == f"LIVE · Northgate · {first.entry.title} · 2"
    assert header.mark.isVisible()
    red = theme.current().colour("alarm").name()
    qtbot.waitUntil(lambda: first.grab().toImage().pixelColor(header.width() // 2, 1).name() == red)

    first.toggle_floating()
    qtbot.waitUntil(lambda: header.mark.text() == "")
    assert first.windowTitle() == f"{first.entry.title} · 2"
    window.close()


def test_a_demos_panels_have_no_mark(docks: Docks, qtbot: QtBot) -> None:
    shown(docks)
    docks.allow()
    first = next(iter(docks))
    first.toggle_floating()
    qtbot.waitUntil(first.isFloating)
    QApplication.processEvents()

    assert first.windowTitle() == first.entry.title
    assert first.fill().header.mark.text() == ""


def test_a_panel_away_from_the_window_is_in_view_though_its_chart_covers_it(window: DeskWindow, qtbot: QtBot) -> None:
    dock = window.docks["bars"]
    window.open_panel("bars")
    dock.toggle_floating()
    panel = dock.panel
    assert panel is not None
    cover = QWidget(panel)
    cover.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
    cover.setGeometry(panel.rect())
    cover.show()
    qtbot.waitUntil(lambda: panel.visibleRegion().isEmpty())

    assert dock.is_in_view()
    assert panel in window.docks.panels_in_view()
