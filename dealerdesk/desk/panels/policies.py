"""Policies: what needs somebody else's approval, from when, and why; new versions asked for, tried on the past first.

A version is never changed: a new one replaces it, or ends the policy, by a command that a second person decides.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QSplitter, QWidget

from dealerdesk.clock import DAY_US, SECOND_US
from dealerdesk.commands.policy_queries import PolicyBook, PolicyVersion, Standing, policy_book
from dealerdesk.commands.policy_replay import what_would
from dealerdesk.commands.records import CommandRecord
from dealerdesk.commands.roles import Role
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.numbers import counted
from dealerdesk.desk.panel import Panel
from dealerdesk.desk.panels.choice import Choice, Option
from dealerdesk.desk.panels.key_bar import Hint, KeyBar
from dealerdesk.desk.panels.policy_form import PolicyForm
from dealerdesk.desk.panels.policy_rows import (
    POLICY_COLUMNS,
    asked_page,
    key_of,
    policy_rows,
    replay_page,
    version_page,
)
from dealerdesk.desk.panels.row_menu import RowMenu, Subject
from dealerdesk.desk.panels.sheet import Sheet, sentence
from dealerdesk.desk.table import TableView
from dealerdesk.desk.theme import Tone
from dealerdesk.live.frame import Frame

if TYPE_CHECKING:
    from dealerdesk.commands.bodies import Rule

RETRY_US = 2 * SECOND_US
REPLAYED_US = 30 * DAY_US
LOOKS = (Option("now", "in force", ""), Option("all", "every version", ""))
NEW, VERSION, END, REPLAY = "N", "V", "X", "W"
HINTS = (
    Hint(NEW, "new policy"),
    Hint(VERSION, "new version"),
    Hint(END, "end it"),
    Hint(REPLAY, "what would it have asked in the past month?"),
)
CHOOSE = "Choose a policy to see it whole."


class PoliciesPanel(Panel):
    """The policies, the current one whole, and the form in which another version is asked for."""

    name = "policies"
    title = "Policies"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.book = PolicyBook((), ())
        self.versions: dict[Hashable, PolicyVersion] = {}
        self.asked: dict[Hashable, CommandRecord] = {}
        self.may_ask = desk.role == Role.SUPERVISOR
        self.table = TableView("policies", POLICY_COLUMNS, self, memory=desk.memory, title="policies")
        self.table.set_loading("Reading the policies.")
        self.sheet = Sheet("policy-page", "The current policy", self)
        self.look = Choice(self, "policies-look", LOOKS, "Policies shown")
        self.form = PolicyForm(desk, self)
        self.keys = KeyBar(self)
        self.menu = RowMenu(desk, self.table, _no_subject)
        self._loaded = self._loading = self._again = False
        self._tried_us = 0
        self._build()
        self._connect()

    def beat(self, _frame: Frame) -> None:
        if not self._loaded and self.desk.clock() - self._tried_us > RETRY_US:
            self.reload()

    def refocus(self) -> None:
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def reload(self) -> None:
        """Reads all policies; news that come meanwhile are read right after."""
        self._again = self._loading
        if not self._loading:
            self._loading = True
            self._tried_us = self.desk.clock()
            self.desk.run(self._load())

    def replay(self, rule: Rule, of_kind: str) -> None:
        """Shows what a rule would have asked over the past month."""
        self.sheet.show_lines([sentence("Going through the past month.")], from_top=True)
        self.desk.run(self._replay(rule, of_kind))

    async def _load(self) -> None:
        try:
            book = await self.desk.library.read(policy_book, self.desk.clock())
        except OSError as trouble:
            self.table.set_failed(f"The database does not answer: {trouble}", "It is tried again by itself.")
            return
        finally:
            self._loading = False
        self.book, self._loaded = book, True
        self._show()
        if self._again:
            self.reload()

    async def _replay(self, rule: Rule, of_kind: str) -> None:
        until_us = self.desk.clock()
        from_us = until_us - REPLAYED_US
        found = await self.desk.library.read(what_would, rule, of_kind, from_us, until_us)
        self.sheet.show_lines(replay_page(of_kind, found, from_us, until_us), from_top=True)

    def _show(self) -> None:
        self.versions = {key_of(version): version for version in self.book.versions}
        self.asked = {record.id: record for record in self.book.asked}
        self.table.set_loading(None)
        self.table.set_failed(None)
        self.table.set_empty_text("No policy is in force: nothing but what is always asked needs approval.")
        rows = policy_rows(self.book, self.look.value == "all")
        self.table.show_rows(rows)
        if rows.count() and self.table.current_key() is None:
            self.table.select_key(rows.key(0))
        count = sum(version.standing is Standing.IN_FORCE for version in self.book.versions)
        words = [f"{counted(len(self.asked), 'changes')} under way"] if self.asked else []
        self.set_facts(" · ".join([*words, f"{count} in force"]), Tone.ATTENTION if words else Tone.SECONDARY)
        self._select(self.table.current_key())

    def _select(self, key: Hashable) -> None:
        if key in self.versions:
            self.sheet.show_lines(version_page(self.versions[key], self.book.versions))
        elif key in self.asked:
            self.sheet.show_lines(asked_page(self.asked[key]))
        else:
            self.sheet.show_lines([sentence(CHOOSE)])

    def _changed(self) -> None:
        self._loaded = False
        if self.isVisible():
            self.reload()

    def _tables_changed(self, tables: dict[str, list[str]]) -> None:
        if "policies" in tables:
            self._changed()

    def _asked(self, record: CommandRecord) -> None:
        self.desk.notify(f"Asked: {record.title}; it waits for a second person.")
        self.reload()

    def _do(self, key: str) -> None:
        version = self.versions.get(self.table.current_key())
        if key == NEW:
            self.form.open_for(None)
        elif version is None:
            self.desk.notify(CHOOSE, Tone.ATTENTION)
        elif key == VERSION:
            self.form.open_for(version)
        elif version.rule is None:
            self.desk.notify(f"{version.id} has ended.", Tone.ATTENTION)
        elif key == END:
            self.form.open_for(version, ends=True)
        else:
            self.replay(version.rule, version.kind)

    def _build(self) -> None:
        both = QSplitter(Qt.Orientation.Horizontal, self)
        both.setObjectName("policies-parts")
        both.setChildrenCollapsible(False)
        both.addWidget(self.table)
        both.addWidget(self.sheet)
        both.setStretchFactor(0, 3)
        both.setStretchFactor(1, 2)
        both.setSizes([660, 320])
        self.add_control(self.look)
        self.body.addWidget(both, 1)
        self.body.addWidget(self.form)
        self.body.addWidget(self.keys)

    def _connect(self) -> None:
        self.table.selected.connect(self._select)
        self.look.chosen.connect(self._show)
        self.form.left.connect(self.refocus)
        self.form.asked.connect(self._asked)
        self.form.replay_asked.connect(self.replay)
        self.desk.library.commands_changed.connect(self._changed)
        self.desk.library.tables_changed.connect(self._tables_changed)
        hints = HINTS if self.may_ask else HINTS[-1:]
        for hint in hints:
            action = QAction(hint.words, self)
            action.setData(hint.key)
            action.setShortcut(QKeySequence(hint.key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(self._key_pressed)
            self.table.addAction(action)
        self.keys.show_hints(hints)
        self.keys.pressed.connect(self._do)

    def _key_pressed(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self._do(action.data())


def _no_subject(_key: Hashable) -> Subject:
    """A row is about a policy, and no menu of accounts is for it."""
    return Subject()
