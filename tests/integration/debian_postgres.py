"""Where Debian keeps its PostgreSQL: the one with TLS, and an older one than the wheel's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def debian_binaries() -> Path:
    """The folder of the newest version's programs; fails in CI where none is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version)
    if not found:
        words = "Debian's package postgresql is not installed"
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    return found[-1].parent


def _version(binary: Path) -> int:
    return int(binary.parent.parent.name)
