"""Locks the desk when nobody is at it, or on command: figures covered, the session suspended, the password asked again.

Live figures go on in memory; nothing is asked of the database under the person's name meanwhile. Somebody else may sign
in instead. What is covered by is `lock_screen`'s, what suspending means `Library`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

import shiboken6
import structlog
from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from dealerdesk.clock import MINUTE_US
from dealerdesk.desk.lock_screen import LockScreen
from dealerdesk.store.connection_trouble import Trouble, reason_of

if TYPE_CHECKING:
    from dealerdesk.clock import Clock
    from dealerdesk.desk.access import Access
    from dealerdesk.desk.library import Library
    from dealerdesk.desk.settings import Preferences
    from dealerdesk.desk.window import DeskWindow

log = structlog.get_logger(__name__)

DEFAULT_MINUTES = 10
WRONG_PASSWORDS_MAX = 3
LOOK_MS = 1_000
WRONG_PASSWORD = "The password is wrong."
ACTIVITY = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseMove,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletMove,
    }
)
Run = Callable[[Coroutine[object, object, None]], None]


def minutes_until_lock(preferences: Preferences, live: bool) -> int:
    """After how many minutes a desk is locked by itself; 0 is never, which a live broker's desk does not know."""
    return preferences.lock_after_minutes or (DEFAULT_MINUTES if live else 0)


class IdleWatch(QObject):
    """Says `idle` once nobody has touched key or mouse in any window of the program for so many minutes."""

    idle = Signal()

    def __init__(self, minutes: int, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._limit_us = minutes * MINUTE_US
        self._touched_us = clock()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Begins to watch; with 0 minutes there is nothing to watch for."""
        self._touched_us = self._clock()
        if self._limit_us:
            self._timer.start(LOOK_MS)

    def stop(self) -> None:
        """Watches no longer."""
        self._timer.stop()

    def look(self) -> None:
        """Compares with the clock, which also runs while the machine sleeps."""
        for window in QGuiApplication.topLevelWindows():
            # on the windows, not on the application: what a person does arrives there first, and little else does
            window.installEventFilter(self)
        now_us = self._clock()
        self._touched_us = min(self._touched_us, now_us)
        if now_us - self._touched_us >= self._limit_us:
            self.stop()
            self.idle.emit()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in ACTIVITY:
            self._touched_us = self._clock()
        return False


class Lock(QObject):
    """The lock of one desk. `left` ends the session for good; it carries whether somebody wants to sign in."""

    left = Signal(bool)

    def __init__(
        self, window: DeskWindow, access: Access, library: Library, watch: IdleWatch, run: Run, parent: QObject
    ) -> None:
        super().__init__(parent)
        self.screen: LockScreen | None = None
        self._window = window
        self._access = access
        self._library = library
        self._watch = watch
        self._run = run
        self._wrong = 0
        self._has_ended = False
        self._closed: list[QWidget] = []
        self._disabled: list[QWidget | QAction] = []
        self._focused: QWidget | None = None
        watch.idle.connect(self._lock_idle)
        library.ended.connect(self.end)
        watch.start()

    @property
    def is_locked(self) -> bool:
        """Whether the screen is covered."""
        return self.screen is not None

    def lock(self, why: str = "on command") -> None:
        """Covers everything at once, then suspends the session."""
        if self.is_locked:
            return
        self._watch.stop()
        self._wrong = 0
        self._cover()
        self._run(self._library.lock(why))

    def end(self, sentence: str) -> None:
        """The session is over: covers everything and says why."""
        if not self.is_locked:
            self._watch.stop()
            self._cover()
        assert self.screen is not None
        self._has_ended = True
        self.screen.show_ended(sentence)

    def _lock_idle(self) -> None:
        self.lock("nobody at the desk")

    # -- unlocking ----------------------------------------------------------------------------------------------

    def _on_password(self, password: str) -> None:
        self._run(self._unlock(password))

    async def _unlock(self, password: str) -> None:
        try:
            turned = await self._library.unlock(password)
        except OSError as error:
            reason = reason_of(error)
            log.info("not unlocked", trouble=reason.trouble.name)
            is_wrong = reason.trouble is Trouble.PASSWORD
            if reason.trouble is Trouble.NO_LOGIN:
                self.end(reason.sentence)
            else:
                self._refuse(WRONG_PASSWORD if is_wrong else reason.sentence, is_wrong=is_wrong)
            return
        if turned is None:
            self._lift()
        else:
            self._refuse(turned.sentence, is_wrong=True)

    def _refuse(self, sentence: str, *, is_wrong: bool) -> None:
        self._wrong += is_wrong
        if self._wrong >= WRONG_PASSWORDS_MAX:
            self.left.emit(True)
        elif self.screen is not None and not self._has_ended:
            self.screen.show_trouble(sentence)

    def _on_other(self) -> None:
        self.left.emit(True)

    def _on_quit(self) -> None:
        self.left.emit(False)

    # -- the cover ----------------------------------------------------------------------------------------------

    def _cover(self) -> None:
        self._focused = QApplication.focusWidget()
        self._window.keep_layout()
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
        for widget in QApplication.topLevelWidgets():
            if widget is self._window or not widget.isVisible():
                continue
            if isinstance(widget, QDialog) and widget.isModal():
                widget.reject()
            else:
                widget.hide()
                self._closed.append(widget)
        for action in self._window.actions():
            self._disable(action)
        for child in self._window.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if not child.isWindow():
                self._disable(child)
        self.screen = LockScreen(self._window, self._access.profile, self._library.session)
        self.screen.unlock_asked.connect(self._on_password)
        self.screen.other_asked.connect(self._on_other)
        self.screen.quit_asked.connect(self._on_quit)
        # a floating panel may have been the active window
        self._window.activateWindow()
        self.screen.password.setFocus()

    def _disable(self, thing: QWidget | QAction) -> None:
        if thing.isEnabled():
            thing.setEnabled(False)
            self._disabled.append(thing)

    def _lift(self) -> None:
        assert self.screen is not None
        # what was deleted meanwhile is left alone
        for thing in filter(shiboken6.isValid, self._disabled):
            thing.setEnabled(True)
        self.screen.hide()
        self.screen.deleteLater()
        for widget in filter(shiboken6.isValid, self._closed):
            widget.show()
        self.screen = None
        self._closed, self._disabled = [], []
        self._window.layout_changes()
        self._window.activateWindow()
        if self._focused is not None and shiboken6.isValid(self._focused):
            self._focused.setFocus()
        self._focused = None
        self._watch.start()
