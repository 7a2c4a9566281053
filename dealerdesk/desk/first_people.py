"""The form for the first two people of an empty database: an administrator, and a supervisor who decides with them.

It checks what was typed against itself; what makes a fit password is said by `store.passwords`.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from dealerdesk.config import Secret
from dealerdesk.desk.forms import load_form
from dealerdesk.desk.numbers import plain

Typed = tuple[str, str, Secret]
"""A short name, a full name and a password."""
FIELDS = tuple(f"{who}_{what}" for who in ("first", "second") for what in ("id", "name", "password", "again"))
PARTS: dict[str, type[QWidget]] = {
    "heading": QLabel,
    "why": QLabel,
    "first_heading": QLabel,
    "second_heading": QLabel,
    "trouble": QLabel,
    "found": QPushButton,
    "leave": QPushButton,
} | dict.fromkeys(FIELDS, QLineEdit)


class FirstPeople(QWidget):
    """`found_asked` carries two `Typed`: the administrator and the supervisor."""

    found_asked = Signal(object, object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        form = load_form("first_people.ui", PARTS, self)
        self.fields = {name: form.part(name, QLineEdit) for name in FIELDS}
        self.trouble = form.part("trouble", QLabel)
        self.button = form.part("found", QPushButton)
        self.button.setProperty("role", "primary")
        form.part("heading", QLabel).setProperty("role", "tile")
        form.part("why", QLabel).setProperty("role", "hint")
        self.trouble.setProperty("tone", "attention")
        for name in ("first_heading", "second_heading"):
            form.part(name, QLabel).setProperty("role", "title")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(form.widget)
        self.button.clicked.connect(self._submit)
        form.part("leave", QPushButton).clicked.connect(self.left)
        for field in self.fields.values():
            field.returnPressed.connect(self._go_on)

    def begin(self) -> None:
        """Empty fields, the first one ready to be typed into."""
        for field in self.fields.values():
            field.clear()
        self.show_trouble("")
        self.fields["first_id"].setFocus()

    def show_trouble(self, sentence: str) -> None:
        """Says what went wrong, and takes the corrected form."""
        self.trouble.setText(plain(sentence))
        self.button.setEnabled(True)

    def _go_on(self) -> None:
        """Enter goes to the next empty field, and sets up from the last."""
        empty = [field for field in self.fields.values() if not field.text()]
        if empty:
            empty[0].setFocus()
        else:
            self._submit()

    def _submit(self) -> None:
        for who in ("first", "second"):
            for what, words in (("id", "a short name"), ("name", "a full name"), ("password", "a password")):
                field = self.fields[f"{who}_{what}"]
                if not field.text().strip():
                    self._refuse(field, f"The {_WORDS[who]} needs {words}.")
                    return
            if self.fields[f"{who}_password"].text() != self.fields[f"{who}_again"].text():
                self._refuse(self.fields[f"{who}_again"], f"The {_WORDS[who]}'s two passwords are not the same.")
                return
        if self.fields["first_id"].text().strip() == self.fields["second_id"].text().strip():
            self._refuse(self.fields["second_id"], "They must be two people: two short names.")
            return
        self.button.setEnabled(False)
        self.found_asked.emit(self._typed("first"), self._typed("second"))

    def _refuse(self, field: QLineEdit, sentence: str) -> None:
        self.show_trouble(sentence)
        field.setFocus()

    def _typed(self, who: str) -> Typed:
        short, name = (self.fields[f"{who}_{what}"].text().strip() for what in ("id", "name"))
        return short, name, Secret(self.fields[f"{who}_password"].text())


_WORDS = {"first": "administrator", "second": "supervisor"}
