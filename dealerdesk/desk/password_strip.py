"""The strip in which one changes one's own password: the old one, the new one, and the new one again.

It lies over the window and keeps nothing: what was typed leaves its fields when it is asked for, and when the strip
closes. Whether the change is made is decided where it is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from dealerdesk.desk import kept_password
from dealerdesk.desk.asking_strip import AskingStrip
from dealerdesk.desk.forms import load_form
from dealerdesk.desk.panel import set_toned_text
from dealerdesk.desk.theme import Tone

if TYPE_CHECKING:
    from dealerdesk.desk.library import Library

NEEDED: dict[str, type[QWidget]] = {
    "heading": QLabel,
    "old": QLineEdit,
    "fresh": QLineEdit,
    "again": QLineEdit,
    "answer": QLabel,
}
HINT = "At least 12 characters. Enter changes it · Esc leaves"
DIFFERENT = "The two new passwords are not the same."
MISSING = "Fill in all three fields."
CHANGED = "Your password is changed."
CHANGED_AND_KEPT = "Your password is changed, in this system's keyring too."
WIDTH_PX = 480
Run = Callable[[Coroutine[object, object, None]], None]
Notify = Callable[[str], None]


class PasswordStrip(AskingStrip):
    """One strip a window. `profile` names where a remembered password is kept."""

    def __init__(self, window: QWidget, library: Library, profile: str, run: Run, notify: Notify) -> None:
        super().__init__(window, WIDTH_PX)
        self.setObjectName("password")
        self._library = library
        self._profile = profile
        self._run = run
        self._notify = notify
        self._asking = False
        form = load_form("password.ui", NEEDED, self)
        self.old = form.part("old", QLineEdit)
        self.fresh = form.part("fresh", QLineEdit)
        self.again = form.part("again", QLineEdit)
        self.answer = form.part("answer", QLabel)
        self._fields = (self.old, self.fresh, self.again)
        heading = form.part("heading", QLabel)
        heading.setText("Change your password")
        heading.setProperty("role", "title")
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(form.widget)

    def open(self) -> None:
        """Shows the empty fields."""
        self.forget()
        self._say(HINT, Tone.SECONDARY)
        self.come_up(self.old)

    def forget(self) -> None:
        """Empties the fields."""
        for field in self._fields:
            field.clear()

    def ask(self) -> None:
        """Asks for the change, once the fields say enough."""
        old, fresh, again = (field.text() for field in self._fields)
        if self._asking:
            return
        if not (old and fresh and again):
            next(field for field in self._fields if not field.text()).setFocus()
            self._say(MISSING, Tone.ATTENTION)
        elif fresh != again:
            self.again.clear()
            self.again.setFocus()
            self._say(DIFFERENT, Tone.ATTENTION)
        else:
            self._asking = True
            self.forget()
            self._say("○ asking", Tone.SECONDARY)
            self._run(self._change(old, fresh))

    async def _change(self, old: str, fresh: str) -> None:
        try:
            refusal = await self._library.answer(lambda archive: archive.change_password(old, fresh))
        except OSError as error:
            self._say(f"Not known whether it is changed, try the new one first: {error}", Tone.ATTENTION)
            return
        finally:
            self._asking = False
        if refusal:
            self._say(refusal, Tone.ALARM)
            self.old.setFocus()
            return
        self.leave()
        words, trouble = CHANGED, ""
        login = self._library.session.login
        if await asyncio.to_thread(kept_password.kept, self._profile, login) is not None:
            trouble = await asyncio.to_thread(kept_password.keep, self._profile, login, fresh)
            words = CHANGED_AND_KEPT
        self._notify(f"{CHANGED} {trouble}" if trouble else words)

    def _say(self, text: str, tone: Tone) -> None:
        set_toned_text(self.answer, text, tone)
        self.place()
