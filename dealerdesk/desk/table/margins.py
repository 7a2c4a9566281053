"""The table's borders: heading and filter fields above its rows, totals below, kept in step with the placement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QMargins, QRect
from PySide6.QtWidgets import QWidget

from dealerdesk.desk.table.arrangement import Placement
from dealerdesk.desk.table.contents import FootLine
from dealerdesk.desk.table.filter_row import FILTER_ROW_PX, FilterRow
from dealerdesk.desk.table.foot import Foot
from dealerdesk.desk.table.header import Header
from dealerdesk.desk.table.order import SortKey
from dealerdesk.desk.theme import HEADER_PX, ROW_PX


class Margins:
    """Heading, filter row and foot of one table."""

    def __init__(self, parent: QWidget) -> None:
        self.header = Header(parent)
        self.filter_row = FilterRow(parent)
        self.foot = Foot(parent)
        self.filter_row.hide()

    def margins(self) -> QMargins:
        """The room they need around the rows."""
        above = HEADER_PX + (FILTER_ROW_PX if not self.filter_row.isHidden() else 0)
        return QMargins(0, above, 0, len(self.foot.lines) * ROW_PX)

    def set_geometry(self, rows: QRect) -> None:
        """Puts them around the rectangle of the rows."""
        above = self.margins().top()
        self.header.setGeometry(rows.x(), rows.y() - above, rows.width(), HEADER_PX)
        self.filter_row.setGeometry(rows.x(), rows.y() - above + HEADER_PX, rows.width(), FILTER_ROW_PX)
        self.foot.setGeometry(rows.x(), rows.bottom() + 1, rows.width(), self.margins().bottom())

    def show_placement(
        self, placement: Placement, offset: int, sort: Sequence[SortKey], filters: Mapping[str, str]
    ) -> None:
        """Moves headings and fields with the columns."""
        self.header.show_placement(placement, offset, sort, frozenset(filters))
        if not self.filter_row.isHidden():
            self.filter_row.show_placement(placement, offset, filters)

    def show_foot(self, lines: list[FootLine], placement: Placement, offset: int) -> bool:
        """Draws the foot anew; True when it needs another height."""
        before = len(self.foot.lines)
        self.foot.show_lines(lines, placement, offset)
        return before != len(lines)
