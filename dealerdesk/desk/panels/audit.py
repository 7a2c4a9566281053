"""Audit: who did what, when, why, before and after, and under which seal; one history followed; export with its proof.

The database chooses, a page at a time; what is typed under the headings narrows what is shown further. It changes
nothing, and an export goes on record itself.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from dealerdesk.clock import SECOND_US
from dealerdesk.commands.audit_export import CASES_MAX
from dealerdesk.commands.audit_queries import AuditPage, AuditRow, audit_head, audit_page, people
from dealerdesk.commands.audit_query import READERS, AuditQuery
from dealerdesk.commands.records import Refused
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.numbers import moment
from dealerdesk.desk.panel import Panel
from dealerdesk.desk.panels.audit_bar import AuditBar
from dealerdesk.desk.panels.audit_rows import AUDIT_COLUMNS, audit_rows, page
from dealerdesk.desk.panels.audit_saving import AuditSaving, write_export
from dealerdesk.desk.panels.key_bar import Hint, KeyBar
from dealerdesk.desk.panels.row_menu import RowMenu, Subject
from dealerdesk.desk.panels.sheet import Sheet, beside, sentence
from dealerdesk.desk.rereading import Rereading
from dealerdesk.desk.table import ColumnRows, TableView
from dealerdesk.desk.theme import Tone
from dealerdesk.live.frame import Frame

if TYPE_CHECKING:
    from sqlalchemy import Connection

LOOK_US = 2 * SECOND_US
UNKNOWN = (-1, -1)
PAGE = 1_000
ROWS_MAX = 5_000
NO_RIGHT = "The audit log is read by auditors, supervisors and compliance officers."
KEYS = (
    Hint("/", "look for"),
    Hint("H", "history of this"),
    Hint("K", "history of the client"),
    Hint("O", "older ones"),
    Hint("E", "export what is shown, with proof"),
    Hint("Shift+E", "export everything"),
)


class AuditPanel(Panel):
    """The log as one query sees it, and the current entry whole beside it."""

    name = "audit"
    title = "Audit"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.query = AuditQuery()
        self.rows: dict[int, AuditRow] = {}
        self.people: dict[str, str] = {}
        self.bar = AuditBar(desk.library.database_us, self)
        self.table = TableView("audit", AUDIT_COLUMNS, self, memory=desk.memory, title="records")
        self.sheet = Sheet("audit-entry", "The current entry", self)
        self.keys = KeyBar(self)
        self.menu = RowMenu(desk, self.table, self._subject)
        self.may = desk.role in READERS
        self.reading = Rereading.into(self.table, self._load, desk.clock, desk.run)
        self._has_more = False
        self._head = UNKNOWN
        self._shown: tuple[AuditQuery, int] | None = None
        self._looked_us = 0
        self._wanted = PAGE
        self._build()
        if self.may:
            self._connect()
            self.table.set_loading("Reading the audit log.")

    def beat(self, _frame: Frame) -> None:
        if not self.may:
            return
        if abs(self.desk.clock() - self._looked_us) >= LOOK_US:
            self._looked_us = self.desk.clock()
            # entries are in no change feed: whether there are new ones is looked for
            self.reading.news()
        self.reading.look()

    def refocus(self) -> None:
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def ask(self, query: AuditQuery) -> None:
        """Shows what meets a query, the newest first."""
        self.query, self._wanted = query, PAGE
        self.reading.anew()

    def follow(self, query: object) -> None:
        """Follows one history: of a client, an account, a command."""
        if self.may and isinstance(query, AuditQuery):
            self.table.clear_filters()
            self.bar.follow(query)
            self.ask(query)

    def older(self) -> None:
        """Reads so many more, down to the screen's limit."""
        if not self._has_more:
            self.desk.notify("There are no older entries that meet this.")
        elif self._wanted >= ROWS_MAX:
            self.desk.notify(f"{ROWS_MAX} entries are shown: say until when to see older ones.", Tone.ATTENTION)
        else:
            self._wanted += PAGE
            self.reading.anew()

    # -- reading ------------------------------------------------------------------------------------------------

    async def _load(self) -> None:
        asked = self.query, self._wanted
        seen = self._head if asked == self._shown else UNKNOWN
        read = await self.desk.library.read(_read, *asked, seen)
        if read is not None and asked == (self.query, self._wanted):
            self._head, self._shown = read.head, asked
            self._show(read.page, read.people, read.rows)

    def _show(self, found: AuditPage, known: dict[str, str], rows: ColumnRows) -> None:
        self.rows, self.people = {row.id: row for row in found.rows}, known
        self._has_more = found.has_more
        self.table.set_empty_text("Nothing in the log meets this.", "Esc in the fields above shows everything.")
        self.table.show_rows(rows)
        more = "older ones: O" if found.has_more else "all that meet this"
        sealed = f"seal {found.seal} {moment(found.sealed_us or 0)}" if found.seal is not None else "nothing sealed yet"
        waiting = f"{found.waiting} not sealed" if found.waiting else ""
        self.set_facts(" · ".join(part for part in (more, sealed, waiting) if part))
        self._select(self.table.current_key())

    def _select(self, key: Hashable) -> None:
        row = self.rows.get(key) if isinstance(key, int) else None
        if row is not None:
            self.sheet.show_lines(page(row, self.people))
            if row.entry.login is not None:
                self.desk.selection.select_account(row.entry.server, row.entry.login)
        else:
            self.sheet.show_lines([sentence("Choose an entry to see it whole.")])

    def _current(self) -> AuditRow | None:
        key = self.table.current_key()
        return self.rows.get(key) if isinstance(key, int) else None

    def _subject(self, key: Hashable) -> Subject:
        row = self.rows.get(key) if isinstance(key, int) else None
        if row is None or row.entry.login is None:
            return Subject()
        return Subject(account=(row.entry.server, row.entry.login))

    # -- histories ----------------------------------------------------------------------------------------------

    def follow_subject(self) -> None:
        """Follows the command, person or policy of the current entry."""
        row = self._current()
        if row is None or not row.entry.subject:
            self.desk.notify("Choose an entry that is about something.", Tone.ATTENTION)
        else:
            self.follow(AuditQuery(subject=row.entry.subject))

    def follow_client(self) -> None:
        """Follows the client of the current entry."""
        row = self._current()
        client_id = row.entry.client_id if row is not None else None
        if row is not None and client_id is None and row.entry.login is not None:
            slot = self.desk.state.accounts.slot(row.entry.server, row.entry.login)
            client_id = int(self.desk.state.accounts.client_id[slot]) if slot is not None else None
        if client_id is None:
            self.desk.notify("This entry is about no client.", Tone.ATTENTION)
        else:
            self.follow(AuditQuery(client_id=client_id))

    # -- export -------------------------------------------------------------------------------------------------

    def export_shown(self) -> None:
        """Writes the entries shown, each with its proof under the newest seal."""
        ids = list(self.rows)
        shown = [self.rows[ids[place]] for place in self.table.visible_order().tolist()]
        sealed = [row.entry.id for row in shown if row.seal is not None]
        if not sealed:
            self.desk.notify("Nothing that is shown has been sealed yet: there is no proof of it.", Tone.ATTENTION)
            return
        self._ask_where("audit-entries.jsonl", sealed[:CASES_MAX])

    def export_all(self) -> None:
        """Writes the whole sealed log."""
        self._ask_where("audit-log.jsonl", None)

    def _ask_where(self, name: str, entry_ids: list[str] | None) -> None:
        dialog = AuditSaving(name, entry_ids, self)
        dialog.chosen.connect(self._export)
        dialog.open()

    def _export(self, path: object, entry_ids: object) -> None:
        if isinstance(path, Path):
            self.desk.run(self.export_to(path, entry_ids if isinstance(entry_ids, list) else None))

    async def export_to(self, path: Path, entry_ids: list[str] | None) -> None:
        """Writes the file, then puts on record that it was; all that is sealed when no entries are named."""
        try:
            written = await self.desk.library.read(write_export, path, entry_ids, self.desk.clock())
        except Refused as refusal:
            self.desk.notify(f"Not exported: {refusal}", Tone.ATTENTION)
            return
        await self.desk.library.note(
            "exported",
            "audit log",
            entries=written,
            filter=asked_words(self.query, self.table.filters()),
            file=path.name,
        )
        self.desk.notify(
            f"{written} entries exported with their proof to {path.name}: dealerdesk audit verify reads it."
        )

    # -- making -------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.body.addWidget(self.bar)
        self.body.addWidget(beside("audit-parts", self.table, self.sheet, 660, 340), 1)
        self.body.addWidget(self.keys)
        self.sheet.show_lines([sentence("Choose an entry to see it whole.")])
        if not self.may:
            self.bar.hide()
            self.sheet.hide()
            self.keys.hide()
            self.table.set_failed(NO_RIGHT, "Ask one of them for the history of an account or a command.")

    def _connect(self) -> None:
        self.bar.asked.connect(self.ask)
        self.bar.left.connect(self.refocus)
        self.table.selected.connect(self._select)
        self.table.activated.connect(self.follow_subject)
        self.desk.selection.history_asked.connect(self.follow)
        deeds = (
            self.bar.focus,
            self.follow_subject,
            self.follow_client,
            self.older,
            self.export_shown,
            self.export_all,
        )
        self._deeds = dict(zip((hint.key for hint in KEYS), deeds, strict=True))
        self.keys.bind(KEYS, self)
        self.keys.pressed.connect(self._do)
        if self.desk.selection.history is not None:
            self.follow(self.desk.selection.history)

    def _do(self, key: str) -> None:
        self._deeds[key]()


def asked_words(query: AuditQuery, typed: Mapping[str, str]) -> str:
    """What was looked at when it was exported: the query and what was typed under the headings."""
    asked = [
        f"{field.name} {value}" for field in fields(query) if (value := getattr(query, field.name)) not in (None, "")
    ]
    return " · ".join([*asked, *(f"{key}: {text}" for key, text in typed.items() if text)]) or "everything"


@dataclass(frozen=True, slots=True)
class _Read:
    """The log's head, a page of it, people's names, and the table's rows."""

    head: tuple[int, int]
    page: AuditPage
    people: dict[str, str]
    rows: ColumnRows


def _read(connection: Connection, query: AuditQuery, limit: int, seen: tuple[int, int]) -> _Read | None:
    """What meets the query, or None where nothing is to be shown anew; made in the database's thread, it takes some
    milliseconds."""
    head = audit_head(connection)
    # somebody who went back in time is not pulled away from it
    if head == seen or (seen != UNKNOWN and limit > PAGE):
        return None
    found, known = audit_page(connection, query, limit=limit), people(connection)
    return _Read(head, found, known, audit_rows(found.rows, known))
