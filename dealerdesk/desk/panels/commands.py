"""Commands: the log of what was asked, by whom and why, and how far it has come. Decisions are made in Approvals."""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from dealerdesk.commands.records import CommandRecord, CommandState
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panel import Panel
from dealerdesk.desk.panels.command_rows import COMMAND_COLUMNS, command_rows
from dealerdesk.desk.panels.identity import labels_of
from dealerdesk.desk.panels.row_menu import RowMenu, Subject
from dealerdesk.desk.rereading import Rereading
from dealerdesk.desk.table import TableView
from dealerdesk.desk.theme import Tone
from dealerdesk.live.frame import Frame

DECIDE_KEY = "A"
HINT = "A shows it in Approvals"


class CommandsPanel(Panel):
    """The newest commands of everybody."""

    name = "commands"
    title = "Commands"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.records: dict[str, CommandRecord] = {}
        self.labels = labels_of(desk.state)
        self.table = TableView("commands", COMMAND_COLUMNS, self, memory=desk.memory, title="commands")
        self.table.set_loading("Reading the commands from the database.")
        self.body.addWidget(self.table)
        self.menu = RowMenu(desk, self.table, self._subject)
        self._add_decide()
        self.reading = Rereading.into(self.table, self._load, desk.clock, desk.run)
        self._connect()

    def beat(self, _frame: Frame) -> None:
        self.reading.look()

    def refocus(self) -> None:
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_in_approvals(self) -> None:
        """Goes to the current command where it is decided."""
        key = self.table.current_key()
        record = self.records.get(key) if isinstance(key, str) else None
        if record is None:
            self.desk.notify("Choose a command first.", Tone.ATTENTION)
            return
        self.desk.open_panel("approvals")
        self.desk.inbox.point_at(record.batch_id or record.id)

    def _connect(self) -> None:
        self.table.selected.connect(self._select)
        self.table.activated.connect(self._open)
        self.reading.follow(self.desk.library)
        self.desk.inbox.named.connect(self._show)

    async def _load(self) -> None:
        # what waits for somebody stands on top, however much was settled since
        records = sorted(await self.desk.library.recent_commands(), key=_is_not_waiting)
        self.records = {record.id: record for record in records}
        self.table.set_empty_text("Nothing has been asked yet.", "Set an account's book with Ctrl+B on its row.")
        self._show()
        waiting = sum(record.state is CommandState.REQUESTED for record in records)
        looking = sum(record.state is CommandState.UNKNOWN for record in records)
        words = [f"{waiting} waiting"] if waiting else []
        words += [f"{looking} unknown"] if looking else []
        self.set_facts(" · ".join([*words, HINT]), Tone.ATTENTION if words else Tone.SECONDARY)

    def _show(self) -> None:
        inbox, records = self.desk.inbox, list(self.records.values())
        self.table.show_rows(command_rows(records, self.labels, inbox.names, inbox.now_us()))

    def _subject(self, key: Hashable) -> Subject:
        record = self.records.get(key) if isinstance(key, str) else None
        if record is None:
            return Subject()
        account = (record.server, record.login) if record.login is not None else None
        return Subject(account=account, command_id=record.id)

    def _select(self, key: Hashable) -> None:
        """The account that a command is about comes into view beside it."""
        subject = self._subject(key)
        if subject.account is not None:
            self.desk.selection.select_account(*subject.account)

    def _open(self, key: Hashable) -> None:
        self._select(key)
        if self._subject(key).account is not None:
            self.desk.open_panel("account")

    def _add_decide(self) -> None:
        action = QAction("Show in Approvals", self)
        action.setShortcut(QKeySequence(DECIDE_KEY))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(self.show_in_approvals)
        self.addAction(action)


def _is_not_waiting(record: CommandRecord) -> bool:
    return record.state is not CommandState.REQUESTED
