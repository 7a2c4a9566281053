from __future__ import annotations

from PySide6.QtCore import QMargins, QRect
from PySide6.QtWidgets import QWidget

from dealerdesk.desk.table.arrangement import Placement
from dealerdesk.desk.table.contents import FootLine
from dealerdesk.desk.table.filter_row import FILTER_ROW_PX
from dealerdesk.desk.table.margins import Margins
from dealerdesk.desk.theme import HEADER_PX, ROW_PX


def test_headings_fields_and_foot_stand_around_the_rows(outer: QWidget) -> None:
    margins = Margins(outer)
    assert margins.margins() == QMargins(0, HEADER_PX, 0, 0)
    assert margins.show_foot([FootLine("All 4"), FootLine("Stale")], Placement(), 0)
    assert not margins.show_foot([FootLine("All 5"), FootLine("Stale")], Placement(), 0)
    margins.filter_row.show()
    assert margins.margins() == QMargins(0, HEADER_PX + FILTER_ROW_PX, 0, 2 * ROW_PX)
    margins.set_geometry(QRect(0, 50, 400, 200), 409)

    assert margins.header.geometry() == QRect(0, 50 - HEADER_PX - FILTER_ROW_PX, 409, HEADER_PX)
    assert margins.filter_row.geometry() == QRect(0, 50 - FILTER_ROW_PX, 409, FILTER_ROW_PX)
    assert margins.foot.geometry() == QRect(0, 250, 409, 2 * ROW_PX)
    assert [spacer.height() for spacer in margins.beside] == [HEADER_PX + FILTER_ROW_PX, 2 * ROW_PX]
