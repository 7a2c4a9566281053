"""The fields over the audit log: a person types what they look for, Enter asks, Esc asks for everything again."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QVBoxLayout, QWidget

from dealerdesk.commands.audit_query import AuditQuery
from dealerdesk.desk.forms import load_form
from dealerdesk.desk.numbers import plain
from dealerdesk.desk.panel import set_toned_text
from dealerdesk.desk.panels.audit_asking import FIELDS, AskingError, read_query
from dealerdesk.desk.theme import Tone

NEEDED: dict[str, type[QWidget]] = {**dict.fromkeys(FIELDS, QLineEdit), "answer": QLabel}


class AuditBar(QFrame):
    """`asked` gives the query. While a history is followed its name stands under the fields."""

    asked = Signal(object)
    left = Signal()

    def __init__(self, clock: Callable[[], int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self._clock = clock
        form = load_form("audit_query.ui", NEEDED, self)
        self.fields = {name: form.part(name, QLineEdit) for name in FIELDS}
        self.answer = form.part("answer", QLabel)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(form.widget)
        for field in self.fields.values():
            field.returnPressed.connect(self.ask)
        self._say("")
        escape = QAction("Everything", self)
        escape.setShortcut(QKeySequence(Qt.Key.Key_Escape))
        escape.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.triggered.connect(self.clear)
        self.addAction(escape)

    def ask(self) -> None:
        """Asks for what is typed, or says why it cannot be asked for."""
        try:
            query = read_query({name: field.text() for name, field in self.fields.items()}, self._clock())
        except AskingError as error:
            self._say(f"{error}.", Tone.ATTENTION)
            return
        self._say("")
        self.asked.emit(query)
        self.left.emit()

    def clear(self) -> None:
        """Asks for everything again."""
        self._empty()
        self._say("")
        self.asked.emit(AuditQuery())
        self.left.emit()

    def follow(self, query: AuditQuery) -> None:
        """Shows that one history is being followed, instead of what was typed."""
        self._empty()
        if query.client_id is not None:
            self.fields["client"].setText(str(query.client_id))
        self._say(f"The history of {plain(query.follows)}, newest first. Esc shows everything again.", Tone.NORMAL)

    def focus(self) -> None:
        """Goes to the first field."""
        self.fields["actor"].setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.fields["actor"].selectAll()

    def _empty(self) -> None:
        for field in self.fields.values():
            field.clear()

    def _say(self, text: str, tone: Tone = Tone.NORMAL) -> None:
        set_toned_text(self.answer, text, tone)
        self.answer.setVisible(bool(text))
