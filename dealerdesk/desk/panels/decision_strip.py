"""The strip under the commands in which one is approved, refused or withdrawn.

It shows what would be done, takes a line for why, and Enter. It decides nothing: it says what a person wants.
"""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from dealerdesk.commands.records import CommandRecord
from dealerdesk.desk.numbers import plain
from dealerdesk.desk.panel import plain_label
from dealerdesk.desk.theme import PAD_PX


class Verb(StrEnum):
    """What a person may do with a waiting command."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


REASON_NEEDED = frozenset({Verb.REFUSE})
HINTS = {
    Verb.APPROVE: "Enter approves · a remark if you like · Esc leaves",
    Verb.REFUSE: "Why not? Enter refuses · Esc leaves",
    Verb.WITHDRAW: "Enter withdraws · a remark if you like · Esc leaves",
}
REASON_FIRST = "Write the reason first, then Enter refuses · Esc leaves"


class DecisionStrip(QFrame):
    """Hidden until asked. `decided` gives the verb, the record that the person saw, and the words typed."""

    decided = Signal(object, object, str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.verb = Verb.APPROVE
        self.record: CommandRecord | None = None
        self.what = plain_label("", "title")
        self.why = plain_label("", "secondary")
        self.why.setWordWrap(True)
        self.words = QLineEdit()
        self.words.setMaxLength(200)
        self.words.setAccessibleName("Reason")
        self.words.returnPressed.connect(self._enter)
        self._lay_out()
        self._add_escape()
        self.hide()

    def ask(self, verb: Verb, record: CommandRecord) -> None:
        """Shows what would be decided and takes the focus."""
        self.verb, self.record = verb, record
        self.what.setText(f"{verb.value.capitalize()}: {plain(record.title)}")
        needs = " · ".join(need.words for need in record.needs)
        self.why.setText(plain(f"{record.requested_by} asks: {record.reason}" + (f" · {needs}" if needs else "")))
        self.words.clear()
        self.words.setPlaceholderText(HINTS[verb])
        self.show()
        self.words.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _enter(self) -> None:
        words = self.words.text().strip()
        if self.record is None:
            return
        if not words and self.verb in REASON_NEEDED:
            self.words.setPlaceholderText(REASON_FIRST)
            return
        self.decided.emit(self.verb, self.record, words)
        self._leave()

    def _leave(self) -> None:
        self.record = None
        # first the focus goes back, then it hides: Qt would give the focus to whatever comes next
        self.left.emit()
        self.hide()

    def _lay_out(self) -> None:
        rows = QVBoxLayout(self)
        rows.setContentsMargins(PAD_PX, PAD_PX // 2, PAD_PX, PAD_PX)
        rows.setSpacing(PAD_PX // 2)
        line = QHBoxLayout()
        line.addWidget(self.what)
        line.addStretch(1)
        rows.addLayout(line)
        rows.addWidget(self.why)
        rows.addWidget(self.words)

    def _add_escape(self) -> None:
        escape = QAction("Leave", self)
        escape.setShortcut(QKeySequence(Qt.Key.Key_Escape))
        escape.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.triggered.connect(self._leave)
        self.addAction(escape)
