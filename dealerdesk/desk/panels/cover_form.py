"""Asks that somebody decide for an absent colleague: who, for whom, from when and until when. Times are UTC."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QTimeZone
from PySide6.QtWidgets import QComboBox, QDateTimeEdit, QWidget

from dealerdesk.clock import HOUR_US, MINUTE_US
from dealerdesk.commands.bodies import CoverAbsence
from dealerdesk.commands.inbox_queries import Inbox
from dealerdesk.commands.roles import Role
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.numbers import plain
from dealerdesk.desk.panels.asking_form import AskingForm

NEEDED: dict[str, type[QWidget]] = {
    "absent": QComboBox,
    "cover": QComboBox,
    "begins": QDateTimeEdit,
    "ends": QDateTimeEdit,
}
USUALLY_US = 8 * HOUR_US


class CoverForm(AskingForm):
    """For oneself; an administrator may ask for anybody."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(desk, "cover_absence.ui", NEEDED, "reason", parent)
        self.absent = self.form.part("absent", QComboBox)
        self.cover = self.form.part("cover", QComboBox)
        self.begins = self.form.part("begins", QDateTimeEdit)
        self.ends = self.form.part("ends", QDateTimeEdit)
        for field in (self.begins, self.ends):
            field.setTimeZone(QTimeZone.utc())

    def open_for(self, inbox: Inbox) -> None:
        """Offers those who may be absent and those who may cover; from now, for eight hours."""
        deciders = [(who, name, role) for who, (name, role) in inbox.people.items() if role is not Role.AUDITOR]
        is_administrator = inbox.me.role is Role.ADMINISTRATOR
        self._offer(self.absent, [each for each in deciders if is_administrator or each[0] == inbox.me.id])
        self._offer(self.cover, [each for each in deciders if is_administrator or each[0] != inbox.me.id])
        if self.cover.currentData() == self.absent.currentData():
            self.cover.setCurrentIndex(self.cover.currentIndex() + 1)
        now_us = self.desk.library.database_us() // MINUTE_US * MINUTE_US
        for field, at_us in ((self.begins, now_us), (self.ends, now_us + USUALLY_US)):
            field.setDateTime(QDateTime.fromMSecsSinceEpoch(at_us // 1000, QTimeZone.utc()))
        self.begin()

    def first(self) -> QWidget:
        return self.cover if self.absent.count() == 1 else self.absent

    def body(self) -> CoverAbsence | None:
        absent, cover = self.absent.currentData(), self.cover.currentData()
        from_us, until_us = _us(self.begins), _us(self.ends)
        if not isinstance(absent, str) or not isinstance(cover, str):
            self.lacks(self.cover, "Choose who is absent and who decides meanwhile.")
        elif absent == cover:
            self.lacks(self.cover, "Nobody covers for themselves: choose somebody else.")
        elif until_us <= from_us:
            self.lacks(self.ends, "It ends before it begins.")
        elif not self.line.text().strip():
            self.lacks(self.line, "Write the reason.")
        else:
            return CoverAbsence(absent=absent, cover=cover, from_us=from_us, until_us=until_us)
        return None

    def _offer(self, box: QComboBox, people: list[tuple[str, str, Role]]) -> None:
        box.clear()
        for who, name, role in sorted(people, key=_by_name):
            box.addItem(f"{plain(name)} · {role.words}", who)


def _us(field: QDateTimeEdit) -> int:
    return int(field.dateTime().toMSecsSinceEpoch()) * 1000


def _by_name(person: tuple[str, str, Role]) -> str:
    return person[1]
