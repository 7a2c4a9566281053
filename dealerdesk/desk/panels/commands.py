"""Commands: what was asked of the trading servers, by whom and why, and how far it has come; decisions by key.

Approving, refusing and withdrawing are asked of the library, which asks the policy: the panel shows its answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from dealerdesk.clock import SECOND_US
from dealerdesk.commands.records import CommandRecord, CommandState, Refused
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panel import Panel
from dealerdesk.desk.panels.command_rows import COMMAND_COLUMNS, command_rows
from dealerdesk.desk.panels.decision_strip import DecisionStrip, Verb
from dealerdesk.desk.panels.identity import labels_of
from dealerdesk.desk.panels.row_menu import RowMenu, Subject
from dealerdesk.desk.table import TableView
from dealerdesk.desk.theme import Tone
from dealerdesk.live.frame import Frame

KEYS = {Verb.APPROVE: "A", Verb.REFUSE: "R", Verb.WITHDRAW: "W"}
RETRY_US = 2 * SECOND_US
HINT = "A approve · R refuse · W withdraw"


class CommandsPanel(Panel):
    """The newest commands of everybody, and the strip in which one of them is decided."""

    name = "commands"
    title = "Commands"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.records: dict[str, CommandRecord] = {}
        self.labels = labels_of(desk.state)
        self.table = TableView("commands", COMMAND_COLUMNS, self, memory=desk.memory, title="commands")
        self.table.set_loading("Reading the commands from the database.")
        self.strip = DecisionStrip(self)
        self.body.addWidget(self.table)
        self.body.addWidget(self.strip)
        self.menu = RowMenu(desk, self.table, self._subject)
        for verb, key in KEYS.items():
            self._add_action(verb, key)
        self._loaded = self._loading = self._again = False
        self._tried_us = 0
        self._connect()

    def beat(self, _frame: Frame) -> None:
        if not self._loaded and self.desk.clock() - self._tried_us > RETRY_US:
            self.reload()

    def refocus(self) -> None:
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def reload(self) -> None:
        """Reads the newest commands; news that come meanwhile are read right after."""
        self._again = self._loading
        if not self._loading:
            self._loading = True
            self._tried_us = self.desk.clock()
            self.desk.run(self._load())

    def decide(self, verb: Verb) -> None:
        """Opens the strip for the current command, or says why it cannot be decided."""
        key = self.table.current_key()
        record = self.records.get(key) if isinstance(key, str) else None
        if record is None:
            self.desk.notify("Choose a command first.", Tone.ATTENTION)
        elif record.state is not CommandState.REQUESTED:
            self.desk.notify(f"It is {record.state.value} already: only a waiting command is decided.", Tone.ATTENTION)
        else:
            self.strip.ask(verb, record)

    def _connect(self) -> None:
        self.strip.decided.connect(self._decided)
        self.strip.left.connect(self.table.setFocus)
        self.table.selected.connect(self._select)
        self.table.activated.connect(self._open)
        self.desk.library.commands_changed.connect(self._changed)

    def _changed(self) -> None:
        # a hidden panel reads when it is shown again
        self._loaded = False
        if self.isVisible():
            self.reload()

    async def _load(self) -> None:
        try:
            records = await self.desk.library.recent_commands()
        except OSError as trouble:
            self.table.set_failed(f"The database does not answer: {trouble}", "It is tried again by itself.")
            return
        finally:
            self._loading = False
        self._show(records)
        if self._again:
            self.reload()

    def _show(self, records: list[CommandRecord]) -> None:
        self._loaded = True
        # what waits for somebody stands on top, however much was settled since
        records = sorted(records, key=_is_not_waiting)
        self.records = {record.id: record for record in records}
        self.table.set_loading(None)
        self.table.set_failed(None)
        self.table.set_empty_text("Nothing has been asked yet.", "Set an account's book with Ctrl+B on its row.")
        self.table.show_rows(command_rows(records, self.labels))
        waiting = sum(record.state is CommandState.REQUESTED for record in records)
        looking = sum(record.state is CommandState.UNKNOWN for record in records)
        words = [f"{waiting} waiting"] if waiting else []
        words += [f"{looking} unknown"] if looking else []
        self.set_facts(" · ".join([*words, HINT]), Tone.ATTENTION if words else Tone.SECONDARY)

    def _decided(self, verb: Verb, record: CommandRecord, words: str) -> None:
        library = self.desk.library
        match verb:
            case Verb.APPROVE:
                self.desk.run(self._tell(library.approve, record, words, "Approved"))
            case Verb.REFUSE:
                self.desk.run(self._tell(library.refuse, record, words, "Refused"))
            case Verb.WITHDRAW:
                self.desk.run(self._tell(library.withdraw, record, words, "Withdrawn"))

    async def _tell(
        self,
        deed: Callable[[CommandRecord, str], Awaitable[CommandRecord]],
        record: CommandRecord,
        words: str,
        done: str,
    ) -> None:
        following = self._following(record)
        try:
            await deed(record, words)
        except Refused as refusal:
            self.desk.notify(str(refusal), Tone.ALARM)
        else:
            self.desk.notify(f"{done}: {record.title}")
            if following is not None and self.table.current_key() == record.id:
                self.table.select_key(following)

    def _subject(self, key: Hashable) -> Subject:
        record = self.records.get(key) if isinstance(key, str) else None
        if record is None or record.login is None:
            return Subject()
        return Subject(account=(record.server, record.login))

    def _select(self, key: Hashable) -> None:
        """The account that a command is about comes into view beside it."""
        subject = self._subject(key)
        if subject.account is not None:
            self.desk.selection.select_account(*subject.account)

    def _open(self, key: Hashable) -> None:
        self._select(key)
        if self._subject(key).account is not None:
            self.desk.open_panel("account")

    def _following(self, record: CommandRecord) -> str | None:
        """The next that waits, below this one or else from the top."""
        ids = list(self.records)
        place = ids.index(record.id) if record.id in self.records else 0
        others = (*ids[place + 1 :], *ids[:place])
        return next((key for key in others if self.records[key].state is CommandState.REQUESTED), None)

    def _add_action(self, verb: Verb, key: str) -> None:
        action = QAction(verb.value.capitalize(), self)
        action.setData(verb)
        action.setShortcut(QKeySequence(key))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(self._key_pressed)
        self.addAction(action)

    def _key_pressed(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.decide(Verb(action.data()))


def _is_not_waiting(record: CommandRecord) -> bool:
    return record.state is not CommandState.REQUESTED
