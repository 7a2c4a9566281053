"""The workspaces: which panels stand where by default, and each person's own arrangement of them.

A workspace's default is laid out and kept before any saved state is read, so that «Reset layout» always works; saved
state of another version, or garbage, leaves the default. Figures and panels are none of its business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QByteArray, QObject, QRect, QSettings, Qt, Signal
from PySide6.QtWidgets import QMainWindow

from dealerdesk.desk import screens
from dealerdesk.desk.docks import Dock, Docks

LAYOUT_VERSION = 4
NARROW_PX = 1600

Group = tuple[str, ...]
"""Panels tabbed onto each other; the first is in front."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the window: groups from top to bottom, its share of the width, and the shares of the height."""

    groups: tuple[Group, ...]
    width: int
    heights: tuple[int, ...]


Columns = tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Workspace:
    """`narrow` is the layout for windows under 1600 px; a panel in none of the columns is closed.

    `two` and `three` are for as many monitors: the main window's columns, then those of each further monitor.
    """

    name: str
    title: str
    key: str
    wide: Columns
    narrow: Columns
    two: tuple[Columns, ...] = ()
    """Beside the main window a panel is a window of its own: no tabs there."""
    three: tuple[Columns, ...] = ()

    def on(self, monitors: int) -> tuple[Columns, ...]:
        """The layout for that many monitors, or for fewer where there is none; empty for one."""
        return (monitors >= 3 and self.three) or (monitors >= 2 and self.two) or ()


DEALER = Workspace(
    "dealer",
    "Dealer",
    "Ctrl+1",
    wide=(
        Column((("exposure", "stress"),), 40, (100,)),
        Column((("session", "bars"), ("positions", "commands", "approvals", "why")), 32, (50, 50)),
        Column((("accounts", "margin-watch"), ("quotes", "account", "bridges")), 28, (55, 45)),
    ),
    narrow=(
        Column((("exposure", "session", "bars", "stress"),), 50, (100,)),
        Column(
            (
                ("accounts", "margin-watch", "positions"),
                ("quotes", "account", "commands", "approvals", "bridges", "why"),
            ),
            50,
            (55, 45),
        ),
    ),
    two=(
        (
            Column((("exposure", "stress"),), 55, (100,)),
            Column(
                (("session", "bars", "positions"), ("quotes", "account", "commands", "approvals", "bridges", "why")),
                45,
                (50, 50),
            ),
        ),
        (Column((("accounts",), ("margin-watch",)), 100, (50, 50)),),
    ),
    three=(
        (
            Column((("exposure", "stress"),), 60, (100,)),
            Column((("session", "bars", "commands", "bridges", "why"), ("approvals",)), 40, (50, 50)),
        ),
        (Column((("accounts",), ("margin-watch",)), 100, (50, 50)),),
        (Column((("positions",), ("quotes",)), 55, (50, 50)), Column((("account",),), 45, (100,))),
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

    def __init__(
        self,
        window: QMainWindow,
        docks: Docks,
        settings: QSettings,
        others: Callable[[QMainWindow], list[QRect]] = screens.others,
    ) -> None:
        super().__init__(window)
        self.current = WORKSPACES[0].name
        self._others = others
        self._shown_as = ""
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
        self._settings.setValue(self._shown_as or self._key(), self._window.saveState(LAYOUT_VERSION))

    def on_monitor_added(self) -> None:
        """Keeps the arrangement for the monitors there were, and shows the one for those there are now."""
        self.save()
        self._show()

    def on_monitor_removed(self) -> None:
        """Shows the arrangement for the monitors that are left. The one before is not kept: the system has already
        pushed its windows together."""
        self._show()

    def _show(self) -> None:
        self._lay_out()
        self._shown_as = self._key()
        saved = self._settings.value(self._shown_as)
        if isinstance(saved, QByteArray) and not self._window.restoreState(saved, LAYOUT_VERSION):
            self._window.restoreState(self._defaults[self.current], LAYOUT_VERSION)
        self.switched.emit(self.current)

    def _key(self) -> str:
        """An arrangement belongs to as many monitors as it was made on."""
        monitors = 1 + len(self._others(self._window))
        return f"layouts/{self.current}" if monitors == 1 else f"layouts/{self.current}-{monitors}"

    def _lay_out(self) -> None:
        further = self._further()
        lay_out(self._window, self._docks, self._columns())
        for columns, area in further:
            put_beside(self._docks, columns, area)
        self._defaults[self.current] = self._window.saveState(LAYOUT_VERSION)

    def _columns(self) -> Columns:
        workspace = _BY_NAME[self.current]
        if shared := workspace.on(1 + len(self._others(self._window))):
            return shared[0]
        return workspace.narrow if self._window.width() < NARROW_PX else workspace.wide

    def _further(self) -> list[tuple[Columns, QRect]]:
        """The columns of each further monitor with its place."""
        areas = self._others(self._window)
        return list(zip(_BY_NAME[self.current].on(1 + len(areas))[1:], areas, strict=False))


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


def put_beside(docks: Docks, columns: Columns, area: QRect) -> None:
    """Puts the first panel of each group into a window of its own; together they fill the area."""
    places = screens.tiles(area, [column.width for column in columns], [column.heights for column in columns])
    for column, rows in zip(columns, places, strict=True):
        for group, place in zip(column.groups, rows, strict=True):
            dock = docks[group[0]]
            dock.setFloating(True)
            dock.setGeometry(place)
            dock.show()


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
