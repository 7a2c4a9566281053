"""Policies: what needs somebody else's approval, from when, and why; new versions asked for, tried on the past first.

A version is never changed: a new one replaces it, or ends the policy, by a command that a second person decides.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from dealerdesk.clock import DAY_US
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
from dealerdesk.desk.panels.sheet import Sheet, beside, sentence
from dealerdesk.desk.rereading import Rereading
from dealerdesk.desk.table import TableView
from dealerdesk.desk.theme import Tone
from dealerdesk.live.frame import Frame

if TYPE_CHECKING:
    from dealerdesk.commands.bodies import Rule

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
        self.reading = Rereading.into(self.table, self._load, desk.clock, desk.run)
        self._build()
        self._connect()

    def beat(self, _frame: Frame) -> None:
        self.reading.look()

    def refocus(self) -> None:
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def replay(self, rule: Rule, of_kind: str) -> None:
        """Shows what a rule would have asked over the past month."""
        self.sheet.show_lines([sentence("Going through the past month.")], from_top=True)
        self.desk.run(self._replay(rule, of_kind))

    async def _load(self) -> None:
        self.book = await self.desk.library.read(policy_book, self.desk.library.database_us())
        self._show()

    async def _replay(self, rule: Rule, of_kind: str) -> None:
        until_us = self.desk.library.database_us()
        from_us = until_us - REPLAYED_US
        found = await self.desk.library.read(what_would, rule, of_kind, from_us, until_us)
        self.sheet.show_lines(replay_page(of_kind, found, from_us, until_us, self.desk.inbox.names), from_top=True)

    def _show(self) -> None:
        self.versions = {key_of(version): version for version in self.book.versions}
        self.asked = {record.id: record for record in self.book.asked}
        self.table.set_empty_text("No policy is in force: nothing but what is always asked needs approval.")
        rows = policy_rows(self.book, self.desk.inbox.names, self.look.value == "all")
        self.table.show_rows(rows)
        if rows.count() and self.table.current_key() is None:
            self.table.select_key(rows.key(0))
        count = sum(version.standing is Standing.IN_FORCE for version in self.book.versions)
        words = [f"{counted(len(self.asked), 'changes')} under way"] if self.asked else []
        self.set_facts(" · ".join([*words, f"{count} in force"]), Tone.ATTENTION if words else Tone.SECONDARY)
        self._select(self.table.current_key())

    def _select(self, key: Hashable) -> None:
        if key in self.versions:
            self.sheet.show_lines(version_page(self.versions[key], self.book.versions, self.desk.inbox.names))
        elif key in self.asked:
            self.sheet.show_lines(asked_page(self.asked[key], self.desk.inbox.names))
        else:
            self.sheet.show_lines([sentence(CHOOSE)])

    def _asked(self, record: CommandRecord) -> None:
        self.desk.notify(f"Asked: {record.title}; it waits for a second person.")
        self.reading.anew()

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
        self.add_control(self.look)
        self.body.addWidget(beside("policies-parts", self.table, self.sheet, 660, 320), 1)
        self.body.addWidget(self.form)
        self.body.addWidget(self.keys)

    def _connect(self) -> None:
        self.table.selected.connect(self._select)
        self.look.chosen.connect(self._show)
        self.desk.inbox.named.connect(self._show)
        self.form.left.connect(self.refocus)
        self.form.asked.connect(self._asked)
        self.form.replay_asked.connect(self.replay)
        self.reading.follow(self.desk.library, ("policies",))
        self.keys.bind(HINTS if self.may_ask else HINTS[-1:], self.table, self.sheet)
        self.keys.give_way_to(self.form)
        self.keys.pressed.connect(self._do)


def _no_subject(_key: Hashable) -> Subject:
    """A row is about a policy, and no menu of accounts is for it."""
    return Subject()
