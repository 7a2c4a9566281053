"""Stills of the desk."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QImage

from dealerdesk.desk import shots
from dealerdesk.desk.app import run
from dealerdesk.desk.panels import PANELS
from dealerdesk.desk.settings import UserFiles, load_preferences
from dealerdesk.desk.workspaces import WORKSPACES

from .test_app import Firm, firm  # noqa: F401 - the fixture


def test_stills_of_every_workspace_and_panel_are_taken_and_nothing_of_it_stays(
    firm: Firm,  # noqa: F811
    files: UserFiles,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shots, "SETTLE_S", 0.05)  # nothing here looks at what is drawn
    folder = tmp_path / "stills"
    code = run(firm.launch(files, seconds=0.1, screenshots=folder))

    assert code == 0
    names = {path.name for path in folder.iterdir()}
    for name in ("dealer-dark-1920x1080.png", "supervisor-light-1366x768.png", "panel-accounts-dark.png"):
        assert name in names
    assert len(names) == len(WORKSPACES) * 2 * 2 + len(PANELS) * 2
    assert QImage(str(folder / "dealer-dark-1920x1080.png")).width() == 1920
    assert load_preferences(files).theme == "dark"
