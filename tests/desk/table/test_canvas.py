from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from dealerdesk.desk import theme
from dealerdesk.desk.table import Coded, Column, ColumnRows, Kind, TableView
from table.conftest import MakeTable
from table.samples import SYMBOLS, KeptInHand, SetClock, exposure

TWO = np.zeros(2)


def test_what_is_seen_fills_the_width(table: TableView) -> None:
    assert table.stage.placement.width == table.viewport().width()
    assert len(table.stage.placement.columns) == 6


def test_columns_leave_a_narrow_table_and_come_back(make_table: MakeTable) -> None:
    table = make_table(width=260)
    assert [placed.column.key for placed in table.stage.placement.columns][:2] == ["symbol", "net"]
    assert len(table.stage.placement.columns) < 6
    table.resize(900, 300)
    QApplication.processEvents()
    assert len(table.stage.placement.columns) == 6


def test_a_figure_wider_than_its_column_widens_the_column_before_it_is_painted(table: TableView) -> None:
    column = table.contents.rows.column("net")
    assert isinstance(column, np.ndarray)
    before = table.stage.placement.find("net")
    column[0] = -123_456_789_012_345.67
    table.viewport().repaint()
    after = table.stage.placement.find("net")

    assert before is not None
    assert after is not None
    assert after.width > before.width
    assert after.width >= 8 * len("−123 456 789 012 345.67")


