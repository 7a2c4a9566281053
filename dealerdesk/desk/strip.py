"""The top strip: workspaces left, the search field in the middle, right what one is signed in to, and as whom.

A live broker looks unmistakably different from a demo: filled badge, and a red band with its name along the top.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QTabBar, QToolButton, QWidget

from dealerdesk.commands.roles import role_words
from dealerdesk.config import Profile
from dealerdesk.desk import theme
from dealerdesk.desk.broker_band import BAND_PX, BrokerBand
from dealerdesk.desk.numbers import plain
from dealerdesk.desk.palette import SearchField
from dealerdesk.desk.panel import plain_label
from dealerdesk.desk.surface import Badge
from dealerdesk.desk.workspaces import WORKSPACES

HEIGHT_PX = 34
FIELD_PX = 420


class TopStrip(QWidget):
    """The strip itself; `workspace_chosen` carries a workspace's name."""

    workspace_chosen = Signal(str)

    def __init__(self, profile: Profile, who: str, role: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("top-strip")
        self.tabs = QTabBar(self)
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.tabs.setStyleSheet("QTabBar, QTabBar::tab { background: transparent; }")
        self.tabs.setAccessibleName("Workspaces")
        for place, workspace in enumerate(WORKSPACES):
            self.tabs.addTab(workspace.title)
            self.tabs.setTabToolTip(place, workspace.key.replace("+", " "))
        self.tabs.currentChanged.connect(self._on_tab)
        self.field = SearchField(self)
        self.field.setMaximumWidth(FIELD_PX)
        self.badge = Badge(profile.live, self)
        self.menu_button = QToolButton(self)
        self.menu_button.setText("Menu")
        self.menu_button.setAutoRaise(True)
        self.menu_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.menu_button.clicked.connect(self._open_menu)
        self._menu: QMenu | None = None
        self._band = BrokerBand(profile, self) if profile.live else None
        self.person = plain_label(f"{plain(profile.title)} · {plain(who)} · {plain(role_words(role))}", "secondary")
        self._lay_out()

    def show_workspace(self, name: str) -> None:
        """Marks a workspace as the present one."""
        names = [workspace.name for workspace in WORKSPACES]
        self.tabs.blockSignals(True)
        self.tabs.setCurrentIndex(names.index(name))
        self.tabs.blockSignals(False)

    def _lay_out(self) -> None:
        band_px = BAND_PX if self._band is not None else 0
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.PAD_PX, band_px, theme.PAD_PX, 0)
        row.setSpacing(theme.PAD_PX)
        row.addWidget(self.tabs)
        row.addStretch(1)
        row.addWidget(self.field, 2)
        row.addStretch(1)
        for widget in (self.badge, self.person, self.menu_button):
            row.addWidget(widget)
        self.setFixedHeight(HEIGHT_PX + band_px)

    def set_menu(self, menu: QMenu) -> None:
        """What the menu button opens."""
        self._menu = menu

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = theme.current()
        painter.fillRect(self.rect(), look.colour("raised"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, look.colour("line"))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._band is not None:
            self._band.setGeometry(0, 0, self.width(), BAND_PX)

    def _open_menu(self) -> None:
        if self._menu is not None:
            self._menu.popup(self.menu_button.mapToGlobal(self.menu_button.rect().bottomLeft()))

    def _on_tab(self, index: int) -> None:
        self.workspace_chosen.emit(WORKSPACES[index].name)
