"""Hands out somebody's first password: asked for with Enter, shown once, gone with Esc. Kept nowhere, logged nowhere.

Who may hand it out, to whom and how often is decided where it is asked, and each time is on record.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from dealerdesk.commands.records import Refused
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.numbers import plain
from dealerdesk.desk.panel import plain_label, set_toned_text
from dealerdesk.desk.theme import PAD_PX, Tone
from dealerdesk.store.connection_trouble import unanswered

ONCE = "Enter makes it. It is shown once, and goes on record with your name · Esc leaves"
SHOWN = "Shown this once: hand it over in person, and let them change it at once. Esc hides it for good."


class FirstPassword(QFrame):
    """Hidden until opened for a login."""

    left = Signal()

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._desk = desk
        self._login = ""
        self._asking = False
        self.heading = plain_label("", "title")
        self.value = plain_label("", "tile")
        self.answer = plain_label()
        self.answer.setWordWrap(True)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(PAD_PX, PAD_PX, PAD_PX, PAD_PX)
        rows.setSpacing(PAD_PX // 2)
        for label in (self.heading, self.value, self.answer):
            rows.addWidget(label)
        self.hide()

    def open_for(self, name: str, login: str) -> None:
        """Asks whether to make the first password of a person, who signs in as `login`."""
        self._login = login
        self._forget()
        self.heading.setText(f"First password of {plain(name)}, who signs in as {plain(login)}")
        self.setAccessibleName(self.heading.text())
        self._say(ONCE, Tone.SECONDARY)
        self.show()
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def leave(self) -> None:
        """Closes; the password is gone."""
        self.left.emit()
        self.close_up()

    def close_up(self) -> None:
        """Closes without giving the focus to anybody; the password is gone."""
        self._login = ""
        self._forget()
        self.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Escape:
                self.leave()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if not self.value.text() and not self._asking:
                self._asking = True
                self._say("○ asking", Tone.SECONDARY)
                self._desk.run(self._hand_out(self._login))
            case _:
                super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.EnabledChange and not self.isEnabled():
            # the desk is being locked: what was shown does not outlast it
            self.close_up()

    async def _hand_out(self, login: str) -> None:
        try:
            password = await self._desk.library.answer(lambda archive: archive.hand_out_password(login))
        except Refused as refused:
            self._say(f"✕ refused: {refused}", Tone.ALARM)
            return
        except OSError as error:
            self._say(unanswered(error), Tone.ATTENTION)
            return
        finally:
            self._asking = False
        if login == self._login and self.isVisible():
            self.value.setText(password)
            self.value.show()
            self._say(SHOWN, Tone.ATTENTION)
        else:
            self._desk.notify(f"The first password of {login} was made and not seen: make the login anew.", Tone.ALARM)

    def _forget(self) -> None:
        self.value.clear()
        self.value.hide()

    def _say(self, text: str, tone: Tone) -> None:
        set_toned_text(self.answer, text, tone)
