"""The strip under a decision in which it is approved, refused or withdrawn: one line for why, and Enter.

It decides nothing: it says what a person wants of the item that they saw.
"""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from dealerdesk.commands.inbox import Item
from dealerdesk.desk.numbers import plain
from dealerdesk.desk.panel import plain_label
from dealerdesk.desk.theme import PAD_PX


class Verb(StrEnum):
    """What a person may do with what waits."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


REASON_NEEDED = frozenset({Verb.REFUSE})
HINTS = {
    Verb.APPROVE: "Enter approves · a comment if you like · Esc leaves",
    Verb.REFUSE: "Why not? Enter refuses · Esc leaves",
    Verb.WITHDRAW: "Enter withdraws · a comment if you like · Esc leaves",
}
REASON_FIRST = "Write the reason first, then Enter refuses · Esc leaves"
WORDS_MAX = 500


class DecisionStrip(QFrame):
    """Hidden until asked. `decided` gives the verb, the item that the person saw, and the words typed."""

    decided = Signal(object, object, str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.verb = Verb.APPROVE
        self.item: Item | None = None
        self.what = plain_label("", "title")
        self.what.setWordWrap(True)
        self.words = QLineEdit()
        self.words.setMaxLength(WORDS_MAX)
        self.words.returnPressed.connect(self.enter)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(PAD_PX, PAD_PX // 2, PAD_PX, PAD_PX)
        rows.setSpacing(PAD_PX // 2)
        rows.addWidget(self.what)
        rows.addWidget(self.words)
        self._add_escape()
        self.hide()

    def ask(self, verb: Verb, item: Item, title: str) -> None:
        """Shows what would be decided and takes the focus."""
        self.verb, self.item = verb, item
        self.what.setText(f"{verb.value.capitalize()}: {plain(title)}")
        self.words.clear()
        self.words.setPlaceholderText(HINTS[verb])
        self.words.setAccessibleName("Reason" if verb in REASON_NEEDED else "Comment")
        self.show()
        self.words.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def leave(self) -> None:
        """Closes without a decision."""
        self.item = None
        # first the focus goes back, then it hides: Qt would give the focus to whatever comes next
        self.left.emit()
        self.hide()

    def enter(self) -> None:
        """Decides, as Enter does."""
        words = self.words.text().strip()
        if self.item is None:
            return
        if not words and self.verb in REASON_NEEDED:
            self.words.setPlaceholderText(REASON_FIRST)
            return
        self.decided.emit(self.verb, self.item, words)
        self.leave()

    def _add_escape(self) -> None:
        escape = QAction("Leave", self)
        escape.setShortcut(QKeySequence(Qt.Key.Key_Escape))
        escape.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.triggered.connect(self.leave)
        self.addAction(escape)
