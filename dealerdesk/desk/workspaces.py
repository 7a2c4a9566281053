"""The workspaces: which panels stand where by default, and each person's own arrangement of them.

A workspace's default is laid out and kept before any saved state is read, so that «Reset layout» always works; saved
state of another version, or garbage, leaves the default. Figures and panels are none of its business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QByteArray, QObject, QSettings, Qt, Signal
from PySide6.QtWidgets import QMainWindow

from dealerdesk.desk.docks import Dock, Docks

LAYOUT_VERSION = 3
NARROW_PX = 1600

Group = tuple[str, ...]
"""Panels tabbed onto each other; the first is in front."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the window: groups from top to bottom, its share of the width, and the shares of the height."""

    groups: tuple[Group, ...]
    width: int
    heights: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Workspace:
    """`narrow` is the layout for windows under 1600 px; a panel in none of the columns is closed."""

    name: str
    title: str
    key: str
    wide: tuple[Column, ...]
    narrow: tuple[Column, ...]


DEALER = Workspace(
    "dealer",
    "Dealer",
    "Ctrl+1",
    wide=(
        Column((("exposure",),), 40, (100,)),
        Column((("session", "bars"), ("positions", "commands", "approvals", "why")), 32, (50, 50)),
        Column((("accounts",), ("quotes", "account", "bridges")), 28, (55, 45)),
    ),
    narrow=(
        Column((("exposure", "session", "bars"),), 50, (100,)),
        Column(
            (("accounts", "positions"), ("quotes", "account", "commands", "approvals", "bridges", "why")), 50, (55, 45)
        ),
    ),
)
BACK_OFFICE = Workspace(
    "back-office",
    "Back office",
    "Ctrl+2",
    wide=(
        Column((("accounts",),), 45, (100,)),
        Column((("account",), ("approvals", "commands", "why")), 55, (50, 50)),
    ),
    narrow=(
        Column((("accounts",),), 45, (100,)),
        Column((("account", "approvals", "commands", "why"),), 55, (100,)),
    ),
)
COMPLIANCE = Workspace(
    "compliance",
    "Compliance",
    "Ctrl+3",
    wide=(
        Column((("accounts",),), 40, (100,)),
        Column((("account",), ("positions", "approvals", "why")), 60, (55, 45)),
    ),
    narrow=(
        Column((("accounts",),), 40, (100,)),
        Column((("account", "positions", "approvals", "why"),), 60, (100,)),
    ),
)
SUPERVISOR = Workspace(
    "supervisor",
    "Supervisor",
    "Ctrl+4",
    wide=(
        Column((("approvals",), ("commands", "audit", "positions", "session", "why")), 72, (66, 34)),
        Column((("account",), ("exposure", "accounts", "bridges")), 28, (45, 55)),
    ),
    narrow=(
        Column((("approvals", "commands", "audit", "account", "exposure", "accounts", "bridges", "why"),), 100, (100,)),
    ),
)
ADMINISTRATION = Workspace(
    "administration",
    "Administration",
    "Ctrl+5",
    wide=(
        Column((("staff",), ("policies",)), 60, (50, 50)),
        Column((("approvals", "commands"), ("bridges", "audit")), 40, (65, 35)),
    ),
    narrow=(Column((("staff", "policies", "approvals", "commands", "bridges", "audit"),), 100, (100,)),),
)
WORKSPACES = (DEALER, BACK_OFFICE, COMPLIANCE, SUPERVISOR, ADMINISTRATION)


class Workspaces(QObject):
    """Switches one window between its workspaces and remembers how each was left."""

    switched = Signal(str)

    def __init__(self, window: QMainWindow, docks: Docks, settings: QSettings) -> None:
        super().__init__(window)
        self.current = WORKSPACES[0].name
        self._window = window
        self._docks = docks
        self._settings = settings
        self._defaults: dict[str, QByteArray] = {}

    @property
    def first_panel(self) -> str:
        """The panel with which the present workspace begins: its front panel at the top left."""
        return self._columns()[0].groups[0][0]

    def start(self, name: str) -> None:
        """Shows the workspace as it was left; an unknown name shows the first one."""
        self.current = name if name in _BY_NAME else WORKSPACES[0].name
        self._show()

    def switch(self, name: str) -> None:
        """Keeps the present arrangement and shows another workspace; raises KeyError for a name that is none."""
        if _BY_NAME[name].name == self.current:
            return
        self.save()
        self.current = name
        self._show()

    def reset(self) -> None:
        """Lays the present workspace out as it is by default."""
        self._settings.remove(self._key())
        self._lay_out()
        self.switched.emit(self.current)

    def save(self) -> None:
        """Keeps the present arrangement for the next start."""
        self._settings.setValue(self._key(), self._window.saveState(LAYOUT_VERSION))

    def _show(self) -> None:
        self._lay_out()
        saved = self._settings.value(self._key())
        if isinstance(saved, QByteArray) and not self._window.restoreState(saved, LAYOUT_VERSION):
            self._window.restoreState(self._defaults[self.current], LAYOUT_VERSION)
        self.switched.emit(self.current)

    def _key(self) -> str:
        return f"layouts/{self.current}"

    def _lay_out(self) -> None:
        lay_out(self._window, self._docks, self._columns())
        self._defaults[self.current] = self._window.saveState(LAYOUT_VERSION)

    def _columns(self) -> tuple[Column, ...]:
        workspace = _BY_NAME[self.current]
        return workspace.narrow if self._window.width() < NARROW_PX else workspace.wide


def lay_out(window: QMainWindow, docks: Docks, columns: Sequence[Column]) -> None:
    """Puts every dock of the columns in its place; the others are closed, and reopen as tabs of the last group."""
    for dock in docks:
        dock.setFloating(False)
        window.removeDockWidget(dock)
    grid = [[_known(docks, group) for group in column.groups] for column in columns]
    tops = [groups[0][0] for groups in grid]
    # one area holds all: the window has no middle, and each split divides what the one before it left
    window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, tops[0])
    for left, right in pairwise(tops):
        window.splitDockWidget(left, right, Qt.Orientation.Horizontal)
    for groups in grid:
        for above, below in pairwise(groups):
            window.splitDockWidget(above[0], below[0], Qt.Orientation.Vertical)
        for group in groups:
            _tab(window, group)
    _close_others(window, docks, grid)
    window.resizeDocks(tops, [column.width * 100 for column in columns], Qt.Orientation.Horizontal)
    for column, groups in zip(columns, grid, strict=True):
        shares = [share * 100 for share in column.heights]
        window.resizeDocks([group[0] for group in groups], shares, Qt.Orientation.Vertical)


def _known(docks: Docks, group: Group) -> list[Dock]:
    return [docks[name] for name in group]


def _tab(window: QMainWindow, group: Sequence[Dock]) -> None:
    for dock in group[1:]:
        window.tabifyDockWidget(group[0], dock)
    for dock in group:
        dock.show()
    group[0].raise_()


def _close_others(window: QMainWindow, docks: Docks, grid: Sequence[Sequence[Sequence[Dock]]]) -> None:
    placed = {dock.entry.name for groups in grid for group in groups for dock in group}
    last = grid[-1][-1][0]
    for dock in docks:
        if dock.entry.name not in placed:
            window.tabifyDockWidget(last, dock)
            dock.close()
    last.raise_()


_BY_NAME = {workspace.name: workspace for workspace in WORKSPACES}
