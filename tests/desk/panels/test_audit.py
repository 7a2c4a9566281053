"""The Audit panel, by keyboard, over a real database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from dealerdesk.commands.audit_query import AuditQuery
from dealerdesk.commands.audit_verify import verify
from dealerdesk.commands.sealing import seal
from dealerdesk.commands.seals import new_key
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.audit import NO_RIGHT, AuditPanel, asked_words
from dealerdesk.desk.theme import Tone

from .office_library import OfficeLibrary
from .small_broker import NOW_US, Spoken


@pytest.fixture
def office(tmp_path: Path) -> Iterator[OfficeLibrary]:
    """Four entries: a sign-in, a wish about MT5 101 and its approval, an opened name of client 8."""
    made = OfficeLibrary(tmp_path, "iris")
    made.write(1)
    about = {"subject": "dd-command-1", "server": "MT5", "login": 101, "client_id": 1, "kind": "set_book"}
    made.write(2, action="command requested", **about)
    made.write(3, action="command approved", actor="carol", **about)
    made.write(4, action="read", subject="client 8", client_id=8)
    yield made
    made.engine.dispose()


@pytest.fixture
def panel(show: Any, desk: Desk, office: OfficeLibrary) -> AuditPanel:
    return show(AuditPanel, 1200, 500, replace(desk, library=office, role="auditor", who="iris"))  # type: ignore[arg-type]


def shown(panel: AuditPanel) -> list[str]:
    ids = list(panel.rows)
    return [panel.rows[ids[place]].entry.id for place in panel.table.visible_order().tolist()]


def test_the_newest_entry_is_on_top_and_the_current_one_is_shown_whole(panel: AuditPanel) -> None:
    assert shown(panel) == ["e4", "e3", "e2", "e1"]
    panel.table.select_key(list(panel.rows)[1])

    assert "Command approved" in panel.sheet.text()
    assert "Who: Carol Ferreira (carol)" in panel.sheet.text()
    assert panel.desk.selection.account == ("MT5", 101)


def test_the_fields_ask_the_database(panel: AuditPanel, qtbot: QtBot) -> None:
    qtbot.keyClick(panel.table, Qt.Key.Key_Slash)
    qtbot.keyClicks(panel.bar.fields["actor"], "ferreira")
    qtbot.keyClick(panel.bar.fields["actor"], Qt.Key.Key_Return)

    assert shown(panel) == ["e3"]
    assert panel.table.hasFocus()


def test_h_follows_what_the_entry_is_about_and_escape_shows_everything_again(panel: AuditPanel, qtbot: QtBot) -> None:
    panel.table.select_key(list(panel.rows)[2])
    qtbot.keyClick(panel.table, Qt.Key.Key_H)
    assert shown(panel) == ["e3", "e2"]

    panel.bar.focus()
    qtbot.keyClick(panel.bar.fields["actor"], Qt.Key.Key_Escape)
    assert shown(panel) == ["e4", "e3", "e2", "e1"]


def test_k_follows_the_client(panel: AuditPanel, qtbot: QtBot) -> None:
    panel.table.select_key(next(iter(panel.rows)))
    qtbot.keyClick(panel.table, Qt.Key.Key_K)

    assert panel.query == AuditQuery(client_id=8)
    assert shown(panel) == ["e4"]


def test_another_panel_may_ask_for_a_history(panel: AuditPanel) -> None:
    panel.desk.selection.ask_history(AuditQuery(subject="dd-command-1"))

    assert shown(panel) == ["e3", "e2"]


def test_new_entries_come_by_themselves(panel: AuditPanel, office: OfficeLibrary, spoken: Spoken, desk: Desk) -> None:
    office.write(5)
    spoken.now_us += 3_000_000
    panel.beat(desk.frame())

    assert shown(panel)[0] == "e5"


def test_an_export_has_its_proof_and_is_itself_on_record(
    panel: AuditPanel, office: OfficeLibrary, tmp_path: Path, spoken: Spoken
) -> None:
    office.do(lambda connection: seal(connection, new_key(), NOW_US))
    panel.reading.anew()
    path = tmp_path / "entries.jsonl"
    panel.desk.run(panel.export_to(path, ["e2", "e3"]))

    with path.open("rb") as file:
        report = verify(file)
    assert (report.problems, report.entries) == ([], 2)
    detail = {"entries": 2, "filter": "everything", "file": "entries.jsonl"}
    assert office.noted == [("exported", "audit log", detail)]
    assert "2 entries exported with their proof" in spoken.notes[-1][0]
    assert list(tmp_path.glob("*.part")) == []


def test_what_is_not_sealed_has_no_proof_to_export(panel: AuditPanel, qtbot: QtBot, spoken: Spoken) -> None:
    qtbot.keyClick(panel.table, Qt.Key.Key_E)

    assert spoken.notes[-1] == ("Nothing that is shown has been sealed yet: there is no proof of it.", Tone.ATTENTION)


def test_a_database_that_does_not_answer_is_said_and_asked_again(
    panel: AuditPanel, office: OfficeLibrary, spoken: Spoken, desk: Desk
) -> None:
    office.trouble = OSError("gone")
    panel.reading.anew()
    assert panel.table.notices.failed is not None
    office.trouble = None
    spoken.now_us += 3_000_000
    panel.beat(desk.frame())

    assert panel.table.notices.failed is None
    assert len(shown(panel)) == 4


@pytest.mark.parametrize("role", ["dealer", "head_dealer", "back_office", "payments", "administrator"])
def test_others_are_told_who_reads_it(qtbot: QtBot, desk: Desk, office: OfficeLibrary, role: str) -> None:
    made = AuditPanel(replace(desk, library=office, role=role))  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.show()
    made.beat(desk.frame())

    assert made.rows == {}
    assert made.table.notices.failed is not None
    assert made.table.notices.failed.sentence == NO_RIGHT


def test_what_was_looked_at_is_told_in_words() -> None:
    found: Any = asked_words(AuditQuery(actor="dana", client_id=7), {"what": "refused", "who": ""})

    assert found == "actor dana · client_id 7 · what: refused"


def test_somebody_who_went_back_in_time_is_not_pulled_away_by_new_entries(
    panel: AuditPanel, office: OfficeLibrary, spoken: Spoken, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dealerdesk.desk.panels.audit.PAGE", 2)
    panel.ask(AuditQuery(actor="dana"))
    assert shown(panel) == ["e4", "e2"]
    panel.older()
    assert shown(panel) == ["e4", "e2", "e1"]
    office.write(5)
    spoken.now_us += 3_000_000
    panel.beat(desk.frame())
    assert shown(panel) == ["e4", "e2", "e1"]

    panel.ask(AuditQuery(actor="dana"))
    assert shown(panel) == ["e5", "e4"]
