"""Opens the sign-in window and waits for somebody to come in: where a desk begins that nobody sits at yet."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSettings
from PySide6.QtGui import QGuiApplication

from dealerdesk.clock import now_us
from dealerdesk.config import FoundProfile, user_folder
from dealerdesk.desk import theme
from dealerdesk.desk.application import make_application, run_until_done
from dealerdesk.desk.jobs import Jobs
from dealerdesk.desk.settings import Preferences, PreferencesError, UserFiles, load_preferences
from dealerdesk.desk.sign_in import SignInWindow
from dealerdesk.desk.theme import THEMES, Tone

if TYPE_CHECKING:
    from pathlib import Path

    from dealerdesk.clock import Clock
    from dealerdesk.desk.access import Access


def sign_in(found: list[FoundProfile], notice: str = "", clock: Clock = now_us) -> Access | None:
    """Blocks until somebody has signed in to one of the profiles; None when the window was closed instead."""
    app = make_application()
    folder = user_folder("")
    settings = _settings(folder)
    theme.apply(app, THEMES[_theme(found, str(settings.value("profile", "")))])
    visit = Visit(found, settings, notice, clock)
    try:
        return run_until_done(app, visit.whole())
    finally:
        settings.sync()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


class Visit:
    """One opening of the window, from its first paint until somebody came in or left."""

    def __init__(self, found: list[FoundProfile], settings: QSettings, notice: str, clock: Clock) -> None:
        self.access: Access | None = None
        self._found = found
        self._settings = settings
        self._notice = notice
        self._clock = clock
        self._over = asyncio.Event()
        self._window: SignInWindow | None = None

    async def whole(self) -> Access | None:
        """Runs it all."""
        async with Jobs(self._tell) as jobs:
            window = SignInWindow(self._found, self._settings, jobs.run, self._clock, self._notice)
            self._window = window
            window.admitted.connect(self._come_in)
            window.closed.connect(self._over.set)
            place_in_the_middle(window)
            window.show()
            await self._over.wait()
        window.hide()
        window.deleteLater()
        return self.access

    def _come_in(self, access: Access) -> None:
        self.access = access
        self._over.set()

    def _tell(self, text: str, _tone: Tone) -> None:
        if self._window is not None:
            self._window.show_trouble(text)


def place_in_the_middle(window: SignInWindow) -> None:
    """As small as it may be, in the middle of the screen."""
    window.resize(window.minimumSize().expandedTo(window.sizeHint()))
    screen = QGuiApplication.primaryScreen().availableGeometry()
    window.move(screen.center() - window.rect().center())


def _settings(folder: Path) -> QSettings:
    folder.mkdir(parents=True, exist_ok=True)
    return QSettings(str(folder / "sign-in.ini"), QSettings.Format.IniFormat)


def _theme(found: list[FoundProfile], last: str) -> str:
    """The theme that this person has on the desk they were at last."""
    names = [each.profile.name for each in found if each.profile is not None]
    name = last if last in names else next(iter(names), "")
    try:
        return load_preferences(UserFiles(user_folder(name))).theme
    except PreferencesError:
        return Preferences().theme
