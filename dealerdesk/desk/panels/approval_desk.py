"""The middle of Approvals: the decision's page, and under it what one decides with: keys, a line for why, small forms.

It asks the library for what a person wants and shows the answer; who was quicker is told to who was not. Nothing here
is modal: the queue beside it goes on living.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from dealerdesk.commands.inbox import Item
from dealerdesk.commands.inbox_queries import Inbox
from dealerdesk.commands.records import CommandRecord, CommandState, Refused
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.numbers import plain, spoken
from dealerdesk.desk.panel import plain_label, set_toned_text
from dealerdesk.desk.panels.approval_keys import Deed, why_not
from dealerdesk.desk.panels.approval_words import item_title, what_changed
from dealerdesk.desk.panels.cover_form import CoverForm
from dealerdesk.desk.panels.decision_strip import DecisionStrip, Verb
from dealerdesk.desk.panels.key_bar import ENTER, ESCAPE, FORM_KEYS, Hint, KeyBar
from dealerdesk.desk.panels.settle_form import SettleForm
from dealerdesk.desk.panels.sheet import Sheet
from dealerdesk.desk.theme import PAD_PX, Tone

ENTERS = {Verb.APPROVE: "approves", Verb.REFUSE: "refuses", Verb.WITHDRAW: "withdraws"}
DONE = {Verb.APPROVE: "Approved", Verb.REFUSE: "Refused", Verb.WITHDRAW: "Withdrawn"}
NO_ANSWER = "◌ No answer from the database ({trouble}). Decide again: it cannot count twice."


class DecisionDesk(QWidget):
    """`left`: what was open is closed, the focus may go back. `key_chosen`: a key was clicked that no form takes."""

    left = Signal()
    key_chosen = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.page = Sheet("approvals-page", "The decision", self)
        self.banner = plain_label("")
        self.strip = DecisionStrip(self)
        self.settle = SettleForm(desk, self)
        self.cover = CoverForm(desk, self)
        self.keys = KeyBar(self)
        self._refused_key = ""
        self._forms = (self.strip, self.settle, self.cover)
        self._lay_out()
        self.strip.decided.connect(self._decided)
        for form in self._forms:
            form.left.connect(self.left)
        for form in (self.settle, self.cover):
            form.asked.connect(self._asked)
        self.keys.pressed.connect(self._key_clicked)

    def do(self, deed: Deed, item: Item | None) -> None:
        """Begins what a key stands for, or says why it may not be done."""
        inbox = self._desk.inbox.inbox
        self.say("")
        if inbox is None:
            self._desk.notify(self._desk.inbox.trouble or "The requests are still being read.", Tone.ATTENTION)
        elif item is None and deed is not Deed.COVER:
            self._desk.notify("Choose a request first.", Tone.ATTENTION)
        elif refusal := why_not(deed, item, inbox, self._desk.inbox.now_us()):
            self.say(refusal, Tone.ATTENTION)
            self._refused_key = item.key if item is not None else ""
        else:
            self._open_form(deed, item, inbox)

    def forget_refusal(self, key: str) -> None:
        """Why something may not be done with one request is not said of the next, whose key this is."""
        if self._refused_key not in ("", key):
            self.say("")

    def show_keys(self, deeds: Sequence[Deed], enter: str) -> None:
        """The keys of what is open; while one writes, letters are letters. `enter` is what Enter does otherwise."""
        if self.strip.isVisible():
            self.keys.show_hints([Hint(ENTER, ENTERS[self.strip.verb]), Hint(ESCAPE, "leaves")])
        elif self.settle.isVisible() or self.cover.isVisible():
            self.keys.show_hints(FORM_KEYS)
        else:
            hints = [Hint(deed.key, deed.words) for deed in deeds]
            self.keys.show_hints([*hints, Hint(ENTER, enter)] if enter else hints)

    def tell_if_overtaken(self, inbox: Inbox) -> None:
        """Somebody else was first while a person still wrote: they are told who, and what is different now."""
        before = self.strip.item
        after = next((item for item in inbox.items if before is not None and item.key == before.key), None)
        told = what_changed(before, after, inbox) if before is not None and after is not None else ""
        if not told:
            return
        if after is not None and after.state is CommandState.REQUESTED:
            self.say(told, Tone.ATTENTION)
            self.strip.item = after
        else:
            self.say(told, Tone.ALARM)
            self.strip.leave()

    def say(self, text: str, tone: Tone = Tone.NORMAL) -> None:
        """Says a sentence that stays until the next deed."""
        self._refused_key = ""
        set_toned_text(self.banner, plain(text), tone)
        self.banner.setVisible(bool(text))

    def _open_form(self, deed: Deed, item: Item | None, inbox: Inbox) -> None:
        for form in self._forms:
            form.hide()
        match deed:
            case Deed.COVER:
                self.cover.open_for(inbox)
            case Deed.SETTLE if item is not None:
                self.settle.open_for(item.head, item_title(item))
            case _ if item is not None:
                self.strip.ask(Verb(deed.value), item, item_title(item))

    def _decided(self, verb: Verb, item: Item, words: str) -> None:
        self._desk.run(self._decide(verb, item, words))

    async def _decide(self, verb: Verb, item: Item, words: str) -> None:
        self.say("○ asking the database", Tone.SECONDARY)
        try:
            await self._ask(verb, item, words)
        except OSError as trouble:
            self.say(NO_ANSWER.format(trouble=trouble), Tone.ATTENTION)
        except Refused as refusal:
            self.say(str(refusal), Tone.ALARM)
            self._desk.notify(str(refusal), Tone.ALARM)
            self._desk.inbox.reload()
        else:
            self.say("")
            self._desk.notify(f"{DONE[verb]}: {plain(item_title(item))}")

    async def _ask(self, verb: Verb, item: Item, words: str) -> None:
        library, record = self._desk.library, item.head
        match verb:
            case Verb.APPROVE if item.is_batch:
                await library.approve_batch(item, words)
            case Verb.APPROVE:
                await library.approve(record, words)
            case Verb.REFUSE if item.is_batch:
                await library.refuse_batch(item, words)
            case Verb.REFUSE:
                await library.refuse(record, words)
            case Verb.WITHDRAW if item.is_batch:
                await library.withdraw_batch(item, words)
            case Verb.WITHDRAW:
                await library.withdraw(record, words)

    def _asked(self, record: CommandRecord) -> None:
        waits = record.state is CommandState.REQUESTED
        self._desk.notify(f"Asked: {plain(spoken(record.title))}{' (waits for approval)' if waits else ''}")

    def _key_clicked(self, key: str) -> None:
        form = next((each for each in self._forms if each.isVisible()), None)
        if form is None:
            self.key_chosen.emit(key)
        elif key == ESCAPE:
            form.leave()
        else:
            form.enter()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.banner.setWordWrap(True)
        self.banner.setContentsMargins(PAD_PX, PAD_PX // 2, PAD_PX, PAD_PX // 2)
        self.banner.hide()
        column.addWidget(self.page, 1)
        for widget in (self.banner, *self._forms, self.keys):
            column.addWidget(widget)
