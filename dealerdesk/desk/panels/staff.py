"""Staff: who works here, in which role, seeing what, signing in as whom; and changes asked for by key.

Each change is a command that a second person decides; the panel shows it as waiting until it is done. Administrators
ask, supervisors and auditors read.
"""

from __future__ import annotations

from collections.abc import Hashable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from dealerdesk.commands.audit_query import READERS as AUDIT_READERS
from dealerdesk.commands.audit_query import AuditQuery
from dealerdesk.commands.records import CommandRecord
from dealerdesk.commands.roles import Role
from dealerdesk.commands.staff_queries import READERS, Colleague, colleagues
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.numbers import counted, integer
from dealerdesk.desk.panel import Panel
from dealerdesk.desk.panels.first_password import FirstPassword
from dealerdesk.desk.panels.key_bar import Hint, KeyBar
from dealerdesk.desk.panels.row_menu import RowMenu, Subject
from dealerdesk.desk.panels.sheet import Sheet, beside, sentence
from dealerdesk.desk.panels.staff_form import Change, StaffForm
from dealerdesk.desk.panels.staff_rows import STAFF_COLUMNS, page, staff_rows
from dealerdesk.desk.rereading import Rereading
from dealerdesk.desk.table import TableView
from dealerdesk.desk.theme import Tone
from dealerdesk.live.frame import Frame

TABLES = frozenset(("staff", "staff_logins", "staff_scopes", "covers"))
NO_RIGHT = "The list of staff is for administrators, supervisors and auditors."
ASKING = {
    "N": (Change.ADD, "somebody new"),
    "R": (Change.ROLE, "another role"),
    "S": (Change.SCOPES, "what they see"),
    "A": (Change.ACTIVE, "in or out"),
    "L": (Change.MAKE_LOGIN, "make a login"),
    "D": (Change.DROP_LOGIN, "drop a login"),
}
PASSWORD = Hint("P", "first password")
HISTORY = Hint("H", "history")


class StaffPanel(Panel):
    """Everybody, the current person whole, and the form in which a change is asked for."""

    name = "staff"
    title = "Staff"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.people: dict[str, Colleague] = {}
        self.may = desk.role in READERS
        self.may_ask = desk.role == Role.ADMINISTRATOR
        self.table = TableView("staff", STAFF_COLUMNS, self, memory=desk.memory, title="people")
        self.sheet = Sheet("staff-person", "The current person", self)
        self.form = StaffForm(desk, self)
        self.first_password = FirstPassword(desk, self)
        self.keys = KeyBar(self)
        self.menu = RowMenu(desk, self.table, _no_subject)
        self.reading = Rereading.into(self.table, self._load, desk.clock, desk.run)
        self._build()
        if self.may:
            self.table.set_loading("Reading the list of staff.")
            self._connect()

    def beat(self, _frame: Frame) -> None:
        if self.may:
            self.reading.look()

    def refocus(self) -> None:
        self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def open_form(self, change: Change) -> None:
        """Opens the form for a change of the current person, or says why it cannot be asked for."""
        person = None if change is Change.ADD else self._colleague()
        if change is not Change.ADD and person is None:
            return
        if change is Change.DROP_LOGIN and person is not None and not person.logins:
            self.desk.notify(f"{person.name} has no login to drop.", Tone.ATTENTION)
        else:
            self.first_password.close_up()
            self.form.open_for(change, person)

    def hand_out_password(self) -> None:
        """Opens the strip in which the current person's first password is made, or says why there is none to make."""
        person = self._colleague()
        if person is None:
            return
        if not person.active:
            self.desk.notify(f"{person.name} is not active.", Tone.ATTENTION)
        elif not person.logins and not self.desk.profile.is_embedded:
            self.desk.notify(f"{person.name} has no login yet: L asks for one.", Tone.ATTENTION)
        else:
            self.form.hide()
            self.first_password.open_for(person.name, person.logins[-1] if person.logins else person.id)

    def show_history(self) -> None:
        """Follows what was done by and to the current person, in the audit log."""
        person = self._current()
        if person is not None:
            self.desk.selection.ask_history(AuditQuery(text=f'"{person.id}"'))
            self.desk.open_panel("audit")

    async def _load(self) -> None:
        found = await self.desk.library.read(colleagues, self.desk.library.database_us())
        self.people = {person.id: person for person in found}
        self.table.show_rows(staff_rows(found))
        if found and self.table.current_key() is None:
            self.table.select_key(found[0].id)
        active = sum(person.active for person in found)
        waiting = sum(len(person.under_way) for person in found)
        words = [f"{counted(waiting, 'changes')} under way"] if waiting else []
        words.append(f"{integer(active)} active of {counted(sum(person.is_here for person in found), 'people')}")
        self.set_facts(" · ".join(words), Tone.ATTENTION if waiting else Tone.SECONDARY)
        self._select(self.table.current_key())

    def _select(self, key: Hashable) -> None:
        person = self.people.get(key) if isinstance(key, str) else None
        if person is not None:
            names = {each.id: each.name for each in self.people.values()}
            self.sheet.show_lines(page(person, names, self.may_ask, self.desk.who))
        else:
            self.sheet.show_lines([sentence("Choose a person to see more.")])

    def _colleague(self) -> Colleague | None:
        """The current person when something may be asked that concerns them; None, with the reason said, when not."""
        person = self._current()
        if person is None:
            self.desk.notify("Choose a person first.", Tone.ATTENTION)
        elif person.id == self.desk.who:
            self.desk.notify("This is you: somebody else must ask for what concerns you.", Tone.ATTENTION)
        elif not person.is_here:
            self.desk.notify(f"{person.name} is not here yet: it waits for approval.", Tone.ATTENTION)
        else:
            return person
        return None

    def _current(self) -> Colleague | None:
        key = self.table.current_key()
        return self.people.get(key) if isinstance(key, str) else None

    def _asked(self, record: CommandRecord) -> None:
        waits = "it waits for a second person" if record.needs else "it is on its way"
        self.desk.notify(f"Asked: {record.title}; {waits}.")
        self.reading.anew()

    def _build(self) -> None:
        self.body.addWidget(beside("staff-parts", self.table, self.sheet, 700, 260), 1)
        self.body.addWidget(self.form)
        self.body.addWidget(self.first_password)
        self.body.addWidget(self.keys)
        self.sheet.show_lines([sentence("Choose a person to see more.")])
        if not self.may:
            self.sheet.hide()
            self.keys.hide()
            self.table.set_failed(NO_RIGHT, "Ask one of them who may do what.")

    def _connect(self) -> None:
        self.table.selected.connect(self._select)
        self.form.left.connect(self.refocus)
        self.form.asked.connect(self._asked)
        self.first_password.left.connect(self.refocus)
        self.reading.follow(self.desk.library, TABLES)
        hints = [Hint(key, words) for key, (_, words) in ASKING.items()] if self.may_ask else []
        if self.may_ask:
            hints.append(PASSWORD)
        if self.desk.role in AUDIT_READERS:
            hints.append(HISTORY)
        self.keys.bind(hints, self.table, self.sheet)
        self.keys.give_way_to(self.form)
        self.keys.setVisible(bool(hints))
        self.keys.pressed.connect(self._do)

    def _do(self, key: str) -> None:
        if key == HISTORY.key:
            self.show_history()
        elif key == PASSWORD.key:
            self.hand_out_password()
        else:
            self.open_form(ASKING[key][0])


def _no_subject(_key: Hashable) -> Subject:
    """A row of the list is about a person, and no menu of accounts is for it."""
    return Subject()
