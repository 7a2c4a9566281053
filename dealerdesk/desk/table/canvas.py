"""The painted face of a table: lays its columns out, formats and paints the visible cells, keeps the order fresh.

It reacts to sizes, scrolling and news. What a person does with keys and mouse is added by the view built on it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from dealerdesk.desk import theme as look
from dealerdesk.desk.notice import Notices, paint_notice
from dealerdesk.desk.table.arrangement import Placed
from dealerdesk.desk.table.cells import CellColumn, CellTexts
from dealerdesk.desk.table.column import Column
from dealerdesk.desk.table.contents import Contents, FootLine
from dealerdesk.desk.table.cursor import Cursor
from dealerdesk.desk.table.glyphs import sheet
from dealerdesk.desk.table.margins import Margins
from dealerdesk.desk.table.painting import CURRENT, PLAIN, SELECTED, Body, paint_body
from dealerdesk.desk.table.rows import Index
from dealerdesk.desk.table.stage import Stage
from dealerdesk.desk.theme import PAD_PX, ROW_PX, TEXT_PX, Tone, Weight

BIG_ROWS = 20_000
BIG_TOTALS_S = 0.4
"""Totals over more than BIG_ROWS rows are summed at most this often."""


class TableCanvas(QAbstractScrollArea):
    """Paints contents; knows where every row and column is on screen."""

    shown_changed = Signal()

    def __init__(
        self, columns: Sequence[Column], title: str, clock: Callable[[], float], parent: QWidget | None
    ) -> None:
        super().__init__(parent)
        self.contents = Contents(columns)
        self.cursor_at = Cursor()
        self.texts = CellTexts()
        self.notices = Notices()
        self.stage = Stage(columns, self.devicePixelRatioF())
        self.title = title
        self._clock = clock
        self._stale_since: str | None = None
        self._counts = (0, 0)
        self._foot_s = 0.0
        self._footed_filters: dict[str, str] = {}
        self._missed_news = False
        self.margins = Margins(self)
        self.addScrollBarWidget(self.margins.beside[0], Qt.AlignmentFlag.AlignTop)
        self.addScrollBarWidget(self.margins.beside[1], Qt.AlignmentFlag.AlignBottom)
        self._resort = QTimer(self)
        self._resort.setSingleShot(True)
        self._resort.timeout.connect(self.refresh)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def refresh(self) -> None:
        """Figures changed: repaints soon, and renews the order if that was not done within the last second."""
        if not self.isVisible():
            self._missed_news = True
            return
        arranged = self.contents.order
        wait_s = self.contents.renew(self._clock())
        if wait_s is not None and not self._resort.isActive():
            self._resort.start(max(1, round(wait_s * 1000)))
        if self.contents.order is not arranged:
            self._order_changed()
        else:
            self._renew_foot()
        self.viewport().update()

    def arrange_now(self) -> None:
        """Filters and sorts at once, because a person asked for it or the structure is another."""
        self.contents.arrange(self._clock())
        self.margins.filter_row.show_problems(self.contents.problems)
        self._order_changed()
        self.layout_columns()

    def layout_columns(self) -> None:
        """Places columns, margins and scroll bars anew and repaints all."""
        self.setViewportMargins(self.margins.margins())
        self.margins.set_geometry(self.viewport().geometry(), self.width())
        placement = self.stage.place(self.viewport().width())
        across = self.horizontalScrollBar()
        across.setRange(0, max(0, placement.width - self.viewport().width()))
        across.setPageStep(self.viewport().width())
        across.setSingleStep(40)
        down = self.verticalScrollBar()
        page = max(1, self.viewport().height() // ROW_PX)
        down.setRange(0, max(0, len(self.contents.order) - page))
        down.setPageStep(page)
        self._show_margins()
        self.viewport().update()

    def top(self) -> int:
        """The place in the order of the topmost visible row."""
        return self.verticalScrollBar().value()

    def page(self) -> int:
        """How many whole rows are visible."""
        return self.verticalScrollBar().pageStep()

    def position_at(self, y: int) -> int | None:
        """The place in the order of the row at `y` of the viewport, None below the last."""
        position = self.top() + y // ROW_PX
        return position if y >= 0 and position < len(self.contents.order) else None

    def row_rect(self, position: int) -> QRect:
        """Where the row at a place in the order is on the viewport."""
        return QRect(0, (position - self.top()) * ROW_PX, self.viewport().width(), ROW_PX)

    def visible_cells(self) -> tuple[Index, list[CellColumn]]:
        """The source rows in sight and their cells, the columns grown to their figures."""
        count = -(-self.viewport().height() // ROW_PX)
        rows, stale = self.contents.rows, self._stale_since is not None
        at = self.contents.order[self.top() : self.top() + count]
        at = at[at < rows.count()]  # live rows may have become fewer since the order was made
        columns = [placed.column for placed in self.stage.placement.columns]
        cells = self.texts.cells(rows, columns, at, stale)
        figures = {cell.column.key: cell.texts for cell in cells if not cell.column.kind.is_words}
        words = {cell.column.key: cell.texts for cell in cells if cell.column.kind.is_words}
        grown = self.stage.grow(figures, look.current(), self.devicePixelRatioF())
        if self.stage.grow_words(words) or grown:
            self.layout_columns()
            kept = [placed.column for placed in self.stage.placement.columns]
            if kept != columns:
                cells = self.texts.cells(rows, kept, at, stale)
        return at, cells

    def set_stale(self, since_text: str | None) -> None:
        """Greys every row and says since when, in the foot; None: fresh again."""
        if since_text != self._stale_since:
            self._stale_since = since_text
            self._order_changed()
            self.viewport().update()

    def is_stale(self) -> bool:
        """Whether the whole table is greyed."""
        return self._stale_since is not None

    def is_shortened(self, text: str, placed: Placed) -> bool:
        """Whether words do not fit into their column."""
        ratio = self.devicePixelRatioF()
        ruler = sheet(look.current(), Tone.NORMAL, "panel", TEXT_PX, Weight.MEDIUM, ratio)
        return ruler.words_width(text) > round((placed.width - 2 * PAD_PX) * ratio)

    def paintEvent(self, _event: QPaintEvent) -> None:
        try:
            self._paint()
        except Exception:  # noqa: TRY203 - caught and raised again is what makes it readable
            # Qt's bindings read an error's text as if the error had been caught once; one that comes straight out of C,
            # such as an index of numpy's, would end the program without a word
            raise

    def _paint(self) -> None:
        notice = self.notices.choose(len(self.contents.order), bool(self.contents.filters))
        # all that may fail or move columns comes before the painter is opened
        body = self._body() if notice is None else None
        with QPainter(self.viewport()) as painter:
            painter.fillRect(self.viewport().rect(), look.current().colour("panel"))
            if body is not None:
                paint_body(painter, body)
            elif notice is not None:
                paint_notice(painter, self.viewport().rect(), notice)

    def _body(self) -> Body:
        at, cells = self.visible_cells()
        return Body(
            look.current(),
            self.devicePixelRatioF(),
            self.stage.placement,
            self.horizontalScrollBar().value(),
            self.viewport().width(),
            cells,
            self._states(at),
            self.hasFocus(),
            self.cursor_at.column,
        )

    def _states(self, at: Index) -> list[int]:
        rows, cursor = self.contents.rows, self.cursor_at
        current = cursor.row(rows)
        if len(cursor.keys) <= 1:
            return [CURRENT if row == current else PLAIN for row in at.tolist()]
        return [
            CURRENT if row == current else SELECTED if rows.key(row) in cursor.keys else PLAIN for row in at.tolist()
        ]

    def _order_changed(self) -> None:
        down = self.verticalScrollBar()
        down.setRange(0, max(0, len(self.contents.order) - down.pageStep()))
        # among very many rows some come and go all the time: only another filter is worth adding them up at once
        if self._counts[1] <= BIG_ROWS or self.contents.filters != self._footed_filters:
            self._foot_s = 0.0
        self._renew_foot()
        if self.contents.counts() != self._counts:
            self._counts = self.contents.counts()
            self.shown_changed.emit()

    def _renew_foot(self) -> None:
        now_s = self._clock()
        if self._counts[1] > BIG_ROWS and now_s - self._foot_s < BIG_TOTALS_S:
            return
        self._foot_s = now_s
        self._footed_filters = dict(self.contents.filters)
        lines = self.contents.foot(self.title, self.texts)
        if self._stale_since is not None:
            lines.append(FootLine(f"Stale since {self._stale_since}", tone=Tone.ATTENTION))
        resized = self.margins.show_foot(lines, self.stage.placement, self.horizontalScrollBar().value())
        totals = {key: [line.totals[key] for line in lines if key in line.totals] for key in self.stage.columns}
        if self.stage.grow(totals, look.current(), self.devicePixelRatioF()) or resized:
            self.layout_columns()

    def _show_margins(self) -> None:
        offset = self.horizontalScrollBar().value()
        self.margins.show_placement(self.stage.placement, offset, self.contents.sort, self.contents.filters)
        self.margins.foot.show_lines(self.margins.foot.lines, self.stage.placement, offset)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self.layout_columns()

    def scrollContentsBy(self, dx: int, _dy: int) -> None:
        if dx:
            self._show_margins()
        self.viewport().update()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.layout_columns()
        if self._missed_news:
            self._missed_news = False
            self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self.viewport().update()
