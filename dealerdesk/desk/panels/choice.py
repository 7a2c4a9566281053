"""A choice of one among a few in a panel's header: shows the chosen one, opens the rest, and gives each a digit key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QFontMetrics, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QSizePolicy, QWidget

from dealerdesk.desk import theme
from dealerdesk.desk.theme import PAD_PX, PANEL_HEADER_PX, Tone

MARK = " ▾"
FOCUS_PX = 2


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose: its stable value, the words shown, and the key that chooses it."""

    value: str
    text: str
    key: str


class Choice(QAbstractButton):
    """The chosen option in words, with a menu behind it. The keys work anywhere within `panel`."""

    chosen = Signal(str)

    def __init__(self, panel: QWidget, name: str, options: Sequence[Option], about: str) -> None:
        super().__init__(panel)
        self.setObjectName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._about = about
        group = QActionGroup(self)
        self._actions = {option.value: self._action(panel, group, option) for option in options}
        self._menu = QMenu(self)
        self._menu.addActions(list(self._actions.values()))
        self.clicked.connect(self.open_menu)
        self._show(next(iter(self._actions.values())))

    @property
    def value(self) -> str:
        """The value of the chosen option."""
        return next(value for value, action in self._actions.items() if action.isChecked())

    def choose(self, value: str) -> None:
        """Chooses an option as its key would; KeyError for a value that is none. Says so only when it changes."""
        action = self._actions[value]
        if not action.isChecked():
            self._show(action)
            self.chosen.emit(value)

    def next(self) -> None:
        """Chooses the option after the chosen one, the first after the last."""
        values = list(self._actions)
        self.choose(values[(values.index(self.value) + 1) % len(values)])

    def open_menu(self) -> None:
        """Opens all options with their keys."""
        self._menu.popup(self.mapToGlobal(QPoint(0, self.height())))

    def sizeHint(self) -> QSize:
        width = QFontMetrics(theme.font()).horizontalAdvance(self.text() + MARK)
        return QSize(width + PAD_PX, PANEL_HEADER_PX)

    def paintEvent(self, _event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setFont(theme.font())
        lit = self.underMouse() or self.hasFocus()
        painter.setPen(look.ink(Tone.NORMAL if lit else Tone.SECONDARY, "raised"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text() + MARK)
        if self.hasFocus():
            painter.fillRect(0, self.height() - FOCUS_PX, self.width(), FOCUS_PX, look.colour("accent"))
        painter.end()

    def _action(self, panel: QWidget, group: QActionGroup, option: Option) -> QAction:
        action = QAction(option.text, group)
        action.setCheckable(True)
        action.setData(option.value)
        if option.key:
            action.setShortcut(QKeySequence(option.key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            panel.addAction(action)
        action.triggered.connect(self._triggered)
        return action

    def _triggered(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self._show(action)
            self.chosen.emit(action.data())

    def _show(self, action: QAction) -> None:
        action.setChecked(True)
        self.setText(action.text())
        self.setToolTip(self._about)
        self.setAccessibleName(f"{self._about}: {action.text()}")
        self.updateGeometry()
        self.update()
