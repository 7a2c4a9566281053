"""The fields in which a book is chosen, how much of it is covered, and why: by letter, by arrow or by mouse.

For one account or for many; what is asked for with them is their strip's business.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QRadioButton, QSpinBox, QWidget

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.desk.book_change import body
from dealerdesk.desk.forms import Form
from dealerdesk.trading import Book

NEEDED: dict[str, type[QWidget]] = {
    "heading": QLabel,
    "current": QLabel,
    "book_a": QRadioButton,
    "book_b": QRadioButton,
    "book_c": QRadioButton,
    "covered": QSpinBox,
    "reason": QLineEdit,
    "consequence": QLabel,
    "approval": QLabel,
    "progress": QLabel,
    "close": QPushButton,
    "ask": QPushButton,
}
"""The widgets of `set_book.ui`."""
WIDTH_PX = 620
BOOK_OF_KEY = {Qt.Key.Key_A: Book.A, Qt.Key.Key_B: Book.B, Qt.Key.Key_C: Book.C}


class BookFields(QObject):
    """The fields of one `set_book.ui`. `ask` and `leave` are what Enter and Esc do."""

    changed = Signal()
    """Another book or share is chosen."""
    reason_changed = Signal()

    def __init__(self, form: Form, strip: QWidget, ask: Callable[[], None], leave: Callable[[], None]) -> None:
        super().__init__(strip)
        self._ask, self._leave = ask, leave
        self.books = {
            Book.A: form.part("book_a", QRadioButton),
            Book.B: form.part("book_b", QRadioButton),
            Book.C: form.part("book_c", QRadioButton),
        }
        self.covered, self.reason = form.part("covered", QSpinBox), form.part("reason", QLineEdit)
        self.ask_button = form.part("ask", QPushButton)
        self.ask_button.setProperty("role", "primary")
        self.ask_button.clicked.connect(ask)
        form.part("heading", QLabel).setProperty("role", "title")
        form.part("close", QPushButton).clicked.connect(leave)
        for button in self.books.values():
            button.toggled.connect(self._on_choice)
            button.installEventFilter(self)
        self.covered.installEventFilter(self)
        self.covered.valueChanged.connect(self._on_choice)
        self.reason.textChanged.connect(self.reason_changed)

    @property
    def is_enabled(self) -> bool:
        """Whether anything can be chosen now."""
        return self.reason.isEnabled()

    def wanted(self, login: int) -> SetBook | None:
        """What is chosen now, for that account."""
        chosen = [book for book, button in self.books.items() if button.isChecked()]
        return body(login, chosen[0], self.covered.value()) if chosen else None

    def choose(self, book: Book) -> None:
        """Chooses a book, as its key does, and goes to what must be said next."""
        self.books[book].setChecked(True)
        following = self.covered if book is Book.C else self.reason
        following.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def forget(self) -> None:
        """Nothing is chosen, nothing said."""
        for button in self.books.values():
            button.setAutoExclusive(False)
            button.setChecked(False)
            button.setAutoExclusive(True)
        self.reason.clear()
        self.set_enabled(True)

    def set_enabled(self, enabled: bool) -> None:
        """Whether anything can be chosen and asked for."""
        for widget in (*self.books.values(), self.reason, self.ask_button):
            widget.setEnabled(enabled)
        self.covered.setEnabled(enabled and self.books[Book.C].isChecked())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self.takes(event):
            return True
        return super().eventFilter(watched, event)

    def takes(self, event: QKeyEvent) -> bool:
        """Does what the key stands for; False when it stands for nothing here."""
        key = Qt.Key(event.key())
        is_open = self.is_enabled and not _is_shortcut(event)
        if key is Qt.Key.Key_Escape:
            self._leave()
        elif key in BOOK_OF_KEY and is_open and self.wanted(0) is None:
            self.choose(BOOK_OF_KEY[key])
        elif event.text().isalpha() and is_open and self.wanted(0) is not None:
            # once a book is chosen, letters choose no other: they are the reason, wherever the focus is
            self.reason.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self.reason.insert(event.text())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._ask()
        else:
            return False
        return True

    def _on_choice(self) -> None:
        self.covered.setEnabled(self.books[Book.C].isChecked())
        self.changed.emit()


def _is_shortcut(event: QKeyEvent) -> bool:
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    return bool(event.modifiers() & held)
