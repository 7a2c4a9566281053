"""An export's file: whole and at its name, or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.commands.records import Refused
from dealerdesk.commands.sealing import seal
from dealerdesk.commands.seals import new_key
from dealerdesk.desk.panels.audit_saving import AuditSaving, write_export

from .office_library import OfficeLibrary
from .small_broker import NOW_US


@pytest.fixture
def office(tmp_path: Path) -> Iterator[OfficeLibrary]:
    """Three sealed entries, and one after them that is under no seal."""
    made = OfficeLibrary(tmp_path, "iris")
    for number in (1, 2, 3):
        made.write(number)
    made.do(lambda connection: seal(connection, new_key(), NOW_US))
    made.write(4)
    yield made
    made.engine.dispose()


def write(office: OfficeLibrary, path: Path, ids: list[str] | None) -> int:
    return int(office.do(lambda connection: write_export(connection, path, ids, NOW_US)))


def test_the_whole_sealed_log_is_written_and_nothing_else_is_left(office: OfficeLibrary, tmp_path: Path) -> None:
    path = tmp_path / "out" / "log.jsonl"
    path.parent.mkdir()
    written = write(office, path, None)

    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    entries = [line["entry"]["id"] for line in lines if "leaf" in line]
    assert (written, entries[-3:]) == (len(entries), ["e1", "e2", "e3"])
    assert "end" in lines[-1]
    assert [each.name for each in path.parent.iterdir()] == ["log.jsonl"]


def test_what_cannot_be_proved_leaves_the_file_that_was_there(office: OfficeLibrary, tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text("last week's\n", "utf-8")

    with pytest.raises(Refused):
        write(office, path, ["e4"])

    assert path.read_text("utf-8") == "last week's\n"
    assert list(tmp_path.glob("*.part")) == []


def test_a_folder_that_is_not_there_is_the_outside_worlds_trouble(office: OfficeLibrary, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write(office, tmp_path / "gone" / "cases.jsonl", ["e1"])


@pytest.mark.parametrize("ids", [["e1", "e2"], None], ids=["some", "all"])
def test_the_chosen_file_and_entries_are_told(qtbot: QtBot, tmp_path: Path, ids: list[str] | None) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = AuditSaving("audit.jsonl", ids, parent)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    told: list[tuple[object, object]] = []

    def note(path: object, entry_ids: object) -> None:
        told.append((path, entry_ids))

    dialog.chosen.connect(note)
    dialog.setDirectory(str(tmp_path))
    dialog.selectFile("mine.jsonl")
    dialog.accepted.emit()

    assert told == [(tmp_path / "mine.jsonl", ids)]
