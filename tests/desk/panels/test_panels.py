"""The table of panels: each entry's class is there, is a panel and carries the entry's name."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from dealerdesk.desk import theme
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panel import Panel, PanelEntry
from dealerdesk.desk.panels import PANELS
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState

from .small_broker import NOW_US


def panel_class(entry: PanelEntry) -> Any:
    module, _, name = entry.path.partition(":")
    return getattr(import_module(module), name)


@pytest.mark.parametrize("entry", PANELS, ids=lambda entry: entry.name)
def test_each_entry_names_a_panel_that_paints_in_both_themes(entry: PanelEntry, show: Any, qapp: QApplication) -> None:
    made = panel_class(entry)
    assert issubclass(made, Panel)
    assert made.name == entry.name
    panel = show(made, 500, 260)
    dark = panel.grab().toImage()
    theme.apply(qapp, theme.LIGHT)
    light = panel.grab().toImage()
    theme.apply(qapp, theme.DARK)

    assert light != dark


@pytest.mark.parametrize("entry", PANELS, ids=lambda entry: entry.name)
def test_each_panel_stands_an_empty_desk(entry: PanelEntry, desk: Desk, qtbot: Any) -> None:
    for server in desk.state.servers:
        desk.state.drop(server)
    panel = panel_class(entry)(desk)
    qtbot.addWidget(panel)
    panel.resize(500, 260)
    panel.show()
    panel.beat(compute(desk.state, NOW_US))

    assert not panel.grab().isNull()
    assert isinstance(desk.state, LiveState)


def test_names_and_keys_are_each_used_once() -> None:
    assert len({entry.name for entry in PANELS}) == len(PANELS)
    keys = [entry.key for entry in PANELS if entry.key]
    assert len(set(keys)) == len(keys)
