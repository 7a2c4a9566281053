from __future__ import annotations

import asyncio

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from dealerdesk.desk.application import make_application, run_until_done


def test_there_is_one_application_and_it_outlives_its_last_window(qapp: QApplication) -> None:
    assert make_application() is make_application() is qapp
    assert qapp.applicationName() == "DealerDesk"
    assert not qapp.quitOnLastWindowClosed()


def test_qt_goes_on_while_work_is_waited_for(qapp: QApplication) -> None:
    async def work() -> int:
        rung = asyncio.Event()
        QTimer.singleShot(0, rung.set)
        await asyncio.wait_for(rung.wait(), 20)
        return 7

    assert run_until_done(qapp, work()) == 7


def test_what_the_work_raises_is_raised(qapp: QApplication) -> None:
    async def work() -> None:
        raise ConnectionError("cut")

    with pytest.raises(ConnectionError, match="cut"):
        run_until_done(qapp, work())
