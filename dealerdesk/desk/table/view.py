"""The table: what panels hand rows to, and what a person sorts, filters, selects, copies and exports with.

What the rows are and what follows from a selection is the panel's business.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from dealerdesk.desk.notice import Notice
from dealerdesk.desk.table import export as exporting
from dealerdesk.desk.table.arrangement import Arrangement
from dealerdesk.desk.table.cells import CellTexts
from dealerdesk.desk.table.chooser import ColumnMenu
from dealerdesk.desk.table.column import Column
from dealerdesk.desk.table.contents import Contents
from dealerdesk.desk.table.memory import SettingsMemory, TableMemory
from dealerdesk.desk.table.order import SortKey
from dealerdesk.desk.table.rows import Index, Rows
from dealerdesk.desk.table.saving import ExportDialog
from dealerdesk.desk.table.stage import Stage
from dealerdesk.desk.table.steering import SteeredTable
from dealerdesk.desk.theme import Tone


class TableView(SteeredTable):
    """Rows painted from columns. `name` is what its arrangement is remembered by, `title` the plural of its rows."""

    exported = Signal(str)
    """A sentence: what was written, or why it could not be."""
    given_out = Signal(int, str)
    """So many rows left the table, to a file of this name or to the clipboard («»)."""

    def __init__(
        self,
        name: str,
        columns: Sequence[Column],
        parent: QWidget | None = None,
        memory: TableMemory | None = None,
        title: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(columns, title, clock, parent)
        self._memory: TableMemory = SettingsMemory() if memory is None else memory
        self._columns = tuple(columns)
        self.setObjectName(name)
        self.setAccessibleName(title or name)
        self._restore()
        self._connect()

    def _connect(self) -> None:
        header, fields = self.margins.header, self.margins.filter_row
        header.sort_clicked.connect(self._on_sort_clicked)
        header.resized.connect(self._on_resized)
        header.moved.connect(self._on_moved)
        header.menu_asked.connect(self._on_column_menu)
        fields.typed.connect(self.set_filter)
        fields.left_for_rows.connect(self._focus_rows)
        fields.closed.connect(self._close_filter_row)
        self.copy_asked.connect(self.copy_selection)
        self.filter_asked.connect(self._open_filter_row)
        self.export_asked.connect(self._export_by_dialog)

    # -- rows

    def show_rows(self, rows: Rows) -> None:
        """Shows other rows, or the same rows with another structure. The current key stays if it is among them."""
        self.contents.show(rows, self._clock())
        self.arrange_now()

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Declares other columns, for rows that are shown next. Sort and filters on columns that stay, stay."""
        sort, filters = self.contents.sort, self.contents.filters
        self._columns = tuple(columns)
        self.contents, self.texts = Contents(columns), CellTexts()
        self.stage = Stage(columns, self.devicePixelRatioF())
        self.cursor_at.column = 0
        self.margins.filter_row.forget()
        self._restore()
        known = self.contents.columns
        self.contents.sort = [key for key in sort if key[0] in known] or self.contents.sort
        self.contents.filters = {key: text for key, text in filters.items() if key in known}
        self.arrange_now()

    def visible_order(self) -> Index:
        """The source rows that are shown, in the order shown."""
        return self.contents.order

    def counts(self) -> tuple[int, int]:
        """How many rows are shown, and how many there are."""
        return self.contents.counts()

    # -- sort and filters

    def sort_by(self, keys: Sequence[SortKey]) -> None:
        """Sorts by several columns, the most significant first; each with whether it descends."""
        self.contents.sort = [(key, descending) for key, descending in keys if key in self.contents.columns]
        self._rearranged()

    def sort_by_current(self, added: bool = False) -> None:
        """Sorts by the column of the current cell as a click on its heading does; `added` to the sort there is."""
        self._on_sort_clicked(self.current_column().key, added)

    def open_column_menu(self) -> None:
        """Opens the menu of the columns on the current one, as a right click on its heading does."""
        placed = self.stage.placement.columns[min(self.cursor_at.column, len(self.stage.placement.columns) - 1)]
        place = QPoint(self.stage.placement.view_x(placed, self.horizontalScrollBar().value()), 0)
        self._on_column_menu(placed.column.key, self.viewport().mapToGlobal(place))

    def set_filter(self, column_key: str, text: str) -> None:
        """Filters a column by what a person would type; an empty text takes the filter away."""
        if column_key in self.contents.columns:
            self.contents.set_filter(column_key, text)
            self._rearranged()
            self._to_what_is_left()

    def filters(self) -> dict[str, str]:
        """The filters by column, as typed."""
        return dict(self.contents.filters)

    def clear_filters(self) -> None:
        """Takes every filter away."""
        self.contents.filters.clear()
        self.margins.filter_row.clear()
        self._rearranged()

    def show_filter_row(self, shown: bool) -> None:
        """Opens the row of filter fields with the cursor in the current column's, or closes it."""
        self.margins.filter_row.setVisible(shown)
        self.layout_columns()
        if shown and self.stage.placement.columns:
            self.margins.filter_row.focus_field(self.current_column().key)

    # -- states

    def set_empty_text(self, sentence: str, next_step: str = "") -> None:
        """What is said where there are no rows."""
        self.notices.empty = Notice(sentence, next_step)
        self.viewport().update()

    def set_loading(self, sentence: str | None) -> None:
        """What is said until the first rows come; None: no longer loading."""
        self.notices.loading = None if sentence is None else Notice(sentence)
        self.viewport().update()

    def set_failed(self, sentence: str | None, next_step: str = "") -> None:
        """What is said instead of rows that could not be had; None: all is well again."""
        self.notices.failed = None if sentence is None else Notice(sentence, next_step, Tone.ATTENTION)
        self.viewport().update()

    # -- copies and files

    def copy_selection(self) -> None:
        """Puts the selected rows on the clipboard, as tab-separated text with headings."""
        rows, chosen = self.contents.rows, set(self.selected_keys())
        order = self.contents.order
        if len(chosen) == 1:
            row = self.current_row()
            at = order[:0] if row is None else order[order == row]
        else:
            at = order[[rows.key(row) in chosen for row in order.tolist()]]
        taken = exporting.take(self.objectName(), rows, self._exported_columns(), at)
        QGuiApplication.clipboard().setText(exporting.tab_separated(taken))
        self.given_out.emit(len(taken.values[0]) if taken.values else 0, "")

    def take_export(self) -> exporting.Export:
        """A copy of the rows shown, to be written to a file on any thread."""
        return exporting.take(self.objectName(), self.contents.rows, self._exported_columns(), self.contents.order)

    def export_csv(self, path: Path | str) -> None:
        """Writes the rows shown as CSV; raises OSError where the file cannot be written."""
        exporting.write_csv(self.take_export(), Path(path))

    def export_xlsx(self, path: Path | str) -> None:
        """Writes the rows shown as XLSX; raises OSError where the file cannot be written."""
        exporting.write_xlsx(self.take_export(), Path(path))

    def _exported_columns(self) -> list[Column]:
        return self.stage.arrangement.shown(self.stage.columns)

    def _export_by_dialog(self) -> None:
        dialog = ExportDialog(self.take_export(), self)
        dialog.written.connect(self.exported)
        dialog.left.connect(self.given_out)
        dialog.open()

    # -- what a person arranges

    def _on_sort_clicked(self, key: str, added: bool) -> None:
        self.contents.click_sort(key, added)
        self._rearranged()

    def _on_resized(self, key: str, width: int) -> None:
        if width:
            self.stage.arrangement.widths[key] = width
        else:
            self.stage.arrangement.widths.pop(key, None)
        self._on_arranged()

    def _on_moved(self, key: str, before: str | None) -> None:
        self.stage.arrangement.move(key, before)
        self._on_arranged()

    def _on_column_menu(self, under: str | None, at: QPoint) -> None:
        menu = ColumnMenu(self.stage.arrangement, self.stage.columns, under, self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.arranged.connect(self._on_arranged)
        menu.reset_asked.connect(self._reset_columns)
        menu.filter_asked.connect(self._open_filter_row)
        menu.popup(at)

    def _reset_columns(self) -> None:
        self.stage.arrangement = Arrangement.of(self._columns)
        self._on_arranged()

    def _on_arranged(self) -> None:
        self.layout_columns()
        self._remember()

    def _open_filter_row(self) -> None:
        self.show_filter_row(True)

    def _close_filter_row(self) -> None:
        self.clear_filters()
        self.show_filter_row(False)
        self._focus_rows()

    def _focus_rows(self) -> None:
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _rearranged(self) -> None:
        self.arrange_now()
        self._remember()

    def _to_what_is_left(self) -> None:
        """After another filter: the current row where it is still shown, otherwise the top, and not the far end."""
        if self.cursor_at.position(self.contents.rows, self.contents.order) is None:
            self.verticalScrollBar().setValue(0)
        else:
            self.reveal_current()

    def _remember(self) -> None:
        record = {"columns": self.stage.arrangement.as_record(), **self.contents.as_record()}
        self._memory.save(self.objectName(), record)

    def _restore(self) -> None:
        record = self._memory.load(self.objectName())
        if record is None:
            return
        columns = record.get("columns")
        if isinstance(columns, dict):
            self.stage.arrangement.restore(columns)
        self.contents.restore(record)
        if self.contents.filters:
            self.margins.filter_row.show()
