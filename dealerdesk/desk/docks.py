"""Puts panels into docks: made when first shown, kept for good, moved and floated by their header.

A dock's object name is its panel's, so layouts find it again. What is where is decided in `workspaces`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QDockWidget, QMainWindow, QToolButton, QWidget

from dealerdesk.desk.panel import Panel, PanelEntry, PanelHeader

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

Make = Callable[[PanelEntry], Panel]


def load_class(entry: PanelEntry) -> type[Panel]:
    """The class that an entry names; raises ImportError, or TypeError for something that is no panel."""
    module, _, name = entry.path.partition(":")
    found = getattr(import_module(module), name)
    if not (isinstance(found, type) and issubclass(found, Panel)):
        raise TypeError(f"{entry.path}: expected a Panel, got {found!r}")
    return found


class Dock(QDockWidget):
    """One panel's place. Shown for the first time, it makes its panel."""

    filled = Signal(object)

    def __init__(self, entry: PanelEntry, make: Make, parent: QWidget) -> None:
        super().__init__(entry.title, parent)
        self.setObjectName(entry.name)
        self.entry = entry
        self.panel: Panel | None = None
        self._make = make
        self._allowed = False
        self._count = 0
        self._mark = ""
        self._column: list[tuple[Dock, int]] = []
        self._set_header(PanelHeader(entry.title))
        self.visibilityChanged.connect(self._on_visibility)

    def allow(self) -> None:
        """From now on the panel may be made: the window has painted once."""
        self._allowed = True
        if self.isVisible():
            self.fill()

    def fill(self) -> Panel:
        """The panel, made now if it was not yet."""
        if self.panel is None:
            self.panel = self._make(self.entry)
            self.setWidget(self.panel)
            self._set_header(self.panel.header)
            self.filled.emit(self.panel)
        return self.panel

    def toggle_floating(self) -> None:
        """Makes the panel a window of its own, or puts it back at the height it had; the focus stays in it."""
        window = self.parentWidget()
        focused = self.focusWidget()
        if focused is not None:
            # given up before the panel moves: Qt would hand it to the next table, which would choose a row
            focused.clearFocus()
        if not self.isFloating():
            self._column = [(dock, dock.height()) for dock in self._in_its_column()]
            self.setFloating(True)
        else:
            self.setFloating(False)
            back = [(dock, height) for dock, height in self._column if not dock.isFloating() and dock.isVisible()]
            if isinstance(window, QMainWindow) and back:
                window.resizeDocks([dock for dock, _ in back], [h for _, h in back], Qt.Orientation.Vertical)
            # among tabs it comes back in front: the person is working in it
            self.raise_()
        self.activateWindow()
        if self.panel is not None:
            self.panel.refocus()

    def _in_its_column(self) -> list[Dock]:
        """The docks in view above and below this one, and itself: Qt shares the height out among them."""
        window = self.parentWidget()
        docks = window.findChildren(Dock) if window is not None else []
        return [d for d in docks if not d.isFloating() and not d.visibleRegion().isEmpty() and d.x() == self.x()]

    def show_count(self, count: int) -> None:
        """How much waits in the panel; 0 is not said."""
        self._count = count
        self._write_title()

    def set_mark(self, words: str) -> None:
        """Marks the panel as a live broker's while it is away from the main window; empty when it is in it."""
        self._mark = words
        header = self.titleBarWidget()
        if isinstance(header, PanelHeader):
            header.set_mark(words)
        self._write_title()

    def _write_title(self) -> None:
        parts = (self._mark, self.entry.title, str(self._count or ""))
        self.setWindowTitle(" · ".join(part for part in parts if part))

    def is_in_view(self) -> bool:
        """Whether the panel is made and a part of it may be seen: not closed, not behind another tab."""
        if self.panel is None or not self.panel.isVisible():
            return False
        # asked of the dock: a chart that paints all of its panel leaves no region of that in view, but the header's
        return not self.visibleRegion().isEmpty()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fill_if_allowed()

    def _on_visibility(self, visible: bool) -> None:
        if visible:
            self._fill_if_allowed()

    def _fill_if_allowed(self) -> None:
        if self._allowed:
            self.fill()

    def _set_header(self, header: PanelHeader) -> None:
        close = QToolButton(header)
        close.setText("×")
        close.setAutoRaise(True)
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.setAccessibleName(f"Close {self.entry.title}")
        close.setToolTip("Close (reopen by its key or Ctrl+K)")
        close.clicked.connect(self.close)
        header.add_last(close)
        before = self.titleBarWidget()
        self.setTitleBarWidget(header)
        if before is not None:
            before.deleteLater()


class Docks(QObject):
    """All docks of one window."""

    panel_made = Signal(object)

    def __init__(self, window: QMainWindow, entries: Iterable[PanelEntry], make: Make, live_mark: str = "") -> None:
        """`live_mark` stands in the title of every panel away from the window; a demo has none."""
        super().__init__(window)
        self._live_mark = live_mark
        self._window = window
        self._docks = {entry.name: Dock(entry, make, window) for entry in entries}
        # one change of layout is many signals: the headers follow when all of them are through
        self._moved = QTimer(self)
        self._moved.setSingleShot(True)
        self._moved.setInterval(0)
        self._moved.timeout.connect(self._name_once)
        for dock in self._docks.values():
            dock.filled.connect(self.panel_made)
            for signal in (dock.filled, dock.visibilityChanged, dock.dockLocationChanged, dock.topLevelChanged):
                signal.connect(self._on_moved)

    def __iter__(self) -> Iterator[Dock]:
        return iter(self._docks.values())

    def __getitem__(self, name: str) -> Dock:
        return self._docks[name]

    def __contains__(self, name: object) -> bool:
        return name in self._docks

    def _on_moved(self) -> None:
        self._moved.start()

    def _name_once(self) -> None:
        """A panel whose name stands in its tab does not say it again in its header."""
        for dock in self._docks.values():
            tabs = [other for other in self._window.tabifiedDockWidgets(dock) if not other.isHidden()]
            header = dock.titleBarWidget()
            if isinstance(header, PanelHeader):
                header.set_tabbed(bool(tabs))
            dock.set_mark(self._live_mark if dock.window() is not self._window else "")

    def allow(self) -> None:
        """Lets the docks in view make their panels."""
        for dock in self._docks.values():
            dock.allow()

    def panels_in_view(self) -> list[Panel]:
        """The panels of which a person may see something now."""
        return [dock.panel for dock in self._docks.values() if dock.panel is not None and dock.is_in_view()]

    def open(self, name: str) -> Panel:
        """Shows a panel, in front, with the focus; raises KeyError for a name that is none."""
        dock = self._docks[name]
        panel = dock.fill()
        dock.show()
        dock.raise_()
        if dock.isFloating():
            dock.activateWindow()
        panel.refocus()
        return panel
