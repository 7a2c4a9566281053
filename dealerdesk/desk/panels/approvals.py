"""Approvals: what waits for a decision, the decision itself on one page, and the evidence beside it; all by key.

Queue left, the thing in the middle, evidence right; where there is no room for three, evidence goes under the page. It
asks the library and shows its answer: who may decide what is decided there.
"""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

from dealerdesk.clock import SECOND_US
from dealerdesk.commands.fields import sees_names
from dealerdesk.commands.inbox import Item
from dealerdesk.commands.inbox_queries import Evidence, Inbox
from dealerdesk.commands.records import CommandRecord
from dealerdesk.desk import numbers
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panel import Panel
from dealerdesk.desk.panels.approval_desk import DecisionDesk
from dealerdesk.desk.panels.approval_evidence import covers_in_force, evidence_page
from dealerdesk.desk.panels.approval_keys import Deed, deeds_for, why_not
from dealerdesk.desk.panels.approval_queue import QUEUE_COLUMNS, QueueRow, View, in_view, queue_rows, queue_table
from dealerdesk.desk.panels.approval_words import decision_page
from dealerdesk.desk.panels.changes import Sight, login_of
from dealerdesk.desk.panels.choice import Choice, Option
from dealerdesk.desk.panels.key_bar import ENTER
from dealerdesk.desk.panels.row_menu import RowMenu, Subject
from dealerdesk.desk.panels.sheet import Line, Sheet, sentence
from dealerdesk.desk.table import TableView
from dealerdesk.desk.theme import Tone
from dealerdesk.live.frame import Frame

VIEWS = (
    Option(View.MINE, "mine to decide", "1"),
    Option(View.ASKED, "mine waiting", "2"),
    Option(View.ALL, "all", "3"),
)
EMPTY = {
    View.MINE: ("Nothing waits for you.", "Press 3 for all that waits for anybody."),
    View.ASKED: ("You have asked for nothing lately.", "What you ask for and nobody has decided yet stands here."),
    View.ALL: ("Nothing has been asked yet.", "Set an account's book with Ctrl+B on its row."),
}
DRAW_US = SECOND_US // 4
ROWS_US = SECOND_US
THREE_PX, TWO_PX = 1080, 720
"""From which width on there is room for three parts beside each other, and for two."""


