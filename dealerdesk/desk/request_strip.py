"""The strip that asks for a change of the selected account, its client or one of its positions: which, what, why.

It offers what the person's role may ask for and nothing else; books have a strip of their own. It asks through the
library and shows what comes back: nothing is shown as done before it has been read back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from dealerdesk.commands.inbox_queries import rating_of
from dealerdesk.commands.kind import Executor
from dealerdesk.commands.records import CommandRecord, Need, Refused
from dealerdesk.desk import request_fields
from dealerdesk.desk.asking_strip import AskingStrip, struck_font
from dealerdesk.desk.asking_words import approval, progress
from dealerdesk.desk.desk import Notify
from dealerdesk.desk.forms import load_form
from dealerdesk.desk.numbers import plain, spoken
from dealerdesk.desk.one_request import LOST, OneRequest, Run
from dealerdesk.desk.panel import set_toned_text
from dealerdesk.desk.request_fields import FIELDS, ClosingFields, RequestFields
from dealerdesk.desk.request_terms import TITLES, About, Wish, about, body_to_weigh, nothing_offered, offered
from dealerdesk.desk.theme import Tone

if TYPE_CHECKING:
    from dealerdesk.desk.library import Library
    from dealerdesk.live.state import LiveState

NEEDED: dict[str, type[QWidget]] = {
    **request_fields.NEEDED,
    "heading": QLabel,
    "current": QLabel,
    "kind": QComboBox,
    "fields": QStackedWidget,
    "reason": QLineEdit,
    "change": QLabel,
    "approval": QLabel,
    "progress": QLabel,
    "close": QPushButton,
    "ask": QPushButton,
}
WIDTH_PX = 760
WITHOUT_REASON = "Write the reason."
ON_ITS_WAY = "What you asked for last is still on its way to the database: wait for its answer."


class RequestStrip(AskingStrip):
    """One strip a window; opened for an account, it forgets the one before."""

    def __init__(
        self,
        window: QWidget,
        state: LiveState,
        library: Library,
        role: str,
        refusal: Callable[[str], str],
        run: Run,
        notify: Notify,
    ) -> None:
        super().__init__(window, WIDTH_PX)
        self.setObjectName("request")
        self._state, self._library, self._role = state, library, role
        self._refusal, self._run, self._notify = refusal, run, notify
        self._account: tuple[str, int] | None = None
        self._rating = ""
        self._weighed: tuple[str, Wish] | None = None
        self._is_weighing = False
        self.request = OneRequest(library, run, self)
        self._build()
        self.request.stands.connect(self._on_stands)
        self.request.refused.connect(self._on_refused)
        self.request.unanswered.connect(self._on_unanswered)
        self.request.checking.connect(self._on_checking)
        self.request.came_late.connect(self._on_late)

    def _build(self) -> None:
        form = load_form("request.ui", NEEDED, self)
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(form.widget)
        self.heading, self.current = form.part("heading", QLabel), form.part("current", QLabel)
        self.kind, self.reason = form.part("kind", QComboBox), form.part("reason", QLineEdit)
        self.change, self.approval = form.part("change", QLabel), form.part("approval", QLabel)
        self.progress = form.part("progress", QLabel)
        self.stack = form.part("fields", QStackedWidget)
        self.ask_button, self.close_button = form.part("ask", QPushButton), form.part("close", QPushButton)
        self.heading.setProperty("role", "title")
        self.ask_button.setProperty("role", "primary")
        names = [kind.name for kind in offered(self._role)]
        fields = {each.kind: each for each in FIELDS}
        self.pages: list[RequestFields[Any]] = [fields[name](form, self._state, self) for name in names]
        self._on_bridge = {kind.name: kind.executor is Executor.BRIDGE for kind in offered(self._role)}
        self.kind.addItems([TITLES[name] for name in names])
        self.kind.currentIndexChanged.connect(self._on_kind)
        for page in self.pages:
            page.changed.connect(self._renew)
        self.reason.textChanged.connect(self._renew)
        self.ask_button.clicked.connect(self.ask)
        self.close_button.clicked.connect(self.leave)

    @property
    def page(self) -> RequestFields[Any]:
        """The fields of the kind that is chosen."""
        return self.pages[self.kind.currentIndex()]

    # -- opening and closing ------------------------------------------------------------------------------------

    def open_for(self, server: str, login: int, position_id: int | None = None) -> str:
        """Opens for an account, or for a position of it; returns the sentence why not, else ""."""
        if not self.pages:
            return nothing_offered(self._role)
        if self.request.is_busy:
            return ON_ITS_WAY
        try:
            of = about(self._state, server, login)
        except Refused as refusal:
            return str(refusal)
        self.forget()
        self._account = (server, login)
        self.heading.setText(plain(f"Request · {of.account} · client {of.client_id}"))
        for page in self.pages:
            page.begin(of)
        self._set_enabled(True)
        self.kind.setCurrentIndex(self._begin_with(position_id))
        self._on_kind()
        self.come_up(self.page.first() if position_id is not None or self.kind.count() == 1 else self.kind)
        if "rate_client" in self._on_bridge:
            self._run(self._look_rating(of.client_id))
        return ""

    def forget(self) -> None:
        """Takes away all that was typed; what was asked goes on."""
        self.request.forget()
        self._account, self._rating, self._weighed = None, "", None
        for page in self.pages:
            page.forget()
        self.reason.clear()
        for label in (self.heading, self.current, self.change, self.approval, self.progress):
            label.clear()

    def _begin_with(self, position_id: int | None) -> int:
        """A position is there to be closed; else the first kind."""
        for number, page in enumerate(self.pages):
            if position_id is not None and isinstance(page, ClosingFields):
                page.position.choose(position_id)
                return number
        return 0

    # -- choosing -----------------------------------------------------------------------------------------------

    def _of(self) -> About:
        """The account now; raises Refused when it has gone meanwhile."""
        if self._account is None:
            raise Refused("Choose an account first.")
        return about(self._state, *self._account, rating=self._rating)

    def _server(self) -> str:
        """Where it is done; empty for what is done in the database."""
        return self._account[0] if self._account is not None and self._on_bridge[self.page.kind] else ""

    def _wish(self, of: About) -> Wish:
        """What is wanted; raises Refused with what stands in the way."""
        refusal = self._refusal(of.server) if self._on_bridge[self.page.kind] else ""
        if refusal:
            raise Refused(refusal)
        wish: Wish = self.page.wish(of)
        return wish

    def _on_kind(self) -> None:
        self.stack.setCurrentWidget(self.page.page)
        self._renew()

    def _renew(self) -> None:
        """Says what would change, who must approve, and what is missing."""
        if self._account is None or self.request.record is not None:
            return
        self.change.setFont(struck_font(is_struck=False))
        try:
            of = self._of()
            self.current.setText(plain(self.page.now(of)))
            self.change.setText(plain(self.page.warning(of)))
            wish = self._wish(of)
        except Refused as refusal:
            self._weighed = None
            self.approval.clear()
            self._lack(str(refusal))
            return
        self.change.setText(plain(self.page.change(of, wish)))
        self._weigh(wish)
        self._lack("" if self.reason.text().strip() else WITHOUT_REASON)

    def _lack(self, sentence: str) -> None:
        self.ask_button.setEnabled(not sentence)
        self._say(sentence or "Enter asks for it.", Tone.SECONDARY)

    def _weigh(self, wish: Wish) -> None:
        """Asks who must approve; while an answer is awaited only the newest wish is asked about next."""
        if self._weighed == (self._server(), wish):
            return
        self._weighed = (self._server(), wish)
        self.approval.clear()
        if not self._is_weighing:
            self._is_weighing = True
            self._run(self._show_needs())

    async def _show_needs(self) -> None:
        try:
            answered = None
            while self._weighed is not None and self._weighed != answered:
                answered = self._weighed
                text, tone = await self._needs(*answered)
                if self._weighed == answered and self.request.record is None:
                    set_toned_text(self.approval, text, tone)
                    self.place()
        finally:
            self._is_weighing = False

    async def _needs(self, server: str, wish: Wish) -> tuple[str, Tone]:
        try:
            needs: tuple[Need, ...] = await self._library.needs(server, body_to_weigh(wish))
        except Refused as refusal:
            return str(refusal), Tone.ATTENTION
        except OSError:
            return "Who must approve is not known: the database does not answer.", Tone.ATTENTION
        return approval(needs), Tone.ATTENTION if needs else Tone.SECONDARY

    async def _look_rating(self, client_id: int) -> None:
        found = await self._library.read(rating_of, client_id)
        try:
            is_still_here = self._of().client_id == client_id
        except Refused:
            return
        if is_still_here:
            self._rating = found or ""
            self._renew()

    # -- asking -------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and self._window.focusWidget() is self.close_button:
            self.leave()
        else:
            super().keyPressEvent(event)

    def ask(self) -> None:
        """Asks for what is typed; asked again after no answer, it is the same command."""
        record, reason = self.request.record, self.reason.text().strip()
        if record is not None:
            if record.state.is_final:
                self.leave()
            return
        if self.request.is_busy:
            return
        try:
            wish = self._wish(self._of())
        except Refused as refusal:
            self._say(str(refusal), Tone.ATTENTION)
            return
        if not reason:
            self._say(WITHOUT_REASON, Tone.ATTENTION)
            self.reason.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self._set_enabled(False)
        self._say("○ asking", Tone.SECONDARY)
        self.request.ask(self._server(), wish, reason)

    def _on_stands(self, record: CommandRecord) -> None:
        self._set_enabled(False)
        for page in self.pages:
            # what is personal is sealed by now, and stays on the screen no longer than it must
            page.forget()
        text, tone = progress(record)
        self.current.clear()
        self.approval.clear()
        self.change.setText(plain(f"{spoken(record.title)} · you: {record.reason}"))
        self.change.setFont(struck_font(is_struck=tone is Tone.ALARM))
        self._say(plain(text), tone)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_refused(self, sentence: str) -> None:
        self._back(f"✕ refused: {sentence}", Tone.ALARM, struck=True)

    def _on_unanswered(self, trouble: str) -> None:
        # whether it was written is not known: Enter asks again under the same id and cannot do it twice
        self._back(f"◌ no answer from the database ({trouble}); Enter asks again", Tone.ATTENTION, struck=False)

    def _on_checking(self) -> None:
        self._say(f"◌ {LOST}", Tone.ATTENTION)

    def _on_late(self, sentence: str) -> None:
        self._notify(sentence, Tone.ATTENTION)

    def _back(self, sentence: str, tone: Tone, struck: bool) -> None:
        self._set_enabled(True)
        self.change.setFont(struck_font(struck))
        self._say(plain(sentence), tone)
        self.reason.setFocus(Qt.FocusReason.OtherFocusReason)

    def _set_enabled(self, enabled: bool) -> None:
        for widget in (self.kind, self.stack, self.reason, self.ask_button):
            widget.setEnabled(enabled)

    def _say(self, text: str, tone: Tone) -> None:
        set_toned_text(self.progress, text, tone)
        self.place()
