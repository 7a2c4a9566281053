"""The Staff panel and its form, by keyboard, over a real database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from dealerdesk.commands.bodies import AddStaff, ChangeRole, MakeLogin, Scope, SetActive, SetScopes
from dealerdesk.commands.roles import Role
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.staff import NO_RIGHT, StaffPanel
from dealerdesk.desk.theme import Tone

from .office_library import OfficeLibrary
from .small_broker import Spoken


@pytest.fixture
def office(tmp_path: Path) -> Iterator[OfficeLibrary]:
    made = OfficeLibrary(tmp_path, "adam")
    yield made
    made.engine.dispose()


Opened = Callable[..., StaffPanel]


@pytest.fixture
def opened(show: Any, desk: Desk, office: OfficeLibrary) -> Opened:
    def make(who: str = "adam", role: str = "administrator") -> StaffPanel:
        on = replace(desk, library=office, role=role, who=who)  # type: ignore[arg-type]
        return show(StaffPanel, 1200, 500, on)

    return make


def test_everybody_is_listed_with_what_is_under_way(opened: Opened, office: OfficeLibrary) -> None:
    office.ask("adam", "", ChangeRole(staff="ana", role=Role.HEAD_DEALER), "grown", "dd-command-1")
    panel = opened()

    assert panel.table.counts() == (8, 8)
    assert panel.header.facts.text() == "1 change under way · 8 active of 8 people"
    panel.table.select_key("ana")
    assert "Make ana a head dealer" in panel.sheet.text()


def test_a_role_is_asked_for_by_key_and_waits_for_a_second_person(
    opened: Opened, office: OfficeLibrary, qtbot: QtBot, spoken: Spoken
) -> None:
    panel = opened()
    panel.table.select_key("ana")
    qtbot.keyClick(panel.table, Qt.Key.Key_R)
    assert panel.form.role.hasFocus()
    panel.form.role.setCurrentIndex(panel.form.role.findData("head_dealer"))
    qtbot.keyClicks(panel.form.line, "grown into it")
    qtbot.keyClick(panel.form.line, Qt.Key.Key_Return)

    assert office.under_way() == [ChangeRole(staff="ana", role=Role.HEAD_DEALER)]
    assert not panel.form.isVisible()
    assert panel.table.hasFocus()
    assert panel.people["ana"].under_way
    assert spoken.notes[-1][0] == "Asked: Make ana a head dealer; it waits for a second person."


def test_somebody_new_is_asked_for_with_scopes_and_a_login(opened: Opened, office: OfficeLibrary, qtbot: QtBot) -> None:
    panel = opened()
    qtbot.keyClick(panel.table, Qt.Key.Key_N)
    form = panel.form
    for field, words in ((form.staff, "carl"), (form.name, "Carl Roe")):
        qtbot.keyClicks(field, words)
    form.scopes.clear()
    qtbot.keyClicks(form.scopes, "MT5: real; MT4")
    form.login.setCurrentText("carl_db")
    qtbot.keyClicks(form.line, "starts in May")
    qtbot.keyClick(form.line, Qt.Key.Key_Return)

    wanted = AddStaff(
        staff="carl", name="Carl Roe", role=Role.DEALER, scopes=(Scope("MT4"), Scope("MT5", "real")), login="carl_db"
    )
    assert office.under_way() == [wanted]
    assert panel.people["carl"].is_here is False


@pytest.mark.parametrize(
    ("key", "body"),
    [
        (Qt.Key.Key_A, SetActive(staff="ana", active=False)),
        (Qt.Key.Key_S, SetScopes(staff="ana", scopes=(Scope("MT5"),))),
        (Qt.Key.Key_L, MakeLogin(staff="ana", login="ana_db")),
    ],
)
def test_each_change_has_its_key(
    opened: Opened, office: OfficeLibrary, qtbot: QtBot, key: Qt.Key, body: object
) -> None:
    panel = opened()
    panel.table.select_key("ana")
    qtbot.keyClick(panel.table, key)
    panel.form.scopes.setText("MT5")
    panel.form.login.setCurrentText("ana_db")
    qtbot.keyClicks(panel.form.line, "because")
    qtbot.keyClick(panel.form.line, Qt.Key.Key_Return)

    assert office.under_way() == [body]


def test_nothing_is_asked_without_a_reason_or_with_half_a_scope(
    opened: Opened, office: OfficeLibrary, qtbot: QtBot
) -> None:
    panel = opened()
    panel.table.select_key("ana")
    qtbot.keyClick(panel.table, Qt.Key.Key_S)
    qtbot.keyClick(panel.form.line, Qt.Key.Key_Return)
    assert panel.form.answer.text() == "Write the reason."
    panel.form.scopes.setText("MT5:")
    qtbot.keyClick(panel.form.line, Qt.Key.Key_Return)

    assert panel.form.answer.text().startswith("Say what they see")
    assert office.under_way() == []


def test_nobody_asks_for_what_concerns_themselves(opened: Opened, qtbot: QtBot, spoken: Spoken) -> None:
    panel = opened()
    panel.table.select_key("adam")
    qtbot.keyClick(panel.table, Qt.Key.Key_R)

    assert not panel.form.isVisible()
    assert spoken.notes[-1] == ("This is you: somebody else must ask for what concerns you.", Tone.ATTENTION)


def test_a_refusal_is_shown_in_its_own_words(opened: Opened, qtbot: QtBot) -> None:
    panel = opened()
    panel.table.select_key("ana")
    qtbot.keyClick(panel.table, Qt.Key.Key_R)
    qtbot.keyClicks(panel.form.line, "again")
    qtbot.keyClick(panel.form.line, Qt.Key.Key_Return)

    assert panel.form.answer.text() == "✕ refused: ana is a dealer already"


def test_a_supervisor_reads_and_follows_a_history_but_asks_for_nothing(
    opened: Opened, qtbot: QtBot, spoken: Spoken
) -> None:
    panel = opened("carol", "supervisor")
    panel.table.select_key("ana")
    qtbot.keyClick(panel.table, Qt.Key.Key_N)
    qtbot.keyClick(panel.table, Qt.Key.Key_H)

    assert not panel.form.isVisible()
    assert spoken.opened == ["audit"]


def test_others_are_told_whom_to_ask(opened: Opened) -> None:
    panel = opened("dana", "head_dealer")

    assert panel.people == {}
    assert panel.table.notices.failed is not None
    assert panel.table.notices.failed.sentence == NO_RIGHT


def test_news_of_other_desks_come_by_themselves(opened: Opened, office: OfficeLibrary) -> None:
    panel = opened()
    office.ask("adam", "", SetActive(staff="ben", active=False), "left", "dd-command-2")
    office.tables_changed.emit({"staff": ["ben"]})

    assert panel.people["ben"].under_way
