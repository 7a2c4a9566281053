"""A strip over the window in which something is typed: it comes up in front, Enter asks, Esc leaves.

What a strip holds is never kept: it goes when the strip closes and when the desk is locked. What is asked for, and what
has to go, each strip says itself.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import QWidget

from dealerdesk.desk import theme
from dealerdesk.desk.surface import Overlay


def struck_font(is_struck: bool) -> QFont:
    """The font of what was wanted: crossed out once it was refused."""
    font = theme.font()
    font.setStrikeOut(is_struck)
    return font


class AskingStrip(Overlay):
    """One strip a window, `width_px` wide where there is room; closed until it comes up."""

    def __init__(self, window: QWidget, width_px: int) -> None:
        super().__init__(window)
        self._window = window
        self._width_px = width_px
        self._before: QWidget | None = None
        self.hide()

    def ask(self) -> None:
        """Asks for what is typed, once it says enough."""
        raise NotImplementedError

    def forget(self) -> None:
        """Takes away what was typed or shown."""
        raise NotImplementedError

    def come_up(self, first: QWidget) -> None:
        """Shows the strip in front of everything, with the keys in `first`."""
        if not self.isVisible():
            self._before = self._window.focusWidget()
        self.place()
        self.show()
        self.raise_()
        first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def place(self) -> None:
        """Puts the strip at the top of the window's middle."""
        self.place_at_top(self._window, self._width_px)

    def leave(self) -> None:
        """Closes, and gives the keys back to where they were."""
        self.forget()
        # first the focus, then hiding: Qt would give it to whatever comes next, and tables would choose a row
        if self._before is not None:
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
            self._before = None
        self.hide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.EnabledChange and not self.isEnabled():
            # the desk is being locked: what the strip holds does not outlast it
            self.forget()
            self._before = None
            self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape:
                self.leave()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.ask()
            case _:
                super().keyPressEvent(event)
