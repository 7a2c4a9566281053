from __future__ import annotations

from PySide6.QtCore import QSettings

from dealerdesk.desk.table import SettingsMemory


def test_what_is_kept_is_found_again_by_name(qapp: object) -> None:
    SettingsMemory().save("accounts", {"sort": [["equity", True]]})

    assert SettingsMemory().load("accounts") == {"sort": [["equity", True]]}
    assert SettingsMemory().load("positions") is None


def test_what_cannot_be_read_is_as_if_nothing_were_kept(qapp: object) -> None:
    QSettings().setValue("tables/accounts", "{broken")
    assert SettingsMemory().load("accounts") is None
    QSettings().setValue("tables/accounts", "[1]")
    assert SettingsMemory().load("accounts") is None
