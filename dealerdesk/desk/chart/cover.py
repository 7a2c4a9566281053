"""A sentence over a chart that has nothing to draw yet."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from dealerdesk.desk.notice import Notice, paint_notice


class Cover(QWidget):
    """Lies over its parent, lets the mouse through and says one sentence."""

    def __init__(self, sentence: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._notice = Notice(sentence)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setGeometry(parent.rect())
        parent.installEventFilter(self)

    def sentence(self) -> str:
        """What is said."""
        return self._notice.sentence

    def set_sentence(self, sentence: str) -> None:
        """Says another sentence."""
        self._notice = Notice(sentence)
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            paint_notice(painter, self.rect(), self._notice)
