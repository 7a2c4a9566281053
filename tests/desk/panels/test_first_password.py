"""The strip that hands out a first password, and the Staff panel's key for it, over a real database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from dealerdesk.commands.audit import history_of
from dealerdesk.commands.bodies import AddStaff
from dealerdesk.commands.roles import Role
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.first_password import ONCE, SHOWN
from dealerdesk.desk.panels.staff import StaffPanel
from dealerdesk.store.passwords import Outcome, check_password

from .office_library import OfficeLibrary
from .small_broker import NOW_US, Spoken


@pytest.fixture
def office(tmp_path: Path) -> Iterator[OfficeLibrary]:
    made = OfficeLibrary(tmp_path, "adam")
    yield made
    made.engine.dispose()


@pytest.fixture
def panel(qtbot: QtBot, desk: Desk, office: OfficeLibrary) -> StaffPanel:
    profile = msgspec.structs.replace(desk.profile, database_url="sqlite:///office.db")
    made = StaffPanel(replace(desk, library=office, role="administrator", who="adam", profile=profile))  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.resize(1200, 500)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.refocus()
    made.beat(desk.frame())
    return made


def test_it_is_made_shown_once_and_gone(panel: StaffPanel, office: OfficeLibrary, qtbot: QtBot) -> None:
    panel.table.select_key("ana")
    qtbot.keyClick(panel.table, Qt.Key.Key_P)
    strip = panel.first_password
    assert strip.heading.text() == "First password of Ana Petrov, who signs in as ana"
    assert strip.answer.text() == ONCE
    assert not strip.value.isVisible()

    qtbot.keyClick(strip, Qt.Key.Key_Return)
    password = strip.value.text()
    assert strip.answer.text() == SHOWN
    assert len(password) >= 25
    checked = office.do(lambda connection: check_password(connection, "ana", password, NOW_US))
    assert checked.outcome is Outcome.RIGHT
    entries = office.do(lambda connection: history_of(connection, "ana"))
    assert [(entry.actor, entry.action) for entry in entries] == [("adam", "first password set")]
    assert password not in repr(entries)

    qtbot.keyClick(strip, Qt.Key.Key_Return)
    assert strip.value.text() == password
    qtbot.keyClick(strip, Qt.Key.Key_Escape)
    assert strip.value.text() == ""
    assert panel.table.hasFocus()

    qtbot.keyClick(panel.table, Qt.Key.Key_P)
    qtbot.keyClick(strip, Qt.Key.Key_Return)
    assert strip.answer.text() == "✕ refused: This login has had its first password already"
    assert strip.value.text() == ""


def test_nobody_hands_one_out_to_themselves_or_to_who_is_not_here(
    panel: StaffPanel, office: OfficeLibrary, qtbot: QtBot, spoken: Spoken
) -> None:
    panel.table.select_key("adam")
    qtbot.keyClick(panel.table, Qt.Key.Key_P)
    assert spoken.notes[-1][0] == "This is you: somebody else must ask for what concerns you."

    office.ask("adam", "", AddStaff(staff="mia", name="Mia Okafor", role=Role.DEALER), "new", "dd-command-1")
    panel.reading.anew()
    panel.table.select_key("mia")
    qtbot.keyClick(panel.table, Qt.Key.Key_P)
    assert spoken.notes[-1][0] == "Mia Okafor is not here yet: it waits for approval."
    assert not panel.first_password.isVisible()


def test_a_lock_takes_it_away(panel: StaffPanel, qtbot: QtBot) -> None:
    panel.table.select_key("ana")
    qtbot.keyClick(panel.table, Qt.Key.Key_P)
    qtbot.keyClick(panel.first_password, Qt.Key.Key_Return)
    assert panel.first_password.value.text()

    panel.setEnabled(False)

    assert panel.first_password.value.text() == ""
    assert not panel.first_password.isVisible()
