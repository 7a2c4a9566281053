"""Notices that Caps Lock is on while a password is typed. Qt does not tell, so it is read off the letters that come."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit

WORDS = "Caps Lock is on"


class CapsLockHint(QObject):
    """Shows the words in `label` while letters typed into `field` come in the other case than Shift says."""

    def __init__(self, field: QLineEdit, label: QLabel) -> None:
        super().__init__(field)
        self._label = label
        label.setText("")
        field.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            self._look(event)
        return False

    def _look(self, event: QKeyEvent) -> None:
        text = event.text()
        if event.key() == Qt.Key.Key_CapsLock:
            self._label.setText("" if self._label.text() else WORDS)
        elif len(text) == 1 and text.upper() != text.lower():
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._label.setText(WORDS if text.isupper() is not shifted else "")
