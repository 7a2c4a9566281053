"""What a table remembers of a person's arranging: columns, widths, sort, filters. Window state only, never data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Protocol

from PySide6.QtCore import QSettings


class TableMemory(Protocol):
    """Where arrangements are kept, by the table's name."""

    def load(self, name: str) -> Mapping[str, Any] | None:
        """What was kept last, None when nothing was or it cannot be read."""
        ...

    def save(self, name: str, record: Mapping[str, Any]) -> None:
        """Keeps plain JSON values."""
        ...


class SettingsMemory:
    """Keeps arrangements in the user's window settings, under tables/<name>."""

    def load(self, name: str) -> Mapping[str, Any] | None:
        stored = QSettings().value(f"tables/{name}")
        if not isinstance(stored, str):
            return None
        try:
            record = json.loads(stored)
        except json.JSONDecodeError:
            return None
        return record if isinstance(record, dict) else None

    def save(self, name: str, record: Mapping[str, Any]) -> None:
        QSettings().setValue(f"tables/{name}", json.dumps(record))