def test_rows_that_became_fewer_since_the_order_was_made_are_not_looked_for(
    table: TableView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Live rows change between two beats, and the window may be painted in between."""
    fewer = {"symbol": Coded(np.arange(2), SYMBOLS), "book": ["A", "B"], "level_tone": np.zeros(2, dtype=np.int8)}
    monkeypatch.setattr(
        table.contents, "rows", exposure(**fewer, **dict.fromkeys(("net", "level", "used", "age"), TWO))
    )
    monkeypatch.setattr(table.contents.rows, "_keys", SYMBOLS[:2])

    assert len(table.contents.order) == 4
    assert table.visible_cells()[0].tolist() == [0, 1]
    table.viewport().repaint()


def test_an_error_in_painting_is_told_and_does_not_end_the_program(
    table: TableView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "_body", lambda: TWO[np.array([5])])

    with pytest.raises(IndexError, match="out of bounds"):
        table.viewport().repaint()


def test_a_total_wider_than_its_column_widens_the_column(make_table: MakeTable) -> None:
    table = make_table(exposure(net=np.array([4e14, 4e14, 4e14, 4e14])))
    placed = table.stage.placement.find("net")

    assert placed is not None
    assert placed.width >= 8 * len("+1 600 000 000 000 000.00") - 20


def test_no_column_that_stays_is_cut_by_one_that_grew(make_table: MakeTable) -> None:
    table = make_table(exposure(net=np.full(4, 1e15)), width=420)
    table.viewport().repaint()
    placement = table.stage.placement

    assert placement.left_out
    assert placement.width <= max(420, placement.columns[-1].right)


def test_a_hidden_table_does_nothing_until_it_is_seen(make_table: MakeTable, clock: SetClock) -> None:
    net = np.array([1.0, 2.0, 3.0, 4.0])
    table = make_table(exposure(net=net))
    table.sort_by([("net", True)])
    table.hide()
    net[:] = net[::-1].copy()
    clock.now_s += 5
    table.refresh()
    assert table.visible_order().tolist() == [3, 2, 1, 0]
    table.show()
    QApplication.processEvents()
    assert table.visible_order().tolist() == [0, 1, 2, 3]


def test_a_live_sort_is_renewed_when_its_second_is_over(
    qtbot: QtBot, dark: theme.Theme, memory: KeptInHand, clock: SetClock
) -> None:
    net = np.array([1.0, 2.0])
    table = TableView("x", [Column("net", "Net", Kind.SIGNED)], None, memory, "", clock)
    qtbot.addWidget(table)
    table.show()
    table.show_rows(ColumnRows({"net": net}))
    table.sort_by([("net", True)])
    net[:] = (9.0, 2.0)
    clock.now_s += 0.99
    table.refresh()
    assert table.visible_order().tolist() == [1, 0]
    clock.now_s += 0.02

    qtbot.waitUntil(lambda: table.visible_order().tolist() == [0, 1])


def test_a_table_that_is_stale_says_since_when_and_greys_its_rows(table: TableView) -> None:
    table.set_stale("16:42:07")
    _, cells = table.visible_cells()

    assert {tone for cell in cells for tone in cell.tones} == {theme.Tone.STALE}
    assert [line.words for line in table.margins.foot.lines] == ["All 4 symbols", "Stale since 16:42:07"]
    table.set_stale(None)
    assert len(table.margins.foot.lines) == 1


def test_the_theme_changes_under_an_open_table(table: TableView, qapp: QApplication) -> None:
    dark_pixel = table.grab().toImage().pixelColor(300, 200).name().upper()
    theme.apply(qapp, theme.LIGHT)
    light_pixel = table.grab().toImage().pixelColor(300, 200).name().upper()

    assert (dark_pixel, light_pixel) == (theme.DARK.panel, theme.LIGHT.panel)


def test_rows_are_found_by_where_they_are(table: TableView) -> None:
    assert table.position_at(5) == 0
    assert table.position_at(3 * theme.ROW_PX + 1) == 3
    assert table.position_at(4 * theme.ROW_PX + 1) is None
    assert table.position_at(-3) is None
    assert table.row_rect(2).top() == 2 * theme.ROW_PX


def test_a_table_wider_than_its_window_scrolls_sideways_under_its_pinned_column(make_table: MakeTable) -> None:
    table = make_table(width=250)
    table.stage.arrangement.sideways = True
    table.layout_columns()
    across = table.horizontalScrollBar()
    assert across.maximum() > 0
    across.setValue(across.maximum())
    table.viewport().repaint()
    placement = table.stage.placement

    assert placement.view_x(placement.columns[0], across.value()) == 0
    assert placement.view_x(placement.columns[-1], across.value()) + placement.columns[-1].width <= 250


def test_big_totals_are_summed_a_few_times_a_second(make_table: MakeTable, clock: SetClock) -> None:
    size, summed = 30_000, []

    class Counted(ColumnRows):
        def total(self, key: str, rows: np.ndarray) -> float:
            summed.append(key)
            return 1.0

    figures = {key: np.ones(size) for key in ("net", "level", "used", "age")}
    words = {key: Coded(np.zeros(size, dtype=int), ["A"]) for key in ("symbol", "book")}
    table = make_table(Counted({**figures, **words, "level_tone": np.zeros(size, dtype=np.int8)}))
    summed.clear()
    for _ in range(10):
        clock.now_s += 0.05
        table.refresh()

    assert 1 <= len(summed) <= 3


def test_among_very_many_rows_one_that_leaves_does_not_sum_them_all_anew_but_a_filter_does(
    make_table: MakeTable, clock: SetClock
) -> None:
    size, summed = 30_000, []

    class Leaving(ColumnRows):
        left = 0

        def revision(self) -> int:
            return self.left

        def alive(self) -> np.ndarray:
            return np.arange(size) >= self.left

        def total(self, key: str, rows: np.ndarray) -> float:
            summed.append(len(rows))
            return 1.0

    figures = {key: np.ones(size) for key in ("net", "level", "used", "age")}
    words = {key: Coded(np.zeros(size, dtype=int), ["A"]) for key in ("symbol", "book")}
    rows = Leaving({**figures, **words, "level_tone": np.zeros(size, dtype=np.int8)})
    table = make_table(rows)
    summed.clear()
    for rows.left in range(1, 11):
        clock.now_s += 0.01
        table.refresh()
    assert summed == []

    table.set_filter("net", ">0")
    assert summed


def test_the_scroll_bar_stands_beside_the_rows_alone(make_table: MakeTable) -> None:
    table = make_table(height=110)
    bar, rows = table.verticalScrollBar(), table.viewport().geometry()
    top = bar.mapTo(table, bar.rect().topLeft()).y()

    assert bar.isVisible()
    assert (top, bar.height()) == (rows.top(), rows.height())
    assert table.margins.header.width() == table.margins.foot.width() == table.width()
