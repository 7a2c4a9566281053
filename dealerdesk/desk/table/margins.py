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
        self.beside = (QWidget(parent), QWidget(parent))
        """What keeps the vertical scroll bar beside the rows alone: above it and below it."""

    def margins(self) -> QMargins:
        """The room they need around the rows."""
        above = HEADER_PX + (FILTER_ROW_PX if not self.filter_row.isHidden() else 0)
        return QMargins(0, above, 0, len(self.foot.lines) * ROW_PX)

    def set_geometry(self, rows: QRect, width: int) -> None:
        """Puts them around the rectangle of the rows; they reach over the whole width, past the scroll bar."""
        above, below = self.margins().top(), self.margins().bottom()
        self.header.setGeometry(rows.x(), rows.y() - above, width, HEADER_PX)
        self.filter_row.setGeometry(rows.x(), rows.y() - above + HEADER_PX, width, FILTER_ROW_PX)
        self.foot.setGeometry(rows.x(), rows.bottom() + 1, width, below)
        for spacer, height in zip(self.beside, (above, below), strict=True):
            spacer.setFixedHeight(height)
        for widget in (self.header, self.filter_row, self.foot):
            widget.raise_()

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
