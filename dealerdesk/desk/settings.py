"""What a person prefers (TOML, by hand or by the desk) and where the desk keeps it; layouts are in an INI file beside.

Nothing here is secret, and nothing here decides what a person may do.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from PySide6.QtCore import QSettings


class PreferencesError(ValueError):
    """The preferences file cannot be used; the text names the field and what was expected."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a person chose. `currency` is the reporting currency; `frame_every_ms` the pace of live figures, a second at
    the slowest; `workspace` the one to begin with, empty for the one of the person's role; `lock_after_minutes` how
    long nobody may be at the desk before it locks, 0 for never, which a live desk does not know; `sound` whether it
    rings when something new is to be decided."""

    theme: Literal["dark", "light"] = "dark"
    currency: str = "USD"
    frame_every_ms: Annotated[int, msgspec.Meta(ge=10, le=1_000)] = 30
    workspace: str = ""
    lock_after_minutes: Annotated[int, msgspec.Meta(ge=0, le=60)] = 10
    sound: bool = True


@dataclass(frozen=True, slots=True)
class UserFiles:
    """The folder with one person's preferences and window state for one profile."""

    folder: Path

    @property
    def preferences(self) -> Path:
        return self.folder / "preferences.toml"

    @property
    def window(self) -> Path:
        return self.folder / "window.ini"

    def window_settings(self) -> QSettings:
        """Layouts, geometry and table columns of this person; never the system's own settings store."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return QSettings(str(self.window), QSettings.Format.IniFormat)


class WindowMemory:
    """Where tables keep how a person arranged them: in the window's settings, one JSON text a table."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    def load(self, name: str) -> Mapping[str, Any] | None:
        """What was kept last; None when nothing was, or when it cannot be read."""
        stored = self._settings.value(f"tables/{name}")
        if not isinstance(stored, str):
            return None
        try:
            record = json.loads(stored)
        except json.JSONDecodeError:
            return None
        return record if isinstance(record, dict) else None

    def save(self, name: str, record: Mapping[str, Any]) -> None:
        """Keeps plain JSON values."""
        self._settings.setValue(f"tables/{name}", json.dumps(record))


def load_preferences(files: UserFiles) -> Preferences:
    """The preferences, or the defaults where there are none yet; raises PreferencesError for a file with mistakes."""
    try:
        return msgspec.convert(tomllib.loads(files.preferences.read_text("utf-8")), Preferences)
    except FileNotFoundError:
        return Preferences()
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise PreferencesError(f"{files.preferences}: {error}") from error


def save_preferences(files: UserFiles, preferences: Preferences) -> None:
    """Writes the preferences whole, or leaves the old file as it was; raises OSError."""
    files.folder.mkdir(parents=True, exist_ok=True)
    # a JSON string or number is a TOML one
    lines = [f"{name} = {msgspec.json.encode(value).decode()}" for name, value in asdict(preferences).items()]
    fresh = files.preferences.with_suffix(".new")
    fresh.write_text("\n".join(lines) + "\n", "utf-8")
    fresh.replace(files.preferences)
