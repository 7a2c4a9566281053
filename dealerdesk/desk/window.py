"""The main window: top strip, tiles, docks, status line, and what each action of the table does in it.

It puts the parts together and passes on what a person wants. Figures, layouts, searching and commands are made
elsewhere.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QRect, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QGuiApplication, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QStatusBar, QTabWidget, QVBoxLayout, QWidget

from dealerdesk.commands.audit_query import AuditQuery
from dealerdesk.desk import theme
from dealerdesk.desk.actions import OF_PANELS, ActionSet, all_actions
from dealerdesk.desk.broker_band import FRAME_PX, live_ground
from dealerdesk.desk.docks import Dock, Docks, load_class
from dealerdesk.desk.finder import action_index, state_indexes, texts_of
from dealerdesk.desk.keysheet import KeySheet
from dealerdesk.desk.numbers import plain
from dealerdesk.desk.palette import Palette
from dealerdesk.desk.panel import Panel, PanelEntry
from dealerdesk.desk.search import ACCOUNT, ACTION, CLIENT, SYMBOL, Found
from dealerdesk.desk.statusbar import Identity, StatusLine
from dealerdesk.desk.strip import TopStrip
from dealerdesk.desk.surface import Overlay
from dealerdesk.desk.theme import DARK, LIGHT, Theme, Tone
from dealerdesk.desk.tiles import Tiles
from dealerdesk.desk.workspaces import WORKSPACES, Workspaces

if TYPE_CHECKING:
    from dealerdesk.clock import Clock
    from dealerdesk.config import Profile
    from dealerdesk.desk.desk import Desk
    from dealerdesk.desk.set_book import SetBookStrip
    from dealerdesk.formulas.derivation import Derivation

FIRST_SIZE = QSize(1920, 1080)
SMALLEST = QSize(1024, 640)
WORKSPACE_OF_ROLE = {
    "payments": "back-office",
    "back_office": "back-office",
    "compliance": "compliance",
    "supervisor": "supervisor",
    "auditor": "supervisor",
    "administrator": "administration",
}


class DeskWindow(QMainWindow):
    """One window of one person. `furnish` gives it the desk once the first paint is done."""

    closed = Signal()
    theme_changed = Signal(str)
    sound_toggled = Signal()
    workspace_changed = Signal(str)
    lock_asked = Signal()
    password_asked = Signal()
    sign_out_asked = Signal()

    def __init__(
        self, profile: Profile, who: str, role: str, entries: tuple[PanelEntry, ...], settings: QSettings, clock: Clock
    ) -> None:
        super().__init__()
        self.setObjectName("desk-window")
        self.setWindowTitle(f"{profile.kind} · {plain(profile.title)} · {plain(who)} · DealerDesk")
        self.setMinimumSize(SMALLEST)
        self.on_painted: Callable[[float], None] | None = None
        self._clock = clock
        self._role = role
        self._settings = settings
        self._desk: Desk | None = None
        self._set_book: SetBookStrip | None = None
        self._indexed_structure = -1
        self.strip = TopStrip(profile, who, role)
        self.tiles = Tiles()
        self.status = StatusLine(Identity.of(profile, who, role))
        self._live = profile.live
        self._keeps_layout = True
        self._monitors_changed = False
        live_mark = f"{profile.kind} · {plain(profile.title)}" if profile.live else ""
        self.docks = Docks(self, entries, self._make_panel, live_mark)
        self.workspaces = Workspaces(self, self.docks, settings)
        self.actions_of_desk = ActionSet(self, all_actions(entries), self._deeds(entries))
        self.palette_of_desk = Palette(self, self.strip.field)
        self._actions_index = action_index(self.actions_of_desk.table)
        self._assemble()

    def _assemble(self) -> None:
        if self._live:
            self.setContentsMargins(FRAME_PX, 0, FRAME_PX, FRAME_PX)
        self.setDockNestingEnabled(True)
        self.setDockOptions(self.dockOptions() | QMainWindow.DockOption.GroupedDragging)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setDocumentMode(True)
        top = QWidget()
        stack = QVBoxLayout(top)
        stack.setContentsMargins(0, 0, 0, theme.GAP_PX)
        stack.setSpacing(theme.GAP_PX)
        stack.addWidget(self.strip)
        stack.addWidget(self.tiles)
        self.setMenuWidget(top)
        bar = QStatusBar()
        bar.setSizeGripEnabled(False)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.addWidget(self.status, 1)
        self.setStatusBar(bar)
        self.strip.set_menu(self.actions_of_desk.menu(self))
        self.strip.workspace_chosen.connect(self.show_workspace)
        self.workspaces.switched.connect(self.strip.show_workspace)
        self.workspaces.switched.connect(self.workspace_changed)
        self.workspaces.switched.connect(self._go_to_its_first_panel)
        self.palette_of_desk.set_indexes([self._actions_index])
        self.palette_of_desk.opened.connect(self.refresh_search)
        self.palette_of_desk.chosen.connect(self._do_found)

    # -- from the start to the end ------------------------------------------------------------------------------

    def open(self, workspace: str) -> None:
        """Shows the window as this person left it: geometry first, then the window, then its docks."""
        geometry = self._settings.value("geometry")
        if QGuiApplication.platformName() == "offscreen":
            # there is no screen to fit
            self.resize(FIRST_SIZE)
        elif not (isinstance(geometry, QByteArray) and self.restoreGeometry(geometry)):
            self.setGeometry(first_geometry(QGuiApplication.primaryScreen().availableGeometry()))
        self.show()
        self.workspaces.start(workspace or WORKSPACE_OF_ROLE.get(self._role, WORKSPACES[0].name))
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.screenAdded.connect(self.on_monitor_added)
            application.screenRemoved.connect(self.on_monitor_removed)

    def furnish(self, desk: Desk, set_book: SetBookStrip) -> None:
        """Takes the desk: from now on panels are made where they can be seen."""
        self._desk = desk
        self._set_book = set_book
        self.docks.allow()
        self._go_to_its_first_panel()
        desk.run(self._index_state())

    def _go_to_its_first_panel(self) -> None:
        """The keys of what a workspace is for work at once. No row is chosen by that: what is selected stays so."""
        panel = self.docks[self.workspaces.first_panel].panel
        focused = self.focusWidget()
        if panel is not None and panel.isVisible() and not _is_in_overlay(focused):
            panel.take_focus()

    def on_monitor_added(self) -> None:
        """Lays out anew for the monitors there are; while the layout is not the person's own, once it is again."""
        if self._keeps_layout:
            self.workspaces.on_monitor_added()
        else:
            self._monitors_changed = True

    def on_monitor_removed(self) -> None:
        """Lays out anew for the monitors that are left, as `on_monitor_added` does."""
        if self._keeps_layout:
            self.workspaces.on_monitor_removed()
        else:
            self._monitors_changed = True

    def keep_layout(self) -> None:
        """Keeps where everything is; what becomes of it from now on is not for keeping, until `layout_changes`."""
        self.workspaces.save()
        self._keeps_layout = False

    def layout_changes(self) -> None:
        """The layout is the person's own again."""
        self._keeps_layout = True
        if self._monitors_changed:
            self._monitors_changed = False
            self.workspaces.on_monitor_removed()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._keeps_layout:
            self.workspaces.save()
        self._settings.setValue("geometry", self.saveGeometry())
        super().closeEvent(event)
        self.closed.emit()

    def event(self, event: QEvent) -> bool:
        # all painting of the window happens inside this one event: it is where a frame ends
        if event.type() is QEvent.Type.UpdateRequest and self.on_painted is not None:
            start_s = time.perf_counter()
            done = super().event(event)
            self.on_painted((time.perf_counter() - start_s) * 1000)
            return done
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._live:
            painter = QPainter(self)
            frame = live_ground(theme.current())
            painter.fillRect(0, 0, FRAME_PX, self.height(), frame)
            painter.fillRect(self.width() - FRAME_PX, 0, FRAME_PX, self.height(), frame)
            painter.fillRect(0, self.height() - FRAME_PX, self.width(), FRAME_PX, frame)
            painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._set_book is not None and self._set_book.isVisible():
            self._set_book.place()

    # -- what panels and the palette ask ------------------------------------------------------------------------

    def open_panel(self, name: str) -> None:
        """Shows a panel in front and gives it the focus."""
        if self._desk is not None:
            self.docks.open(name)

    def open_set_book(self, server: str, login: int) -> None:
        """Opens the strip that asks for an account's other book, or says why that may not be asked now."""
        refusal = self._set_book.open_for(server, login) if self._set_book is not None else "The desk is starting."
        if refusal:
            self.notify(refusal, Tone.ATTENTION)

    def explain(self, derivation: Derivation) -> None:
        """Opens the Why panel with how a figure came about."""
        self.docks.open("why").show_derivation(derivation)

    def notify(self, text: str, tone: Tone = Tone.NORMAL) -> None:
        """Says a sentence in the status line for eight seconds."""
        self.status.say(text, tone, self._clock())

    def show_workspace(self, name: str) -> None:
        """Switches to a workspace."""
        self.workspaces.switch(name)

    def set_theme(self, chosen: Theme) -> None:
        """Puts a theme on the whole application and remembers nothing: who listens to `theme_changed` does."""
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, chosen)
        self.theme_changed.emit(chosen.name)

    def _make_panel(self, entry: PanelEntry) -> Panel:
        assert self._desk is not None
        return load_class(entry)(self._desk)

    # -- actions ------------------------------------------------------------------------------------------------

    def _deeds(self, entries: tuple[PanelEntry, ...]) -> Mapping[str, Callable[[], None]]:
        spaces = {f"workspace:{w.name}": partial(self.show_workspace, w.name) for w in WORKSPACES}
        panels = {f"panel:{entry.name}": partial(self.open_panel, entry.name) for entry in entries}
        of_panels = {a.name: partial(self._do_in_panel, a.panel, a.key) for a in OF_PANELS}
        fixed: dict[str, Callable[[], None]] = {
            "palette": self._open_palette,
            "set-book": self._set_book_of_selected,
            "request": self._request_of_selected,
            "unmask": self._unmask_selected,
            "history": self._history_of_selected,
            "theme": self._toggle_theme,
            "sound": self._toggle_sound,
            "full-screen": self._toggle_full_screen,
            "float": self._toggle_floating,
            "reset-layout": self._reset_layout,
            "keys": self._show_keys,
            "lock": self._ask_lock,
            "password": self._ask_password,
            "sign-out": self._ask_sign_out,
            "quit": self._quit,
        }
        return {**spaces, **panels, **of_panels, **fixed}

    def _do_in_panel(self, name: str, key: str) -> None:
        """Goes to a panel and does there what its key does."""
        self.open_panel(name)
        panel = self.docks[name].panel
        if panel is not None:
            bound = (action for action in panel.findChildren(QAction) if action.shortcut() == QKeySequence(key))
            for action in bound:
                action.trigger()
                return

    def _reset_layout(self) -> None:
        self.workspaces.reset()

    def _open_palette(self) -> None:
        self.palette_of_desk.open()

    def _set_book_of_selected(self) -> None:
        account = self._selected_account()
        if account is None or self._desk is None:
            return
        accounts = self._desk.selection.accounts
        if len(accounts) > 1:
            self._desk.selection.ask_books(accounts)
        else:
            self.open_set_book(*account)

    def _request_of_selected(self) -> None:
        account = self._selected_account()
        if account is not None and self._desk is not None:
            self._desk.selection.ask_request(*account, self._desk.selection.position)

    def _unmask_selected(self) -> None:
        account = self._selected_account()
        if account is not None and self._desk is not None:
            self._desk.selection.ask_unmask(*account)

    def _history_of_selected(self) -> None:
        account = self._selected_account()
        slot = self._desk.state.accounts.slot(*account) if account is not None and self._desk is not None else None
        if slot is not None and self._desk is not None:
            self._desk.selection.ask_history(AuditQuery(client_id=int(self._desk.state.accounts.client_id[slot])))
            self.open_panel("audit")

    def _selected_account(self) -> tuple[str, int] | None:
        """None, once that is said, when nobody has chosen one."""
        account = self._desk.selection.account if self._desk is not None else None
        if account is None:
            self.notify("Choose an account first: click a row, or find it with Ctrl K.", Tone.ATTENTION)
        return account

    def _toggle_theme(self) -> None:
        self.set_theme(LIGHT if theme.current() is DARK else DARK)

    def _toggle_sound(self) -> None:
        self.sound_toggled.emit()

    def _toggle_full_screen(self) -> None:
        self.setWindowState(self.windowState() ^ Qt.WindowState.WindowFullScreen)

    def _toggle_floating(self) -> None:
        widget = QApplication.focusWidget()
        while widget is not None and not isinstance(widget, QDockWidget):
            widget = widget.parentWidget()
        if isinstance(widget, Dock):
            widget.toggle_floating()
        else:
            self.notify("Click into the panel that you want to float.", Tone.ATTENTION)

    def _show_keys(self) -> None:
        sheet = KeySheet(self.actions_of_desk.table, self)
        sheet.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sheet.show()

    def _ask_lock(self) -> None:
        self.lock_asked.emit()

    def _ask_password(self) -> None:
        self.password_asked.emit()

    def _ask_sign_out(self) -> None:
        self.sign_out_asked.emit()

    def _quit(self) -> None:
        self.close()

    # -- finding ------------------------------------------------------------------------------------------------

    def refresh_search(self) -> None:
        """Takes in what the live state holds now, in the background."""
        if self._desk is not None and self._desk.state.version.structure != self._indexed_structure:
            self._desk.run(self._index_state())

    async def _index_state(self) -> None:
        if self._desk is None:
            return
        self._indexed_structure = self._desk.state.version.structure
        indexes = await asyncio.to_thread(state_indexes, texts_of(self._desk.state))
        self.palette_of_desk.set_indexes([self._actions_index, *indexes])

    def _do_found(self, found: Found) -> None:
        if self._desk is None:
            return
        key = found.key
        match found.kind:
            case kind if kind == ACTION:
                self.actions_of_desk.trigger(str(key))
            case kind if kind in (ACCOUNT, CLIENT) and isinstance(key, tuple):
                self._desk.selection.select_account(*key)
                self.open_panel("account")
            case kind if kind == SYMBOL and isinstance(key, tuple):
                self._desk.selection.select_symbol(*key)
                self.open_panel("quotes")
            case other:
                raise ValueError(f"palette: nobody does {other!r}")


def _is_in_overlay(widget: QWidget | None) -> bool:
    """Whether a person is in a strip over the window; there the focus stays."""
    while widget is not None and not isinstance(widget, Overlay):
        widget = widget.parentWidget()
    return widget is not None and widget.isVisible()


def first_geometry(screen: QRect) -> QRect:
    """Where a window opens that was never open before: 1920 × 1080, or all of a smaller screen."""
    size = FIRST_SIZE.boundedTo(screen.size())
    corner = screen.center() - QRect(screen.topLeft(), size).center() + screen.topLeft()
    return QRect(corner, size)
