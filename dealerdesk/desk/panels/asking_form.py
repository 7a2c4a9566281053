"""What the small forms under a decision share: they lie in the panel, take Enter and Esc, and ask for one command.

What came back is shown in the form: refused with the sentence, or, when no answer came, that Enter asks again under
the same id and cannot do it twice.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QVBoxLayout, QWidget

from dealerdesk.commands.bodies import Body
from dealerdesk.commands.records import Refused, new_command_id
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.forms import load_form
from dealerdesk.desk.panel import set_toned_text
from dealerdesk.desk.theme import Tone


class AskingForm(QFrame):
    """Hidden until opened. `line` is the field in which one ends; subclasses say what is asked with `body`."""

    left = Signal()
    asked = Signal(object)
    """The command as it stands."""

    def __init__(self, desk: Desk, form: str, needed: Mapping[str, type[QWidget]], line: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.desk = desk
        self.form = load_form(form, {**needed, line: QLineEdit, "answer": QLabel}, self)
        self.line = self.form.part(line, QLineEdit)
        self.answer = self.form.part("answer", QLabel)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.form.widget)
        self._asked: tuple[Body, str] | None = None
        self._id = ""
        self._asking = False
        self._add_escape()
        self.hide()

    def body(self) -> Body | None:
        """What would be asked for as the fields stand; None, with the sentence said, when something is missing."""
        raise NotImplementedError

    def server(self) -> str:
        """Where it would be done; most of what is asked for in a form is done on no trading server."""
        return ""

    def first(self) -> QWidget:
        """Where one begins."""
        return self.line

    def begin(self) -> None:
        """Shows the empty form and takes the focus."""
        self._asked = None
        self.line.clear()
        self.say("")
        self.show()
        self.first().setFocus(Qt.FocusReason.ShortcutFocusReason)

    def leave(self) -> None:
        """Closes; what was asked goes on."""
        self.left.emit()
        self.hide()

    def say(self, text: str, tone: Tone = Tone.ATTENTION) -> None:
        """Says what is missing, or what came back."""
        set_toned_text(self.answer, text, tone)
        self.answer.setVisible(bool(text))

    def lacks(self, field: QWidget, text: str) -> None:
        """Says what is missing, and goes to the field where it is missing."""
        self.say(text)
        field.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # fields and lists leave Enter to what they stand in: it asks from whichever of them
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.enter()
        else:
            super().keyPressEvent(event)

    def enter(self) -> None:
        """Asks for the command, as Enter does from every field; asked again after no answer, it is the same one."""
        body, reason = self.body(), self.line.text().strip()
        if body is None or self._asking:
            return
        if self._asked != (body, reason):
            self._asked, self._id = (body, reason), new_command_id()
        self._asking = True
        self.say("○ asking", Tone.SECONDARY)
        self.desk.run(self._request(body, reason))

    async def _request(self, body: Body, reason: str) -> None:
        try:
            record = await self.desk.library.request(self.server(), body, reason, self._id)
        except Refused as refused:
            self._asked = None
            self.say(f"✕ refused: {refused}", Tone.ALARM)
        except OSError as error:
            self.say(f"◌ no answer from the database ({error}); Enter asks again", Tone.ATTENTION)
        else:
            self.asked.emit(record)
            self.leave()
        finally:
            self._asking = False

    def _add_escape(self) -> None:
        escape = QAction("Leave", self)
        escape.setShortcut(QKeySequence(Qt.Key.Key_Escape))
        escape.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.triggered.connect(self.leave)
        self.addAction(escape)
