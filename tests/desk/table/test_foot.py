from __future__ import annotations

from PySide6.QtWidgets import QWidget

from dealerdesk.desk.table.arrangement import Arrangement
from dealerdesk.desk.table.contents import FootLine
from dealerdesk.desk.table.foot import Foot
from dealerdesk.desk.theme import ROW_PX
from table.samples import COLUMNS

PLACEMENT = Arrangement.of(COLUMNS).place(
    {column.key: column for column in COLUMNS}, {column.key: 100 for column in COLUMNS}, 600
)


def test_the_foot_draws_its_words_and_the_totals_under_their_columns(outer: QWidget) -> None:
    foot = Foot(outer)
    foot.resize(600, ROW_PX)
    foot.show_lines([FootLine("All 4")], PLACEMENT, 0)
    words_only = foot.grab().toImage()
    foot.show_lines([FootLine("All 4", {"net": "−69.12"})], PLACEMENT, 0)
    with_total = foot.grab().toImage()
    reds = [with_total.pixelColor(x, y).red() for x in range(130, 195) for y in range(ROW_PX)]

    assert words_only.copy(0, 0, 100, ROW_PX) == with_total.copy(0, 0, 100, ROW_PX)
    assert max(reds) > 200  # the negative orange
    assert words_only.copy(200, 0, 400, ROW_PX) == with_total.copy(200, 0, 400, ROW_PX)


def test_totals_of_columns_scrolled_under_the_pinned_ones_are_not_drawn_over_the_words(outer: QWidget) -> None:
    foot = Foot(outer)
    foot.resize(300, ROW_PX)
    foot.show_lines([FootLine("All 4")], PLACEMENT, 60)
    words_only = foot.grab().toImage()
    foot.show_lines([FootLine("All 4", {"net": "+1.00"})], PLACEMENT, 60)

    assert foot.grab().toImage() == words_only
