"""The one QApplication of the process and the loop that joins asyncio and Qt: the only module that imports it."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop  # after PySide6, or it may choose another binding

T = TypeVar("T")


def make_application() -> QApplication:
    """The one QApplication of the process, with fractional scale factors taken as they are."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
        app = QApplication(["dealerdesk"])
    app.setApplicationName("DealerDesk")
    app.setQuitOnLastWindowClosed(False)
    return app


def run_until_done(app: QApplication, work: Coroutine[Any, Any, T]) -> T:
    """Runs Qt and asyncio together until `work` is done, and returns or raises what it did."""
    with QEventLoop(app) as loop:
        done: T = loop.run_until_complete(work)
    return done
