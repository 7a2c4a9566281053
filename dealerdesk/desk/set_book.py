"""The strip that asks for an account's other book: which book, how much of it covered, why; then how far it has come.

It lies over the window without stopping anything under it. It asks through the library and shows what comes back; who
may ask and who must approve is decided where the command is received, and nothing is shown as done before the bridge
has read it back.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from dealerdesk.commands.records import CommandRecord, CommandState, Refused, new_command_id
from dealerdesk.desk import theme
from dealerdesk.desk.asking_strip import AskingStrip, struck_font
from dealerdesk.desk.asking_words import approval, progress
from dealerdesk.desk.book_change import (
    Standing,
    book_words,
    consequence,
    is_as_wanted,
    missing,
    standing,
)
from dealerdesk.desk.book_fields import NEEDED, WIDTH_PX, BookFields
from dealerdesk.desk.forms import load_form
from dealerdesk.desk.numbers import account, plain, spoken
from dealerdesk.desk.panel import set_toned_text
from dealerdesk.desk.theme import Tone
from dealerdesk.trading import Book

if TYPE_CHECKING:
    from dealerdesk.bridges.protocol import SetBook
    from dealerdesk.desk.library import Library
    from dealerdesk.live.frame import Frame
    from dealerdesk.live.state import LiveState

Run = Callable[[Coroutine[object, object, None]], None]


class SetBookStrip(AskingStrip):
    """One strip a window; opened for an account, it forgets the one before."""

    def __init__(
        self,
        window: QWidget,
        state: LiveState,
        frame: Callable[[], Frame],
        library: Library,
        refusal: Callable[[str], str],
        run: Run,
        name: Callable[[str], str],
    ) -> None:
        super().__init__(window, WIDTH_PX)
        self.setObjectName("set-book")
        self._state = state
        self._frame = frame
        self._library = library
        self._refusal = refusal
        self._run = run
        self._name = name
        self._now: Standing | None = None
        self._record: CommandRecord | None = None
        self._command_id = ""
        self._asked_terms: tuple[SetBook, str] | None = None
        self._build()
        library.commands_changed.connect(self._on_commands_changed)
        library.checking_changed.connect(self._on_checking_changed)

    def _build(self) -> None:
        form = load_form("set_book.ui", NEEDED, self)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(form.widget)
        self._labels = {name: form.part(name, QLabel) for name, kind in NEEDED.items() if kind is QLabel}
        self.fields = BookFields(form, self, self.ask, self.leave)
        self.fields.changed.connect(self._on_choice)
        self.fields.reason_changed.connect(self._on_reason)

    # -- opening ------------------------------------------------------------------------------------------------

    def open_for(self, server: str, login: int) -> str:
        """Opens for an account; returns the sentence why not when it may not be asked for now, else ""."""
        refusal = self._refusal(server)
        now = standing(self._state, self._frame(), server, login)
        if refusal or now is None:
            return refusal or f"There is no account {account(server, login)}."
        self._now, self._record, self._command_id, self._asked_terms = now, None, "", None
        self._labels["heading"].setText(plain(f"Set book · {account(server, login)} · {now.name}"))
        self._labels["current"].setText(f"now {book_words(now.book, now.covered_percent)}")
        self.forget()
        self.come_up(self.fields.books[Book.A if now.book is not Book.A else Book.B])
        standing_command = self._library.open_commands.get((server, login))
        if standing_command is not None:
            self._show_record(standing_command)
        return ""

    def forget(self) -> None:
        """Empties the fields; what was asked goes on."""
        self.fields.forget()
        self._labels["consequence"].setFont(struck_font(is_struck=False))
        for name in ("consequence", "approval"):
            self._labels[name].clear()
        self._labels["progress"].setFont(theme.font())
        self._on_reason()

    # -- choosing -----------------------------------------------------------------------------------------------

    def wanted(self) -> SetBook | None:
        """What is chosen now."""
        return self.fields.wanted(self._now.login) if self._now is not None else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.fields.takes(event):
            super().keyPressEvent(event)

    def _on_choice(self) -> None:
        wanted = self.wanted()
        if wanted is not None and self._now is not None:
            self._show_consequence(self._now, wanted)
        self._on_reason()

    def _show_consequence(self, now: Standing, wanted: SetBook) -> None:
        """Says what would change and who must approve; nothing of the kind where nothing would change."""
        if is_as_wanted(now, wanted):
            for name in ("consequence", "approval"):
                self._labels[name].clear()
            return
        self._labels["consequence"].setText(consequence(now, wanted))
        self._run(self._show_needs(now.server, wanted))

    def _on_reason(self) -> None:
        if self._now is not None and self._record is None:
            lacking = missing(self._now, self.wanted(), self.fields.reason.text())
            self._say(lacking or "Enter asks for it.", Tone.SECONDARY)
            self.fields.ask_button.setEnabled(not lacking)

    async def _show_needs(self, server: str, wanted: SetBook) -> None:
        try:
            needs = await self._library.needs(server, wanted)
        except Refused as refused:
            text, tone = str(refused), Tone.ATTENTION
        else:
            text, tone = approval(needs), Tone.ATTENTION if needs else Tone.SECONDARY
        if wanted == self.wanted() and self._record is None:
            set_toned_text(self._labels["approval"], text, tone)
            self.place()

    # -- asking -------------------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Asks for what is chosen; asked again after no answer, it is the same command."""
        wanted, reason = self.wanted(), self.fields.reason.text().strip()
        if self._record is not None:
            if self._record.state.is_final:
                self.leave()
            return
        if self._now is None or not self.fields.is_enabled:
            return
        lacking = self._refusal(self._now.server) or missing(self._now, wanted, reason)
        if lacking or wanted is None:
            self._say(lacking, Tone.ATTENTION)
            return
        if self._asked_terms != (wanted, reason):
            self._command_id, self._asked_terms = new_command_id(), (wanted, reason)
        self._set_enabled(False)
        self._say("○ asking", Tone.SECONDARY)
        self._run(self._request(self._now, wanted, reason, self._command_id))

    async def _request(self, now: Standing, wanted: SetBook, reason: str, command_id: str) -> None:
        try:
            record = await self._library.request(now.server, wanted, reason, command_id, now.version)
        except Refused as refused:
            self._answered(command_id, f"✕ refused: {refused}", Tone.ALARM, struck=True)
        except OSError as error:
            # whether it was written is not known: Enter asks again under the same id and cannot do it twice
            self._answered(command_id, f"◌ no answer from the database ({error}); Enter asks again", Tone.ATTENTION)
        else:
            if command_id == self._command_id:
                self._show_record(record)

    def _answered(self, command_id: str, text: str, tone: Tone, struck: bool = False) -> None:
        if command_id != self._command_id:
            return
        if struck:
            self._asked_terms = None
        self._set_enabled(True)
        self._say(text, tone)
        self._labels["consequence"].setFont(struck_font(struck))
        self.fields.reason.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_checking_changed(self) -> None:
        if self._command_id in self._library.checking:
            self._say("◌ the answer was lost: checking whether it was received", Tone.ATTENTION)

    def _on_commands_changed(self, ids: object) -> None:
        record = self._record
        if record is not None and self.isVisible() and isinstance(ids, tuple) and record.id in ids:
            self._run(self._reread(record.id))

    async def _reread(self, command_id: str) -> None:
        record = await self._library.command(command_id)
        if record is not None and self._record is not None and self._record.id == command_id:
            self._show_record(record)

    def _show_record(self, record: CommandRecord) -> None:
        self._record, self._command_id = record, record.id
        self._set_enabled(False)
        text, tone = progress(record)
        if self._now is not None and record.state is CommandState.CONFIRMED:
            self._now = standing(self._state, self._frame(), self._now.server, self._now.login) or self._now
            self._labels["current"].setText(f"now {book_words(self._now.book, self._now.covered_percent)}")
        who = "you" if record.requested_by == self._library.who else self._name(record.requested_by)
        self._labels["consequence"].setText(plain(f"{spoken(record.title)} · {who}: {record.reason}"))
        self._labels["consequence"].setFont(struck_font(tone is Tone.ALARM))
        self._labels["approval"].clear()
        self._say(plain(text), tone)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _set_enabled(self, enabled: bool) -> None:
        self.fields.set_enabled(enabled)
        self._labels["consequence"].setFont(struck_font(is_struck=False))

    def _say(self, text: str, tone: Tone) -> None:
        set_toned_text(self._labels["progress"], text, tone)
        self.place()
