"""What the table and chart kits cost, beside a QTableView whose Python model answers roles, in one run.

Run it as a script: `python tests/benchmarks/bench_table.py`. It paints offscreen, prints medians over repeated full
repaints in which every visible value changed, and ends with 1 when a limit is missed. Times are wall clock on whatever
machine it runs; the ratios are what can be compared.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QTableView, QWidget

from dealerdesk.desk import numbers, theme
from dealerdesk.desk.chart import Series, TimeChart
from dealerdesk.desk.table import Coded, Column, ColumnRows, Kind, TableView
from dealerdesk.desk.theme import HEADER_PX, ROW_PX, Tone

ROWS, SHOWN_ROWS, FIGURES = 45_000, 44, 14
CELLS = SHOWN_ROWS * (FIGURES + 1)
REPEATS = 40
REPAINT_LIMIT_MS, ORDER_LIMIT_MS = 9.0, 5.0
KINDS = (Kind.SIGNED_MONEY, Kind.MONEY, Kind.PERCENT, Kind.SIGNED, Kind.BAR, Kind.AGE)
COLUMNS = [
    Column("account", "Account", Kind.TEXT, 9, frozen=True),
    *(Column(f"v{n}", f"Figure {n}", KINDS[n % 6], 9, total=n % 6 < 2) for n in range(FIGURES)),
]
CHANCE = np.random.default_rng(7)


class Unremembered:
    """A memory that keeps nothing."""

    def load(self, _name: str) -> None:
        return None

    def save(self, _name: str, _record: Any) -> None:
        return None


class RoleModel(QAbstractTableModel):
    """The usual way: text, alignment and colour of each cell by role."""

    def __init__(self, columns: dict[str, Any]) -> None:
        super().__init__()
        self._columns = columns

    def rowCount(self, _parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008, N802  # Qt's own name and default
        return ROWS

    def columnCount(self, _parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        return FIGURES + 1

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> Any:
        if index.column() == 0:
            return f"M5 {700_000 + index.row()}" if role == Qt.ItemDataRole.DisplayRole else None
        value = self._columns[f"v{index.column() - 1}"][index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return numbers.signed(value)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == Qt.ItemDataRole.ForegroundRole:
            return QColor(theme.current().positive if value > 0 else theme.current().negative)
        return None


def main() -> int:
    """Measures, prints, and returns 1 when a limit is missed."""
    app = QApplication.instance() or QApplication(sys.argv[:1])
    if not isinstance(app, QApplication):
        raise TypeError("a widget application is needed")
    theme.apply(app, theme.DARK)
    columns = sample()
    kit_ms = repaint_ms(kit_table(columns), columns)
    peer_ms = repaint_ms(peer_table(columns), columns)
    print(f"full repaint of {CELLS} cells, all changed: table kit {kit_ms:.2f} ms, QTableView with Python roles")
    print(f"  {peer_ms:.1f} ms, {peer_ms / kit_ms:.1f} times as much (limit {REPAINT_LIMIT_MS} ms)")
    worst_ms = max(order_ms(columns, keys, filters) for keys, filters in ORDERS)
    print(f"chart redraw, 2 x 20 000 points: {chart_ms():.2f} ms")
    return int(kit_ms > REPAINT_LIMIT_MS or worst_ms > ORDER_LIMIT_MS)


def sample() -> dict[str, Any]:
    """45,000 rows: a name and fourteen figures of several sizes."""
    columns: dict[str, Any] = {f"v{n}": CHANCE.normal(size=ROWS) * 10.0 ** (n % 5 + 1) for n in range(FIGURES)}
    columns["v4"] = CHANCE.normal(size=ROWS) / 2
    columns["v10"] = CHANCE.normal(size=ROWS) / 2
    columns["account"] = Coded(CHANCE.permutation(ROWS), [f"M5 {700_000 + n}" for n in range(ROWS)])
    return columns


def kit_table(columns: dict[str, Any]) -> QWidget:
    """The table kit over the sample, sorted and with totals."""
    table = TableView("bench", COLUMNS, None, Unremembered(), "accounts")
    table.resize(1900, HEADER_PX + (SHOWN_ROWS + 1) * ROW_PX)
    table.show()
    table.show_rows(ColumnRows(columns))
    table.sort_by([("v0", True)])
    QApplication.processEvents()
    if len(table.stage.placement.columns) * table.page() != CELLS:
        raise AssertionError("the table does not show the cells it is measured for")
    return table


def peer_table(columns: dict[str, Any]) -> QWidget:
    """A QTableView of the same size over the same values."""
    table = QTableView()
    model = RoleModel(columns)
    model.setParent(table)
    table.setModel(model)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(ROW_PX)
    for column in range(FIGURES + 1):
        table.setColumnWidth(column, 1880 // (FIGURES + 1))
    table.resize(1900, table.horizontalHeader().sizeHint().height() + SHOWN_ROWS * ROW_PX)
    table.show()
    QApplication.processEvents()
    return table


def repaint_ms(table: Any, columns: dict[str, Any]) -> float:
    """The median time of a full repaint of the rows after every figure changed."""

    def change() -> None:
        for key, values in columns.items():
            if key != "account":
                values += CHANCE.normal(size=ROWS) * 0.05

    taken = timed(table.viewport().repaint, change)
    table.close()
    table.deleteLater()
    return taken


ORDERS: list[tuple[list[tuple[str, bool]], dict[str, str]]] = [
    ([("v0", True)], {}),
    ([("account", False)], {}),
    ([("v2", False), ("v0", True)], {"v1": ">0", "account": "7|8"}),
    ([("account", True), ("v0", True), ("v1", False)], {"v3": "-1k..1k"}),
]


def order_ms(columns: dict[str, Any], keys: list[tuple[str, bool]], filters: dict[str, str]) -> float:
    """The median time of filtering and sorting all rows, everything live having changed."""
    table = TableView("bench", COLUMNS, None, Unremembered(), "accounts")
    table.contents.rows = ColumnRows(columns)
    table.contents.sort, table.contents.filters = keys, filters

    def arrange() -> None:
        table.contents.arrange(0.0)

    arrange()
    taken = timed(arrange, lambda: None)
    sort = ", ".join(f"{key} {'down' if down else 'up'}" for key, down in keys)
    print(f"sort by {sort}{f', filter {filters}' if filters else ''} of {ROWS} rows: {taken:.2f} ms")
    table.deleteLater()
    return taken


def chart_ms() -> float:
    """The median time from new points to the painted chart."""
    chart = TimeChart("bench")
    chart.resize(900, 400)
    chart.set_series(
        [Series("net", "Net", Tone.POSITIVE, filled=True), Series("pnl", "P&L", Tone.NEGATIVE, axis="right")]
    )
    chart.show()
    QApplication.processEvents()
    x = 1.7733528e9 + np.arange(20_000.0)
    lines = {key: np.cumsum(CHANCE.normal(size=20_000)) for key in ("net", "pnl")}

    def redraw() -> None:
        for key, y in lines.items():
            chart.set_data(key, x, y)
        chart.draw_now()
        chart.plot_viewport().repaint()

    def change() -> None:
        for y in lines.values():
            y += CHANCE.normal(size=20_000)

    taken = timed(redraw, change)
    chart.close()
    chart.deleteLater()
    return taken


def timed(work: Callable[[], object], before: Callable[[], object]) -> float:
    """The median duration of some work in milliseconds; what comes before each is not counted."""
    taken = []
    for _ in range(REPEATS):
        before()
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1e3)
    return median(taken)


if __name__ == "__main__":
    sys.exit(main())
