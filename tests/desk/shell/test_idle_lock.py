"""The lock: when it falls, what it covers, and how it is lifted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from dealerdesk.commands.signed_in import Session, Turned
from dealerdesk.desk.access import Access
from dealerdesk.desk.application import make_application
from dealerdesk.desk.idle_lock import IdleWatch, Lock, minutes_until_lock
from dealerdesk.desk.jobs import Jobs
from dealerdesk.desk.settings import Preferences
from dealerdesk.desk.window import DeskWindow

from .conftest import NOW_US, RunInQt, access_of

MINUTE_US = 60_000_000


@dataclass
class Clock:
    now_us: int = NOW_US

    def __call__(self) -> int:
        return self.now_us


class LockedLibrary(QObject):
    """Takes one password; notes what became of the session."""

    ended = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.deeds: list[str] = []
        self.trouble: OSError | None = None

    async def lock(self, why: str) -> None:
        self.deeds.append(f"locked: {why}")

    async def unlock(self, password: str) -> Turned | None:
        if self.trouble is not None:
            raise self.trouble
        self.deeds.append("tried")
        return None if password == "green tea leaves" else Turned("The password is wrong.")


@dataclass
class Scene:
    """A furnished window with a lock."""

    window: DeskWindow
    library: LockedLibrary
    lock: Lock
    clock: Clock
    left: list[bool] = field(default_factory=list)

    def type_password(self, qtbot: QtBot, password: str) -> None:
        assert self.lock.screen is not None
        qtbot.keyClicks(self.lock.screen.password, password)
        qtbot.keyClick(self.lock.screen.password, Qt.Key.Key_Return)


Act = Callable[[Scene], Awaitable[None]]


@pytest.fixture
def play(window: DeskWindow, in_qt_loop: RunInQt) -> Callable[[Act], None]:
    """Plays something at a desk with a lock after ten minutes."""
    make_application()

    async def whole(act: Act) -> None:
        clock = Clock()
        access: Access = access_of()
        library = LockedLibrary(access.session)
        async with Jobs(window.notify) as jobs:
            anything: object = library
            watch = IdleWatch(10, clock, window)
            lock = Lock(window, access, anything, watch, jobs.run, window)  # type: ignore[arg-type]
            scene = Scene(window, library, lock, clock)
            lock.left.connect(scene.left.append)
            await act(scene)
            watch.stop()
        assert jobs.bugs == 0

    def run(act: Act) -> None:
        in_qt_loop(whole(act))

    return run


async def a_moment() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_a_monitor_plugged_in_shows_no_panel_beside_the_lock(play: Callable[[Act], None]) -> None:
    async def act(scene: Scene) -> None:
        window = scene.window
        areas: list[QRect] = []
        window.workspaces._others = lambda _window: areas
        scene.lock.lock()
        areas.append(QRect(1920, 0, 1920, 1080))
        window.on_monitor_added()
        assert [dock.entry.name for dock in window.docks if dock.isFloating() and dock.isVisible()] == []

        scene.lock._on_password("green tea leaves")
        await a_moment()
        assert not scene.lock.is_locked
        assert [dock.entry.name for dock in window.docks if dock.isFloating()] == ["accounts", "margin-watch"]

    play(act)


def test_ten_minutes_without_key_or_mouse_lock_the_desk(play: Callable[[Act], None]) -> None:
    async def act(scene: Scene) -> None:
        watch = scene.lock._watch
        scene.clock.now_us += 10 * MINUTE_US - 1
        watch.look()
        assert not scene.lock.is_locked
        scene.clock.now_us += 1
        watch.look()
        await a_moment()
        assert scene.lock.is_locked
        assert scene.library.deeds == ["locked: nobody at the desk"]

    play(act)


def test_any_key_in_any_window_puts_it_off(play: Callable[[Act], None]) -> None:
    async def act(scene: Scene) -> None:
        watch = scene.lock._watch
        watch.look()
        scene.clock.now_us += 9 * MINUTE_US
        QTest.keyClick(scene.window.windowHandle(), Qt.Key.Key_Shift)
        scene.clock.now_us += 9 * MINUTE_US
        watch.look()
        assert not scene.lock.is_locked

    play(act)


def test_a_clock_that_jumps_back_does_not_put_it_off(play: Callable[[Act], None]) -> None:
    async def act(scene: Scene) -> None:
        scene.clock.now_us -= 600 * MINUTE_US
        scene.lock._watch.look()
        scene.clock.now_us += 10 * MINUTE_US
        scene.lock._watch.look()
        assert scene.lock.is_locked
        await a_moment()

    play(act)


@pytest.mark.parametrize(("minutes", "live", "expected"), [(0, True, 10), (0, False, 0), (1, True, 1), (60, True, 60)])
def test_a_live_desk_always_locks(minutes: int, live: bool, expected: int) -> None:
    assert minutes_until_lock(Preferences(lock_after_minutes=minutes), live) == expected


def test_the_lock_covers_everything_and_no_key_reaches_what_is_below(play: Callable[[Act], None], qtbot: QtBot) -> None:
    async def act(scene: Scene) -> None:
        window = scene.window
        window.open_panel("accounts")
        window.docks["accounts"].toggle_floating()
        sheet = QLabel("figures")
        qtbot.addWidget(sheet)
        sheet.show()
        qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
        window.lock_asked.connect(scene.lock.lock)
        window.lock_asked.emit()
        await a_moment()

        assert scene.lock.screen is not None
        assert scene.lock.screen.geometry() == window.rect()
        assert window.docks.panels_in_view() == []
        assert not window.docks["accounts"].isVisible()
        assert not sheet.isVisible()
        assert not any(action.isEnabled() for action in window.actions())
        before = window.workspaces.current
        qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
        assert window.workspaces.current == before
        window.resize(1400, 800)
        assert scene.lock.screen.geometry() == window.rect()
        for _ in range(8):
            QApplication.sendEvent(
                scene.lock.screen,
                QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Tab, Qt.KeyboardModifier.NoModifier),
            )
            assert scene.lock.screen.isAncestorOf(window.focusWidget())

        scene.type_password(qtbot, "green tea leaves")
        await a_moment()
        assert not scene.lock.is_locked
        assert window.docks["accounts"].isVisible()
        assert sheet.isVisible()
        assert all(action.isEnabled() for action in window.actions())
        sheet.close()
        window.docks["accounts"].toggle_floating()

    play(act)


def test_a_wrong_password_is_said_and_the_third_leads_to_the_door(play: Callable[[Act], None], qtbot: QtBot) -> None:
    async def act(scene: Scene) -> None:
        scene.lock.lock()
        for count in (1, 2, 3):
            assert scene.left == []
            scene.type_password(qtbot, "wrong")
            await a_moment()
            assert scene.lock.screen is not None
            if count < 3:
                assert scene.lock.screen.trouble.text() == "The password is wrong."
        assert scene.left == [True]

    play(act)


def test_a_database_that_is_down_is_no_wrong_password(play: Callable[[Act], None], qtbot: QtBot) -> None:
    async def act(scene: Scene) -> None:
        scene.lock.lock()
        scene.library.trouble = ConnectionError("connection failed: Connection refused")
        for _ in range(4):
            scene.type_password(qtbot, "green tea leaves")
            await a_moment()
        assert scene.left == []
        assert scene.lock.screen is not None
        assert scene.lock.screen.trouble.text() == "Nothing answers at the database's address."

    play(act)


def test_somebody_else_may_sign_in_and_anybody_may_quit(play: Callable[[Act], None], qtbot: QtBot) -> None:
    async def act(scene: Scene) -> None:
        scene.lock.lock()
        await a_moment()
        assert scene.lock.screen is not None
        qtbot.mouseClick(scene.lock.screen.other_button, Qt.MouseButton.LeftButton)
        qtbot.mouseClick(scene.lock.screen.quit_button, Qt.MouseButton.LeftButton)
        assert scene.left == [True, False]

    play(act)


def test_who_is_deactivated_while_working_is_told_and_can_only_leave(play: Callable[[Act], None], qtbot: QtBot) -> None:
    async def act(scene: Scene) -> None:
        scene.library.ended.emit("Dana has been deactivated: the session has ended.")
        screen = scene.lock.screen
        assert screen is not None
        assert screen.trouble.text() == "Dana has been deactivated: the session has ended."
        assert not screen.password.isVisible()
        assert not screen.unlock_button.isVisible()
        assert screen.focusWidget() is screen.other_button

    play(act)


def test_a_layout_under_the_lock_is_not_the_one_that_is_kept(play: Callable[[Act], None]) -> None:
    async def act(scene: Scene) -> None:
        saved: list[str] = []
        scene.window.workspaces.save = lambda: saved.append("saved")  # type: ignore[method-assign]
        scene.lock.lock()
        await a_moment()
        assert saved == ["saved"]
        scene.window.close()
        assert saved == ["saved"]

    play(act)
