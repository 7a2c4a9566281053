"""What covers a locked desk: an opaque ground over the window, who is away, and a field for their password.

It shows and asks; what locking means for the session is `idle_lock`'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from dealerdesk.desk import theme
from dealerdesk.desk.broker_band import BrokerBand
from dealerdesk.desk.caps_lock import CapsLockHint
from dealerdesk.desk.numbers import plain
from dealerdesk.desk.panel import plain_label

if TYPE_CHECKING:
    from dealerdesk.commands.signed_in import Session
    from dealerdesk.config import Profile

FORM_PX = 380
ENTER_WORDS = "No password in a demonstration: press Enter"


class LockScreen(QWidget):
    """An opaque ground over all of the window: nothing below it is painted, and the keyboard stays in it."""

    unlock_asked = Signal(str)
    other_asked = Signal()
    quit_asked = Signal()

    def __init__(self, over: QWidget, profile: Profile, session: Session) -> None:
        super().__init__(over)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName("The desk is locked")
        self.heading = plain_label("Locked", "tile")
        who = f"{plain(session.name)}, {plain(session.role_words)}  ·  {plain(profile.title)}"
        self.person = plain_label(who, "secondary")
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setAccessibleName("Password")
        self.password.setPlaceholderText("Password" if session.has_password else ENTER_WORDS)
        self.password.setMaxLength(256)
        self.caps = plain_label("", "hint")
        self.trouble = plain_label("", "hint")
        self.trouble.setWordWrap(True)
        self.unlock_button = QPushButton("Unlock")
        self.unlock_button.setProperty("role", "primary")
        self.other_button = QPushButton("Sign in as somebody else")
        self.quit_button = QPushButton("Quit")
        for button in (self.unlock_button, self.other_button, self.quit_button):
            button.setAutoDefault(True)
        self._hint = CapsLockHint(self.password, self.caps)
        self.caps.setProperty("tone", "attention")
        self.trouble.setProperty("tone", "attention")
        self._lay_out(profile)
        self.password.returnPressed.connect(self._ask)
        self.unlock_button.clicked.connect(self._ask)
        self.other_button.clicked.connect(self.other_asked)
        self.quit_button.clicked.connect(self.quit_asked)
        over.installEventFilter(self)
        self.setGeometry(over.rect())
        self.show()
        self.raise_()
        self.password.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.current().colour("background"))
        painter.end()

    def show_trouble(self, sentence: str) -> None:
        """Says what went wrong, and takes the next password."""
        self.trouble.setText(plain(sentence))
        self._be_ready(True)
        self.password.setFocus()

    def show_ended(self, sentence: str) -> None:
        """The session is over: what remains is to sign in again, or to leave."""
        self.heading.setText("Signed out")
        self.trouble.setText(plain(sentence))
        self.password.hide()
        self.unlock_button.hide()
        self.other_button.setText("Sign in again")
        self.other_button.setEnabled(True)
        self.other_button.setFocus()

    def focusNextPrevChild(self, forward: bool) -> bool:
        # Qt would go round all of the window, and what is covered is not there
        fields = (self.password, self.unlock_button, self.other_button, self.quit_button)
        here = [field for field in fields if field.isVisibleTo(self) and field.isEnabled()]
        focused = self.focusWidget()
        place = here.index(focused) if focused in here else -1
        here[(place + (1 if forward else -1)) % len(here)].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        # nothing that is typed here reaches what is covered
        event.accept()

    def _ask(self) -> None:
        if not self.password.isEnabled():
            return
        typed = self.password.text()
        self.password.clear()
        self.trouble.setText("")
        self._be_ready(False)
        self.unlock_asked.emit(typed)

    def _be_ready(self, ready: bool) -> None:
        self.password.setEnabled(ready)
        self.unlock_button.setEnabled(ready)
        self.unlock_button.setText("Unlock" if ready else "Looking …")

    def _lay_out(self, profile: Profile) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(BrokerBand(profile))
        whole.addStretch(2)
        form = QWidget()
        form.setFixedWidth(FORM_PX)
        column = QVBoxLayout(form)
        column.setSpacing(theme.PAD_PX)
        for widget in (self.heading, self.person, self.password, self.caps, self.trouble):
            column.addWidget(widget)
        row = QHBoxLayout()
        row.setSpacing(theme.PAD_PX)
        row.addWidget(self.unlock_button)
        row.addWidget(self.other_button)
        row.addStretch(1)
        row.addWidget(self.quit_button)
        column.addLayout(row)
        whole.addWidget(form, 0, Qt.AlignmentFlag.AlignHCenter)
        whole.addStretch(3)
