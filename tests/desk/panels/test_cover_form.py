from __future__ import annotations

import pytest
from PySide6.QtCore import QDateTime, QTimeZone
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from dealerdesk.commands.inbox import Person
from dealerdesk.commands.inbox_queries import Inbox
from dealerdesk.commands.roles import Role
from dealerdesk.desk import theme
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.cover_form import CoverForm

from .small_broker import NOW_US, PEOPLE


@pytest.fixture
def form(outer: QWidget, desk: Desk) -> CoverForm:
    made = CoverForm(desk, outer)
    QVBoxLayout(outer).addWidget(made)
    outer.show()
    return made


def inbox_of(who: str, role: Role) -> Inbox:
    return Inbox(Person(who, PEOPLE.get(who, (who, role))[0], role), (), (), dict(PEOPLE))


def names(box: object) -> list[str]:
    return [box.itemText(row) for row in range(box.count())]  # type: ignore[attr-defined]


def test_one_asks_for_oneself_and_an_auditor_is_never_offered(form: CoverForm) -> None:
    form.open_for(inbox_of("ben", Role.PAYMENTS))

    assert names(form.absent) == ["Ben Osei · payments officer"]
    assert names(form.cover) == ["Carol Ferreira · supervisor", "Dana Novak · head dealer"]


def test_an_administrator_asks_for_anybody(form: CoverForm) -> None:
    form.open_for(inbox_of("adam", Role.ADMINISTRATOR))

    assert len(names(form.absent)) == 3


def test_it_begins_now_for_eight_hours_and_refuses_an_end_before_the_beginning(form: CoverForm) -> None:
    form.open_for(inbox_of("ben", Role.PAYMENTS))
    form.line.setText("leave")
    body = form.body()
    assert body is not None
    assert (body.from_us, body.until_us) == (NOW_US, NOW_US + 8 * 3_600_000_000)

    form.ends.setDateTime(QDateTime.fromMSecsSinceEpoch(NOW_US // 1000 - 60_000, QTimeZone.utc()))
    assert form.body() is None
    assert form.answer.text() == "It ends before it begins."


def test_an_administrator_is_not_offered_the_absent_as_their_own_cover(form: CoverForm) -> None:
    form.open_for(inbox_of("adam", Role.ADMINISTRATOR))

    assert form.absent.currentData() != form.cover.currentData()


def test_in_a_narrow_panel_both_times_are_read_whole_and_nothing_is_pushed_aside(
    form: CoverForm, outer: QWidget, qapp: QApplication
) -> None:
    theme.apply(qapp, theme.DARK)
    form.open_for(inbox_of("ben", Role.PAYMENTS))
    outer.setFixedWidth(300)
    outer.grab()

    assert form.minimumSizeHint().width() <= 280
    for field in (form.begins, form.ends):
        typed = field.lineEdit()
        assert typed.width() > typed.fontMetrics().horizontalAdvance("30 Nov 2026 22:22")
