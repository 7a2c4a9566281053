"""A person's preferences and window settings, in a folder of the test's own."""

from __future__ import annotations

import pytest

from dealerdesk.desk.settings import (
    Preferences,
    PreferencesError,
    UserFiles,
    WindowMemory,
    load_preferences,
    save_preferences,
)


def test_without_a_file_the_defaults_stand(files: UserFiles) -> None:
    assert load_preferences(files) == Preferences(theme="dark", currency="USD", frame_every_ms=30, workspace="")


def test_preferences_come_back_as_they_were_kept(files: UserFiles) -> None:
    chosen = Preferences(theme="light", currency="EUR", frame_every_ms=80, workspace='odd "name"\n')

    save_preferences(files, chosen)

    assert load_preferences(files) == chosen


@pytest.mark.parametrize(
    "text",
    [
        *('theme = "pink"', "theme =", "lock_after_minutes = 61", "lock_after_minutes = -1"),
        *("frame_every_ms = 'soon'", "frame_every_ms = 9", "frame_every_ms = 1001"),
    ],
)
def test_a_mistake_in_the_file_names_the_file_and_never_starts_something_half(files: UserFiles, text: str) -> None:
    files.folder.mkdir(parents=True)
    files.preferences.write_text(text, "utf-8")

    with pytest.raises(PreferencesError, match=r"preferences\.toml"):
        load_preferences(files)


def test_window_settings_lie_in_the_persons_folder(files: UserFiles) -> None:
    settings = files.window_settings()
    settings.setValue("geometry", b"abc")
    settings.sync()

    assert files.window.is_file()


def test_a_tables_columns_are_remembered(files: UserFiles) -> None:
    WindowMemory(files.window_settings()).save("accounts", {"hidden": ["country"], "widths": {"name": 140}})

    kept = WindowMemory(files.window_settings()).load("accounts")

    assert kept == {"hidden": ["country"], "widths": {"name": 140}}


def test_a_damaged_memory_of_a_table_is_no_memory(files: UserFiles) -> None:
    settings = files.window_settings()
    settings.setValue("tables/accounts", "{not json")
    settings.setValue("tables/quotes", "[1, 2]")

    assert WindowMemory(settings).load("accounts") is None
    assert WindowMemory(settings).load("quotes") is None
    assert WindowMemory(settings).load("positions") is None
