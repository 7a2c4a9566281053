"""Asks where to, and writes a table's export there without holding up the screen."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from dealerdesk.desk.numbers import counted
from dealerdesk.desk.table.export import Export, write_csv, write_xlsx

XLSX = "Excel workbook (*.xlsx)"
CSV = "CSV (*.csv)"
LOOK_MS = 50


class ExportDialog(QFileDialog):
    """A save dialogue that writes what it was given, says so, and goes."""

    written = Signal(str)
    """A sentence for the status line: what was written, or why it could not be."""
    left = Signal(int, str)
    """How many rows are in the file now, and its name."""

    def __init__(self, export: Export, parent: QWidget) -> None:
        super().__init__(parent, "Export rows")
        self._export = export
        self._writer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="export")
        self._path = Path()
        self._work: Future[None] | None = None
        self._look = QTimer(self)
        self._look.setInterval(LOOK_MS)
        self._look.timeout.connect(self._look_at_work)
        self.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        self.setNameFilters([XLSX, CSV])
        self.setDefaultSuffix("xlsx")
        self.selectFile(f"{export.name}.xlsx")
        self.filterSelected.connect(self._on_filter)
        self.accepted.connect(self._write)
        self.rejected.connect(self._end)

    def _on_filter(self, chosen: str) -> None:
        self.setDefaultSuffix("csv" if chosen == CSV else "xlsx")

    def _write(self) -> None:
        self._submit(Path(self.selectedFiles()[0]))

    def _submit(self, path: Path) -> None:
        self._path = path
        write = write_csv if path.suffix.lower() == ".csv" else write_xlsx
        self._work = self._writer.submit(write, self._export, path)
        self._look.start()

    def _look_at_work(self) -> None:
        if self._work is None or not self._work.done():
            return
        rows = len(self._export.values[0]) if self._export.values else 0
        try:
            self._work.result()
        except (OSError, ValueError) as problem:
            self.written.emit(f"Not exported: {problem}")
        else:
            self.written.emit(f"{counted(rows, 'rows')} exported to {self._path.name}")
            self.left.emit(rows, self._path.name)
        self._end()

    def _end(self) -> None:
        self._look.stop()
        self._writer.shutdown(wait=False)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.deleteLater()
