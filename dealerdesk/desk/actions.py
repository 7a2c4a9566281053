"""Every action of the desk with its words and its key, in one table. What an action does is told by who offers it.

Menus, the palette, the list of keys and the shortcuts themselves are all made from this table; no other module binds
a key for the whole window. Keys that the table kit handles itself stand here too, so that nobody takes them twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from dealerdesk.desk.panel import PanelEntry
from dealerdesk.desk.workspaces import WORKSPACES


class Scope(StrEnum):
    """Who hears the key: the whole window, the table that has the focus, or the panel that has it."""

    WINDOW = "window"
    TABLE = "table"
    PANEL = "panel"


@dataclass(frozen=True, slots=True)
class Action:
    """`name` is stable; `menu` is the menu that shows it; `key` in Qt's notation, empty for none."""

    name: str
    title: str
    key: str
    menu: str
    scope: Scope = Scope.WINDOW
    panel: str = ""
    """Whose key it is, for those that a panel hears; done from elsewhere, the action goes there first."""


FIXED: tuple[Action, ...] = (
    Action("palette", "Find an account, client, symbol or action", "Ctrl+K", "Desk"),
    Action("set-book", "Set book of the selected account", "Ctrl+B", "Account"),
    Action("request", "Request a change of the selected account, its client or a position", "Ctrl+R", "Account"),
    Action("unmask", "Unmask a field of the selected account's client", "Ctrl+U", "Account"),
    Action("history", "History of the selected account's client", "Ctrl+H", "Account"),
    Action("theme", "Dark or light theme", "Ctrl+T", "View"),
    Action("sound", "Sound on or off when something is for you to decide", "", "View"),
    Action("full-screen", "Full screen", "F11", "View"),
    Action("float", "Float or dock this panel", "Ctrl+D", "View"),
    Action("reset-layout", "Reset this workspace's layout", "Ctrl+Shift+R", "View"),
    Action("keys", "Keys", "F1", "Desk"),
    Action("lock", "Lock the desk", "Ctrl+L", "Desk"),
    Action("password", "Change your password", "", "Desk"),
    Action("sign-out", "Sign out", "", "Desk"),
    Action("quit", "Quit", "Ctrl+Q", "Desk"),
    Action("why", "Why this figure?", "Ctrl+?", "Table", Scope.TABLE),
    Action("filter", "Filter row", "Ctrl+F", "Table", Scope.TABLE),
    Action("export", "Export to CSV or XLSX", "Ctrl+Shift+E", "Table", Scope.TABLE),
    Action("copy", "Copy the selected rows", "Ctrl+C", "Table", Scope.TABLE),
    Action("select-all", "Select all rows", "Ctrl+A", "Table", Scope.TABLE),
    Action("row-menu", "Menu of the row", "Shift+F10", "Table", Scope.TABLE),
)


def _of_panel(panel: str, menu: str, keys: Iterable[tuple[str, str]]) -> tuple[Action, ...]:
    return tuple(Action(f"{panel}-{key}", title, key, menu, Scope.PANEL, panel) for key, title in keys)


OF_PANELS = (
    *_of_panel(
        "approvals",
        "Approvals",
        (
            ("A", "Approve the chosen request"),
            ("R", "Refuse the chosen request"),
            ("W", "Withdraw what you asked for"),
            ("S", "Settle a command whose end nobody knows"),
            ("C", "Cover an absence"),
        ),
    ),
    *_of_panel(
        "staff",
        "Staff",
        (
            ("N", "Take on somebody new"),
            ("R", "Another role for the chosen person"),
            ("S", "What the chosen person sees"),
            ("A", "Let the chosen person in or out"),
            ("L", "Make a login for the chosen person"),
            ("D", "Drop a login of the chosen person"),
            ("P", "First password of the chosen person"),
        ),
    ),
    *_of_panel(
        "policies",
        "Policies",
        (
            ("N", "A new policy"),
            ("V", "A new version of the chosen policy"),
            ("X", "End the chosen policy"),
            ("W", "What would the chosen policy have asked?"),
        ),
    ),
    *_of_panel(
        "audit",
        "Audit",
        (
            ("/", "Look for entries of the audit log"),
            ("E", "Export the audit entries shown, with their proofs"),
            ("Shift+E", "Export the whole sealed audit log"),
        ),
    ),
    *_of_panel(
        "stress",
        "Stress",
        (
            ("R", "Run the stress test again, on the book of now"),
            ("D", "The other direction of the stress test"),
            ("E", "Change what moves in the stress test"),
            ("S", "Save the scenario as your own"),
            ("X", "Delete the chosen own scenario"),
            ("H", "Value at risk, over another time"),
        ),
    ),
)
"""What the panels' own keys do that one may want from elsewhere too; each panel binds its keys itself."""


def all_actions(entries: Sequence[PanelEntry]) -> tuple[Action, ...]:
    """The whole table: workspaces, panels, the fixed actions, and those of the panels that there are."""
    spaces = (Action(f"workspace:{w.name}", w.title, w.key, "Workspace") for w in WORKSPACES)
    panels = (Action(f"panel:{entry.name}", entry.title, entry.key, "Panel") for entry in entries)
    names = {entry.name for entry in entries}
    return (*spaces, *panels, *FIXED, *(action for action in OF_PANELS if action.panel in names))


def key_text(key: str) -> str:
    """A key as it is shown beside its action: "Ctrl K", "F2"."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText).replace("+", " ").strip()


class ActionSet:
    """The table as QActions of one window, each bound to the callable of its name."""

    def __init__(self, window: QWidget, table: Iterable[Action], deeds: Mapping[str, Callable[[], None]]) -> None:
        self.table = tuple(table)
        self._made = {
            action.name: BoundAction(window, action, deeds[action.name])
            for action in self.table
            if action.scope is not Scope.TABLE
        }
        for made in self._made.values():
            window.addAction(made)

    def __getitem__(self, name: str) -> QAction:
        return self._made[name]

    def trigger(self, name: str) -> None:
        """Does an action as if its key had been pressed; raises KeyError for a name that is none."""
        self._made[name].trigger()

    def menu(self, parent: QWidget) -> QMenu:
        """All actions by menu, with their keys; the table's own keys are shown, not offered."""
        whole = QMenu(parent)
        parts: dict[str, QMenu] = {}
        for action in self.table:
            part = parts.get(action.menu) or parts.setdefault(action.menu, whole.addMenu(action.menu))
            if action.name in self._made:
                part.addAction(self._made[action.name])
            else:
                shown = part.addAction(f"{action.title}\t{key_text(action.key)}")
                shown.setEnabled(False)
        return whole


class BoundAction(QAction):
    """An action of the table with what it does in this window."""

    def __init__(self, window: QWidget, action: Action, deed: Callable[[], None]) -> None:
        super().__init__(action.title, window)
        self._deed = deed
        self.setObjectName(f"action-{action.name}")
        if action.scope is Scope.PANEL:
            # the panel binds it: elsewhere a letter is a letter
            self.setText(f"{action.title}\t{key_text(action.key)}")
        elif action.key:
            self.setShortcut(QKeySequence(action.key))
            # floating docks are windows of their own: the keys must work there too
            self.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
        self.triggered.connect(self._do)

    def _do(self) -> None:
        self._deed()
