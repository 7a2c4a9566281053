from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.desk.table.export import take
from dealerdesk.desk.table.saving import CSV, ExportDialog
from table.samples import COLUMNS, exposure


@pytest.fixture
def dialog(outer: QWidget) -> ExportDialog:
    return ExportDialog(take("exposure", exposure(), COLUMNS, np.arange(4)), outer)


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_rows_are_written_where_the_person_said(
    dialog: ExportDialog, qtbot: QtBot, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"out.{suffix}"
    dialog.selectFile(str(path))
    with qtbot.waitSignal(dialog.written) as written:
        dialog.accepted.emit()

    assert written.args == [f"4 rows exported to out.{suffix}"]
    assert path.stat().st_size > 50


def test_how_many_rows_left_is_told_once_the_file_is_there(dialog: ExportDialog, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(dialog.left) as left:
        dialog._submit(tmp_path / "out.csv")

    assert left.args == [4, "out.csv"]


def test_what_went_wrong_is_said(dialog: ExportDialog, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "out.csv").mkdir()
    with qtbot.waitSignal(dialog.written) as written:
        dialog._submit(tmp_path / "out.csv")

    assert written.args[0].startswith("Not exported: ")


def test_the_chosen_kind_of_file_gives_the_name_its_ending(dialog: ExportDialog) -> None:
    dialog.filterSelected.emit(CSV)
    assert dialog.defaultSuffix() == "csv"
    dialog.rejected.emit()
