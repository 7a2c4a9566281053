"""The sheet of keys: every action of the table with its key, by menu. It reads the table and does nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QWidget

from dealerdesk.desk import theme
from dealerdesk.desk.actions import Action, key_text
from dealerdesk.desk.panel import plain_label

ROWS_PER_COLUMN = 18


class KeySheet(QDialog):
    """Opens beside the work, not over it; Escape closes it."""

    def __init__(self, table: Iterable[Action], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys")
        self.setModal(False)
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 12, 16, 14)
        grid.setHorizontalSpacing(theme.PAD_PX * 2)
        grid.setVerticalSpacing(3)
        place = 0
        menu = ""
        for action in table:
            if not action.key:
                continue
            if action.menu != menu:
                menu = action.menu
                grid.addWidget(
                    plain_label(menu, "title"), place % ROWS_PER_COLUMN, 2 * (place // ROWS_PER_COLUMN), 1, 2
                )
                place += 1
            row, column = place % ROWS_PER_COLUMN, 2 * (place // ROWS_PER_COLUMN)
            grid.addWidget(plain_label(key_text(action.key), "key"), row, column, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(plain_label(action.title, "secondary"), row, column + 1)
            place += 1
