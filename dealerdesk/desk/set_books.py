"""The strip that asks for another book for many chosen accounts at once: which book, why; then how far each has come.

It asks through the library, one batch a server, and shows what comes back. What can be decided only together is decided
as one in Approvals; each account is then moved, read back and told by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from dealerdesk.commands.asking import BATCH_MAX
from dealerdesk.commands.records import CommandRecord, Need, Refused
from dealerdesk.desk.asking_strip import AskingStrip, struck_font
from dealerdesk.desk.asking_words import approval
from dealerdesk.desk.book_batch import Batch, Move, approvals, batches, consequence, move, tally, where_they_are
from dealerdesk.desk.book_change import Standing, book_words, standing
from dealerdesk.desk.book_fields import NEEDED, WIDTH_PX, BookFields
from dealerdesk.desk.desk import Notify
from dealerdesk.desk.forms import load_form
from dealerdesk.desk.numbers import counted, integer, plain
from dealerdesk.desk.one_request import LOST, Run
from dealerdesk.desk.panel import set_toned_text
from dealerdesk.desk.theme import Tone
from dealerdesk.store.connection_trouble import told
from dealerdesk.trading import Book

if TYPE_CHECKING:
    from dealerdesk.desk.library import Library
    from dealerdesk.live.frame import Frame
    from dealerdesk.live.state import LiveState

ON_ITS_WAY = "What you asked for last is still on its way to the database: wait for its answer."


class SetBooksStrip(AskingStrip):
    """One strip a window; opened for other accounts, it forgets those before."""

    def __init__(
        self,
        window: QWidget,
        state: LiveState,
        frame: Callable[[], Frame],
        library: Library,
        refusal: Callable[[str], str],
        run: Run,
        notify: Notify,
    ) -> None:
        super().__init__(window, WIDTH_PX)
        self.setObjectName("set-books")
        self._state, self._frame, self._library = state, frame, library
        self._refusal, self._run, self._notify = refusal, run, notify
        self._chosen: tuple[Standing, ...] = ()
        self._asked: tuple[Move, str, tuple[Batch, ...]] | None = None
        self._records: dict[str, CommandRecord] = {}
        self._weighed: Move | None = None
        self._is_weighing = False
        self._is_busy = False
        self._build()
        library.commands_changed.connect(self._on_commands_changed)
        library.checking_changed.connect(self._on_checking_changed)

    def _build(self) -> None:
        form = load_form("set_book.ui", NEEDED, self)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(form.widget)
        self.heading, self.current = form.part("heading", QLabel), form.part("current", QLabel)
        self.consequence, self.approval = form.part("consequence", QLabel), form.part("approval", QLabel)
        self.progress = form.part("progress", QLabel)
        self.fields = BookFields(form, self, self.ask, self.leave)
        self.fields.changed.connect(self._renew)
        self.fields.reason_changed.connect(self._renew)

    # -- opening and closing ------------------------------------------------------------------------------------

    def open_for(self, accounts: Sequence[tuple[str, int]]) -> str:
        """Opens for these accounts; returns the sentence why not, else ""."""
        if self._is_busy:
            return ON_ITS_WAY
        if len(accounts) > BATCH_MAX:
            return f"{integer(len(accounts))} accounts are chosen; at most {BATCH_MAX} are moved at once."
        frame = self._frame()
        found = [standing(self._state, frame, server, login) for server, login in accounts]
        chosen = tuple(one for one in found if one is not None)
        if not chosen:
            return "None of the chosen accounts is known here any more."
        refusals = [self._refusal(server) for server in dict.fromkeys(one.server for one in chosen)]
        if all(refusals):
            return refusals[0]
        self.forget()
        self._chosen = chosen
        self.heading.setText(f"Set book · {counted(len(chosen), 'accounts')}")
        self.current.setText(where_they_are(chosen))
        self._renew()
        self.come_up(self.fields.books[Book.A])
        return ""

    def forget(self) -> None:
        """Empties the fields; what was asked goes on."""
        self._chosen, self._asked, self._weighed = (), None, None
        self._records = {}
        self.fields.forget()
        for label in (self.heading, self.current, self.consequence, self.approval, self.progress):
            label.clear()
        self.consequence.setFont(struck_font(is_struck=False))

    # -- choosing -----------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.fields.takes(event):
            super().keyPressEvent(event)

    def _wanted(self) -> Move | None:
        """Who would be moved where, as things stand now."""
        body = self.fields.wanted(0)
        if body is None or not self._chosen:
            return None
        frame = self._frame()
        now = (standing(self._state, frame, one.server, one.login) for one in self._chosen)
        present = [one for one in now if one is not None]
        return move(present, body.book, body.covered_percent, self._library.open_commands, self._refusal)

    def _renew(self) -> None:
        """Says what would change, who must approve, and what is missing."""
        if not self._chosen or self._records or self._is_busy:
            return
        wanted = self._wanted()
        self.consequence.setFont(struck_font(is_struck=False))
        self.consequence.setText(plain(consequence(wanted)) if wanted is not None else "")
        self._weigh(wanted)
        lacking = self._missing(wanted)
        self.fields.ask_button.setEnabled(not lacking)
        self._say(lacking or "Enter asks for it.", Tone.SECONDARY)

    def _missing(self, wanted: Move | None) -> str:
        if wanted is None:
            return "Choose a book: A, B or C."
        if not wanted.moved:
            return "None of them can be moved there now."
        return "" if self.fields.reason.text().strip() else "Write the reason."

    def _weigh(self, wanted: Move | None) -> None:
        """Asks who must approve; while an answer is awaited only the newest wish is asked about next."""
        if wanted is None or not wanted.moved:
            self._weighed = None
            self.approval.clear()
        elif self._weighed is None or _terms(self._weighed) != _terms(wanted):
            self._weighed = wanted
            self.approval.clear()
            if not self._is_weighing:
                self._is_weighing = True
                self._run(self._show_needs())

    async def _show_needs(self) -> None:
        try:
            answered = None
            while self._weighed is not None and self._weighed is not answered:
                answered = self._weighed
                text, tone = await self._needs(answered)
                if self._weighed is answered and not self._records:
                    set_toned_text(self.approval, text, tone)
                    self.place()
        finally:
            self._is_weighing = False

    async def _needs(self, wanted: Move) -> tuple[str, Tone]:
        """What each server's batch needs: it is decided as one, so what one of it needs all of it waits for."""
        found: dict[str, dict[str, Need]] = {}
        try:
            for batch in batches(wanted):
                of_batch = found.setdefault(batch.server, {})
                for member in batch.members:
                    if self._weighed is not wanted:
                        return "", Tone.SECONDARY
                    for need in await self._library.needs(batch.server, member.body):
                        of_batch.setdefault(need.policy, need)
        except Refused as refusal:
            return str(refusal), Tone.ATTENTION
        except OSError:
            return "Who must approve is not known: the database does not answer.", Tone.ATTENTION
        said = approvals({server: approval(tuple(needs.values())) for server, needs in found.items()})
        return said, Tone.ATTENTION if any(found.values()) else Tone.SECONDARY

    # -- asking -------------------------------------------------------------------------------------------------

    def ask(self) -> None:
        """Asks for what is chosen; asked again after no answer, they are the same batches."""
        if self._records:
            if all(record.state.is_final for record in self._records.values()):
                self.leave()
            return
        if self._is_busy or not self._chosen:
            return
        wanted, reason = self._wanted(), self.fields.reason.text().strip()
        lacking = self._missing(wanted)
        if lacking or wanted is None:
            self._say(lacking, Tone.ATTENTION)
            return
        if self._asked is None or _terms(self._asked[0]) != _terms(wanted) or self._asked[1] != reason:
            self._asked = (wanted, reason, batches(wanted))
        self._is_busy = True
        self.fields.set_enabled(False)
        self._say("○ asking", Tone.SECONDARY)
        self._run(self._request(*self._asked))

    async def _request(self, wanted: Move, reason: str, asked: tuple[Batch, ...]) -> None:
        """Asks server by server. What one refused does not undo what another took: both are said."""
        taken: list[CommandRecord] = []
        problems: list[str] = []
        is_lost = False
        try:
            for batch in asked:
                try:
                    taken += await self._library.request_batch(batch.server, batch.members, reason, batch.id)
                except Refused as refusal:
                    problems.append(f"✕ refused: {refusal}")
                except OSError as error:
                    is_lost = True
                    problems.append(f"◌ {batch.server}: no answer from the database ({told(error)[0]})")
        finally:
            self._is_busy = False
        if self._asked is None or self._asked[2] is not asked:
            for problem in problems:
                self._notify(problem, Tone.ATTENTION)
            return
        if problems:
            for record in taken:
                self._notify(f"Asked for: {record.title}", Tone.NORMAL)
            self._back(problems, is_lost, asked_some=bool(taken))
        else:
            self._records = {record.id: record for record in taken}
            to = book_words(wanted.book, wanted.covered_percent)
            self.consequence.setText(plain(f"{counted(len(taken), 'accounts')} → {to} · you: {reason}"))
            self.approval.clear()
            self.setFocus(Qt.FocusReason.OtherFocusReason)
            self._show_tally()

    def _back(self, problems: Sequence[str], is_lost: bool, asked_some: bool) -> None:
        """What was not asked for can be asked for again: under the same ids where no answer came."""
        if not is_lost:
            self._asked = None
        self.fields.set_enabled(True)
        self.consequence.setFont(struck_font(is_struck=not is_lost and not asked_some))
        again = "; Enter asks again" if is_lost else ""
        self._say(plain("; ".join(problems) + again), Tone.ATTENTION if is_lost else Tone.ALARM)
        self.fields.reason.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- following ----------------------------------------------------------------------------------------------

    def _on_checking_changed(self) -> None:
        if self._asked is not None and any(batch.id in self._library.checking for batch in self._asked[2]):
            self._say(f"◌ {LOST}", Tone.ATTENTION)

    def _on_commands_changed(self, ids: object) -> None:
        if self._records and isinstance(ids, tuple) and not self._records.keys().isdisjoint(ids):
            self._run(self._reread())

    async def _reread(self) -> None:
        for batch_id in dict.fromkeys(record.batch_id for record in self._records.values()):
            found = await self._library.batch(batch_id or "")
            for record in found:
                if record.id in self._records:
                    self._records[record.id] = record
        if self._records:
            self._show_tally()

    def _show_tally(self) -> None:
        text, tone = tally(self._records)
        self._say(text, tone)
        now = [standing(self._state, self._frame(), one.server, one.login) for one in self._chosen]
        self.current.setText(where_they_are(one for one in now if one is not None))

    def _say(self, text: str, tone: Tone) -> None:
        set_toned_text(self.progress, text, tone)
        self.place()


def _terms(wanted: Move) -> tuple[object, ...]:
    """What is asked for, whatever the market does meanwhile."""
    return (
        wanted.book,
        wanted.covered_percent,
        tuple((one.server, one.login, one.version) for one in wanted.moved),
    )
