"""Asks for a change of staff: somebody new, another role, other scopes, in or out, a login made or dropped.

It only asks; a second person decides, and nobody asks for what concerns themselves.
"""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QLineEdit, QWidget

from dealerdesk.commands.bodies import AddStaff, ChangeRole, DropLogin, MakeLogin, SetActive, SetScopes
from dealerdesk.commands.roles import Role
from dealerdesk.commands.staff_queries import Colleague
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.numbers import plain
from dealerdesk.desk.panels.asking_form import AskingForm
from dealerdesk.desk.panels.staff_rows import EVERYTHING, ScopesError, read_scopes, scopes_text

NEEDED: dict[str, type[QWidget]] = {
    "heading": QLabel,
    "fields": QWidget,
    "staff": QLineEdit,
    "name": QLineEdit,
    "role": QComboBox,
    "scopes": QLineEdit,
    "login": QComboBox,
}
StaffBody = AddStaff | ChangeRole | SetScopes | SetActive | MakeLogin | DropLogin


class Change(StrEnum):
    """What can be asked for."""

    ADD = "add"
    ROLE = "role"
    SCOPES = "scopes"
    ACTIVE = "active"
    MAKE_LOGIN = "make login"
    DROP_LOGIN = "drop login"


SHOWN = {
    Change.ADD: ("staff", "name", "role", "scopes", "login"),
    Change.ROLE: ("role",),
    Change.SCOPES: ("scopes",),
    Change.ACTIVE: (),
    Change.MAKE_LOGIN: ("login",),
    Change.DROP_LOGIN: ("login",),
}
ROWS = ("staff", "name", "role", "scopes", "login")


class StaffForm(AskingForm):
    """One form for every change; it shows the fields that the change needs."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(desk, "staff.ui", NEEDED, "reason", parent)
        self.change = Change.ADD
        self.person: Colleague | None = None
        self.heading = self.form.part("heading", QLabel)
        self.staff = self.form.part("staff", QLineEdit)
        self.name = self.form.part("name", QLineEdit)
        self.role = self.form.part("role", QComboBox)
        self.scopes = self.form.part("scopes", QLineEdit)
        self.login = self.form.part("login", QComboBox)
        self.heading.setProperty("role", "title")
        for role in Role:
            self.role.addItem(role.words.capitalize(), role.value)

    def open_for(self, change: Change, person: Colleague | None) -> None:
        """Shows the fields of a change, filled with what is so now; `person` is None for somebody new."""
        self.change, self.person = change, person
        name = plain(person.name) if person is not None else ""
        headings = {
            Change.ADD: "Take on somebody new",
            Change.ROLE: f"Another role for {name}",
            Change.SCOPES: f"What {name} sees and acts on",
            Change.ACTIVE: f"Let {name} in again"
            if person and not person.active
            else f"Let {name} do nothing any more",
            Change.MAKE_LOGIN: f"Make a login for {name}",
            Change.DROP_LOGIN: f"Drop a login of {name}",
        }
        self.heading.setText(headings[change])
        self._fill(person)
        layout = self.form["fields"].layout()
        assert isinstance(layout, QFormLayout)
        for field in ROWS:
            layout.setRowVisible(self.form[field], field in SHOWN[change])
        self.form["fields"].setVisible(bool(SHOWN[change]))
        self.begin()

    def first(self) -> QWidget:
        return self.form[SHOWN[self.change][0]] if SHOWN[self.change] else self.line

    def body(self) -> StaffBody | None:
        try:
            wanted = self._wanted()
        except ScopesError as error:
            self.lacks(self.scopes, f"{error}.")
            return None
        if wanted is not None and not self.line.text().strip():
            self.lacks(self.line, "Write the reason.")
            return None
        return wanted

    def _fill(self, person: Colleague | None) -> None:
        self.staff.setText("")
        self.name.setText("")
        self.scopes.setText(scopes_text(person.scopes) if person is not None and person.scopes else EVERYTHING)
        self.login.clear()
        is_drop = self.change is Change.DROP_LOGIN
        self.login.setEditable(not is_drop)
        if is_drop and person is not None:
            self.login.addItems(list(person.logins))
        place = self.role.findData(person.role if person is not None else Role.DEALER.value)
        self.role.setCurrentIndex(max(0, place))

    def _wanted(self) -> StaffBody | None:
        """What the fields say; None, with the sentence said, when something is missing."""
        if self.change is Change.ADD:
            return self._somebody_new()
        person = self.person
        if person is None:
            return None
        match self.change:
            case Change.ROLE:
                return ChangeRole(staff=person.id, role=Role(self.role.currentData()))
            case Change.SCOPES:
                return SetScopes(staff=person.id, scopes=read_scopes(self.scopes.text()))
            case Change.ACTIVE:
                return SetActive(staff=person.id, active=not person.active)
        login = self.login.currentText().strip()
        if not login:
            self.lacks(self.login, "Say which login.")
            return None
        if self.change is Change.MAKE_LOGIN:
            return MakeLogin(staff=person.id, login=login)
        return DropLogin(staff=person.id, login=login)

    def _somebody_new(self) -> AddStaff | None:
        staff, name = self.staff.text().strip(), self.name.text().strip()
        if not staff or not name:
            self.lacks(self.name if staff else self.staff, "Write an id and a name.")
            return None
        role, scopes = Role(self.role.currentData()), read_scopes(self.scopes.text())
        return AddStaff(staff=staff, name=name, role=role, scopes=scopes, login=self.login.currentText().strip())
