"""The sheet of keys: every action of the table with its key, by menu. It reads the table and does nothing else."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QGridLayout, QWidget

from dealerdesk.desk import theme
from dealerdesk.desk.actions import Action, key_text
from dealerdesk.desk.panel import plain_label

ROWS_PER_COLUMN = 24
Group = tuple[str, list[Action]]


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
        for column, groups in enumerate(_columns(table)):
            row = 0
            for menu, actions in groups:
                grid.addWidget(plain_label(menu, "title"), row, 2 * column, 1, 2)
                row += 1
                for action in actions:
                    key = plain_label(key_text(action.key), "key")
                    grid.addWidget(key, row, 2 * column, Qt.AlignmentFlag.AlignLeft)
                    grid.addWidget(plain_label(action.title, "secondary"), row, 2 * column + 1)
                    row += 1


def _columns(table: Iterable[Action]) -> list[list[Group]]:
    """The groups in columns, in their order; none is parted, so that no heading stands without its keys."""
    groups: dict[str, list[Action]] = {}
    for action in table:
        if action.key:
            groups.setdefault(action.menu, []).append(action)
    columns: list[list[Group]] = [[]]
    for group in groups.items():
        used = sum(len(actions) + 1 for _, actions in columns[-1])
        if columns[-1] and used + len(group[1]) + 1 > ROWS_PER_COLUMN:
            columns.append([])
        columns[-1].append(group)
    return columns