class ApprovalsPanel(Panel):
    """The inbox of one person, in three views."""

    name = "approvals"
    title = "Approvals"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.rows: dict[str, QueueRow] = {}
        self.opened: set[str] = set()
        self.evidence: dict[str, Evidence] = {}
        self._shown_key = ""
        self._drawn_us = self._rows_us = 0
        self.which = Choice(self, "approvals-view", VIEWS, "View")
        self.table = TableView("approvals", QUEUE_COLUMNS, self, memory=desk.memory, title="requests")
        self.table.set_loading("Reading the requests from the database.")
        self.middle = DecisionDesk(desk, self)
        self.page = self.middle.page
        self.beside = Sheet("approvals-evidence", "Evidence", self)
        self.parts = QSplitter(Qt.Orientation.Horizontal, self)
        self.menu = RowMenu(desk, self.table, self._subject)
        self._lay_out()
        self._add_actions()
        self._connect()
        self._take()
        self._go_to_wanted()

    # -- drawing ------------------------------------------------------------------------------------------------

    def beat(self, frame: Frame) -> None:
        now_us = self.desk.inbox.now_us()
        if abs(now_us - self._rows_us) >= ROWS_US:
            self._show_rows()
        if abs(now_us - self._drawn_us) >= DRAW_US:
            self._draw(frame)

    def refocus(self) -> None:
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    @property
    def current(self) -> Item | None:
        """The item under the cursor, also when the cursor is on a member of it."""
        row = self.rows.get(str(self.table.current_key()))
        return row.item if row is not None else None

    def _member(self) -> CommandRecord | None:
        """The member of a batch under the cursor."""
        row = self.rows.get(str(self.table.current_key()))
        return row.member if row is not None else None

    def _take(self) -> None:
        """Takes in the inbox as it was read last."""
        watch = self.desk.inbox
        if watch.trouble:
            self.table.set_failed(f"{watch.trouble}.", "It is tried again by itself.")
            return
        self.table.set_failed(None)
        if watch.inbox is not None:
            self.table.set_loading(None)
            self.middle.tell_if_overtaken(watch.inbox)
            self._show_rows()
            self._renew_evidence()
            self._draw(self.desk.frame())

    def _show_rows(self) -> None:
        inbox, now_us = self.desk.inbox.inbox, self.desk.inbox.now_us()
        if inbox is None:
            return
        self._rows_us = now_us
        view, before = View(self.which.value), list(self.rows)
        key = self.table.current_key()
        rows = queue_rows(in_view(inbox, view, now_us), self.opened)
        self.rows = {row.key: row for row in rows}
        self.table.set_empty_text(*EMPTY[view])
        self.table.show_rows(queue_table(rows, self.opened, inbox, now_us))
        if rows and (key not in self.rows or self.table.current_key() is None):
            self.table.select_key(_nearest(before, key, self.rows))
        self._tell_facts(inbox, now_us)

    def _tell_facts(self, inbox: Inbox, now_us: int) -> None:
        """How much is for this person to decide, and for whom else they decide now."""
        mine = len(self.desk.inbox.mine)
        covering = [cover for cover in inbox.covers if cover.cover == inbox.me.id and cover.holds(now_us)]
        names = ", ".join(f"{inbox.name(c.absent)} until {numbers.moment(c.until_us)[:-3]}" for c in covering)
        words = f"{mine} for you" if mine else "nothing for you"
        self.set_facts(
            f"{words} · deciding for {names}" if names else words, Tone.ATTENTION if mine else Tone.SECONDARY
        )

    def _draw(self, frame: Frame) -> None:
        """The page and what stands beside it, at this moment."""
        inbox, item, now_us = self.desk.inbox.inbox, self.current, self.desk.inbox.now_us()
        self._drawn_us = now_us
        if inbox is None:
            return
        if item is None:
            self._show_pages([sentence("No request is chosen.")], covers_in_force(inbox, now_us), "")
            self.middle.show_keys([] if why_not(Deed.COVER, None, inbox, now_us) else [Deed.COVER], "")
            return
        evidence, names = self.evidence.get(item.head.id), sees_names(inbox.me.role)
        sight = Sight(self.desk.state, frame, inbox.people, evidence, names)
        page = decision_page(item, inbox, sight, now_us, self._member())
        self._show_pages(page, evidence_page(item, inbox, sight, now_us), item.key)
        self.middle.show_keys(deeds_for(item, inbox, now_us), "open" if item.is_batch else "account")

    def _show_pages(self, page: list[Line], beside: list[Line], key: str) -> None:
        other, self._shown_key = key != self._shown_key, key
        three = self.beside.isVisibleTo(self)
        self.page.show_lines(page if three else [*page, *beside], from_top=other)
        if three:
            self.beside.show_lines(beside, from_top=other)

    # -- choosing -----------------------------------------------------------------------------------------------

    def _select(self, _key: Hashable) -> None:
        item = self.current
        if item is None:
            return
        self.middle.forget_refusal(item.key)
        subject = self._subject(self.table.current_key())
        if subject.account is not None:
            self.desk.selection.select_account(*subject.account)
        if item.head.id not in self.evidence:
            self.desk.run(self._load_evidence(item.head))
        self._draw(self.desk.frame())

    def _go_to_wanted(self) -> None:
        """Goes to what another panel asked to see, in the view that holds it."""
        wanted, self.desk.inbox.wanted = self.desk.inbox.wanted, ""
        if wanted and wanted not in self.rows:
            self.which.choose(View.ALL)
        if wanted in self.rows:
            self.table.select_key(wanted)

    def _open(self, key: Hashable) -> None:
        """Enter opens a batch into its members and closes it again; of anything else it shows the account."""
        row = self.rows.get(str(key))
        if row is not None and row.item.is_batch and row.member is None:
            self.opened ^= {row.item.key}
            self._show_rows()
        elif self._subject(key).account is not None:
            self.desk.open_panel("account")

    def _subject(self, key: Hashable) -> Subject:
        row = self.rows.get(str(key))
        if row is None:
            return Subject()
        record = row.member or row.item.head
        login = login_of(record, self.desk.state)
        return Subject(account=(record.server, login)) if login is not None else Subject()

    def _renew_evidence(self) -> None:
        """What was read beside a decision may be overtaken by the next one: it is read again when it is looked at."""
        item = self.current
        kept = item.head.id if item is not None else ""
        self.evidence = {key: found for key, found in self.evidence.items() if key == kept}
        if item is not None:
            self.desk.run(self._load_evidence(item.head))

    async def _load_evidence(self, record: CommandRecord) -> None:
        login, accounts = login_of(record, self.desk.state), self.desk.state.accounts
        slot = accounts.slot(record.server, login) if login is not None else None
        client = int(accounts.client_id[slot]) if slot is not None else None
        self.evidence[record.id] = await self.desk.library.evidence(record, client)
        self._draw(self.desk.frame())

    # -- building -----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.add_control(self.which)
        for part in (self.table, self.middle, self.beside):
            self.parts.addWidget(part)
        self.parts.setChildrenCollapsible(False)
        self.body.addWidget(self.parts, 1)

    def _arrange(self) -> None:
        """Three parts beside each other, two, or the queue over the page, as there is room."""
        width = self.width()
        self.beside.setVisible(width >= THREE_PX)
        wanted = Qt.Orientation.Horizontal if width >= TWO_PX else Qt.Orientation.Vertical
        if width >= THREE_PX:
            self.parts.setSizes([width * 38 // 100, width * 34 // 100, width * 28 // 100])
        elif wanted is Qt.Orientation.Horizontal:
            self.parts.setSizes([width * 48 // 100, width * 52 // 100, 0])
        else:
            self.parts.setSizes([self.height() * 30 // 100, self.height() * 70 // 100, 0])
        if self.parts.orientation() is not wanted:
            self.parts.setOrientation(wanted)
        if self.desk.inbox.inbox is not None:
            self._draw(self.desk.frame())

    def _add_actions(self) -> None:
        for deed in Deed:
            action = QAction(deed.words, self)
            action.setData(deed.key)
            action.setShortcut(QKeySequence(deed.key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(self._key_pressed)
            self.addAction(action)

    def _connect(self) -> None:
        self.middle.left.connect(self.table.setFocus)
        self.middle.key_chosen.connect(self._key_clicked)
        self.which.chosen.connect(self._view_chosen)
        self.table.selected.connect(self._select)
        self.table.activated.connect(self._open)
        self.desk.inbox.changed.connect(self._take)
        self.desk.inbox.pointed.connect(self._go_to_wanted)

    def _view_chosen(self) -> None:
        self._show_rows()
        self._draw(self.desk.frame())

    def _key_pressed(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.middle.do(Deed.of_key(action.data()), self.current)

    def _key_clicked(self, key: str) -> None:
        if key == ENTER:
            self._open(self.table.current_key())
        else:
            self.middle.do(Deed.of_key(key), self.current)


def _nearest(before: list[str], key: Hashable, rows: dict[str, QueueRow]) -> str:
    """The row that takes the cursor when its own has gone: the next below that is still there, or the first."""
    place = before.index(key) if isinstance(key, str) and key in before else 0
    return next((each for each in before[place:] if each in rows), next(iter(rows)))
