"""A shown table over the sample rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from dealerdesk.desk.table import Column, Rows, TableView
from dealerdesk.desk.theme import Theme
from table.samples import COLUMNS, KeptInHand, SetClock, exposure

MakeTable = Callable[..., TableView]


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def memory() -> KeptInHand:
    return KeptInHand()


@pytest.fixture
def make_table(qtbot: QtBot, dark: Theme, clock: SetClock, memory: KeptInHand) -> MakeTable:
    def make(
        rows: Rows | None = None, width: int = 700, height: int = 300, columns: Sequence[Column] = COLUMNS
    ) -> TableView:
        table = TableView("exposure", tuple(columns), None, memory, "symbols", clock)
        qtbot.addWidget(table)
        table.resize(width, height)
        table.show()
        table.show_rows(exposure() if rows is None else rows)
        QApplication.processEvents()
        return table

    return make


@pytest.fixture
def table(make_table: MakeTable) -> TableView:
    return make_table()
