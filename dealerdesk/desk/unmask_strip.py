"""The strip that opens one field of a client: which, why, and the value for half a minute. Each opening is on record.

It lies over the window, asks through the library, and keeps nothing: closed, or after its time, the value is gone from
the screen. Who may open what is decided where it is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QVBoxLayout, QWidget

from dealerdesk.commands.fields import Access, PersonalField, access, openable
from dealerdesk.commands.records import Refused
from dealerdesk.commands.roles import Role
from dealerdesk.desk.asking_strip import AskingStrip
from dealerdesk.desk.forms import load_form
from dealerdesk.desk.numbers import plain
from dealerdesk.desk.panel import set_toned_text
from dealerdesk.desk.theme import Tone
from dealerdesk.store.connection_trouble import unanswered

if TYPE_CHECKING:
    from dealerdesk.desk.library import Library
    from dealerdesk.live.state import LiveState

NEEDED: dict[str, type[QWidget]] = {
    "heading": QLabel,
    "field": QComboBox,
    "reason": QLineEdit,
    "value": QLabel,
    "answer": QLabel,
}
SHOWN_S = 30
TICK_MS = 1_000
WIDTH_PX = 560
Run = Callable[[Coroutine[object, object, None]], None]


class UnmaskStrip(AskingStrip):
    """One strip a window; opened for a client, it forgets the one before."""

    def __init__(self, window: QWidget, state: LiveState, library: Library, role: str, run: Run) -> None:
        super().__init__(window, WIDTH_PX)
        self.setObjectName("unmask")
        self._state = state
        self._library = library
        self._role = Role(role) if role in frozenset(Role) else None
        self._run = run
        self._client_id = -1
        self._left_s = 0
        form = load_form("unmask.ui", NEEDED, self)
        self.heading = form.part("heading", QLabel)
        self.field = form.part("field", QComboBox)
        self.reason = form.part("reason", QLineEdit)
        self.value = form.part("value", QLabel)
        self.answer = form.part("answer", QLabel)
        self.heading.setProperty("role", "title")
        self.value.setProperty("role", "tile")
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(form.widget)
        for each in openable(self._role) if self._role is not None else ():
            self.field.addItem(each.words.capitalize(), each.value)
        self.field.currentIndexChanged.connect(self._on_field)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.tick)

    def open_for(self, server: str, login: int) -> str:
        """Opens for an account's client; returns the sentence why not when this person may open nothing, else ""."""
        slot = self._state.accounts.slot(server, login)
        if slot is None:
            return f"There is no account {server} {login}."
        if not self.field.count():
            return f"{self._role.a_words.capitalize() if self._role else 'Nobody'} opens no field of a client."
        self.forget()
        self._client_id = int(self._state.accounts.client_id[slot])
        self.heading.setText(f"Unmask · client {self._client_id} · {server} {login}")
        self.reason.clear()
        self._on_field()
        self.come_up(self.reason if self.field.count() == 1 else self.field)
        return ""

    def forget(self) -> None:
        """Hides the value."""
        self._timer.stop()
        self.value.clear()
        self.value.hide()

    def ask(self) -> None:
        """Asks for the chosen field with the reason given."""
        chosen = PersonalField(self.field.currentData())
        reason = self.reason.text().strip()
        if not reason and self._role is not None and access(self._role, chosen) is not Access.PLAIN:
            self._say("Write the reason first: it goes on record with your name.", Tone.ATTENTION)
            return
        self.forget()
        self._say("○ asking", Tone.SECONDARY)
        self._run(self._open(self._client_id, chosen, reason))

    def tick(self) -> None:
        """Counts the seconds; after the last one the value goes."""
        self._left_s -= 1
        if self._left_s <= 0:
            self.forget()
            self._say("Hidden again. Enter opens it once more, and records that too.", Tone.SECONDARY)
        else:
            self._say(f"On record. It is hidden in {self._left_s} s; Esc hides it now.", Tone.SECONDARY)

    async def _open(self, client_id: int, chosen: PersonalField, reason: str) -> None:
        try:
            value = await self._library.unmask(client_id, chosen, reason)
        except Refused as refusal:
            if client_id == self._client_id:
                self._say(f"✕ not opened, and on record: {refusal}", Tone.ALARM)
            return
        except OSError as error:
            self._say(unanswered(error), Tone.ATTENTION)
            return
        if client_id == self._client_id and self.isVisible():
            self.value.setText(plain(value))
            self.value.show()
            self._left_s = SHOWN_S + 1
            self._timer.start()
            self.tick()

    def _on_field(self) -> None:
        if self._role is None or self.field.currentData() is None:
            return
        self.forget()
        plain_to_me = access(self._role, PersonalField(self.field.currentData())) is Access.PLAIN
        self.reason.setPlaceholderText(f"Reason{' (if any)' if plain_to_me else ''} · Enter opens · Esc leaves")
        self._say("Opening it goes on record with your name and the reason.", Tone.SECONDARY)

    def _say(self, text: str, tone: Tone) -> None:
        set_toned_text(self.answer, text, tone)
        self.place()
