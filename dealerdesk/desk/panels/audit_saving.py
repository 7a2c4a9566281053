"""Where an export of the audit log goes, and its writing: whole and at its name, or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from dealerdesk.commands.audit_export import export_cases, export_everything

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

LINES = "Audit export (*.jsonl)"


class AuditSaving(QFileDialog):
    """Asks for the file; `chosen` gives its path and the ids of the entries, None for all."""

    chosen = Signal(object, object)

    def __init__(self, name: str, entry_ids: Sequence[str] | None, parent: QWidget) -> None:
        super().__init__(parent, "Export the audit log")
        self._entry_ids = entry_ids
        self.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        self.setNameFilter(LINES)
        self.setDefaultSuffix("jsonl")
        self.selectFile(name)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.accepted.connect(self._accept)

    def _accept(self) -> None:
        self.chosen.emit(Path(self.selectedFiles()[0]), self._entry_ids)


def write_export(connection: Connection, path: Path, entry_ids: Sequence[str] | None, now_us: int) -> int:
    """Writes the entries with their proofs, or the whole sealed log, and returns how many; raises Refused, OSError."""
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            written = (
                export_everything(connection, file, now_us)
                if entry_ids is None
                else export_cases(connection, file, entry_ids, now_us)
            )
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return written.entries
