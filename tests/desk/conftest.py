"""What desk tests share: an application with fonts and theme, settings of their own, a check for what is left over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QSettings, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.desk import theme


@pytest.fixture(scope="session")
def qapp_cls() -> type[QApplication]:
    return QApplication


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path) -> None:
    """Window state of tests goes into a folder of the test."""
    QCoreApplication.setOrganizationName("dealerdesk-tests")
    QCoreApplication.setApplicationName("desk")
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "settings"))


@pytest.fixture
def dark(qapp: QApplication) -> Iterator[theme.Theme]:
    """The dark theme on the application."""
    if theme.current() is not theme.DARK or not qapp.styleSheet():
        theme.apply(qapp, theme.DARK)
    yield theme.DARK
    if theme.current() is not theme.DARK:
        theme.apply(qapp, theme.DARK)


@pytest.fixture
def outer(qtbot: QtBot, dark: theme.Theme) -> QWidget:
    """A widget for others to stand in; kept until the test is over."""
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@pytest.fixture(autouse=True)
def leaves_nothing_behind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails a test that leaves a running timer or a top-level widget."""
    if not {"qapp", "qtbot", "dark"} & set(request.fixturenames):
        yield
        return
    request.getfixturevalue("qapp")
    before = set(map(id, _living(QApplication.topLevelWidgets())))
    started: list[QTimer] = []
    original = QTimer.start

    def start(timer: QTimer, *args: int) -> None:
        started.append(timer)
        original(timer, *args)

    monkeypatch.setattr(QTimer, "start", start)
    yield
    monkeypatch.undo()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    running = [timer for timer in started if shiboken6.isValid(timer) and timer.isActive()]
    widgets = [widget for widget in _living(QApplication.topLevelWidgets()) if id(widget) not in before]
    assert not running, f"timers still running: {[timer.parent() for timer in running]}"
    assert not widgets, f"top-level widgets left over: {widgets}"


def _living(widgets: list[QWidget]) -> list[QWidget]:
    return [widget for widget in widgets if shiboken6.isValid(widget)]
