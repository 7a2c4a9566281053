"""A full disk, no more files, no more memory: what cannot be done is refused, nothing is spoilt, it goes on afterwards.

The limits are the kernel's own, set on a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from office import Office
from sqlalchemy import Engine

from dealerdesk.store.migrate import upgrade

CHILD = Path(__file__).with_name("starved_child.py")
FULL = ("database or disk is full", "disk I/O error")
REFUSED_CHILD = Path(__file__).with_name("refused_write_child.py")


def starved(url: str, scarce: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, CHILD, url, scarce], capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return msgspec.json.decode(done.stdout, type=dict[str, Any])


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'starved.db'}"
    upgrade(url)
    return url


def test_on_a_full_disk_a_write_is_refused_reading_goes_on_and_nothing_is_lost(sqlite_url: str) -> None:
    facts = starved(sqlite_url, "disk")

    assert facts["refused"].startswith(FULL)
    assert facts["refused"].endswith("starved.db"), "the file is named"
    assert facts["written"] >= 10
    assert facts["looked"] == facts["before"] + facts["written"], "every acknowledged row is read on the full disk"
    assert facts["after"] == facts["before"] + facts["written"] + 1, "and it goes on when there is room again"
    assert (facts["whole"], facts["broken"]) == ("ok", [])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_error_at_any_write_of_a_request_leaves_nothing_of_it_and_it_can_be_asked_again(
    database_url: str, office: Office
) -> None:
    office.engine.dispose()
    done = subprocess.run([sys.executable, REFUSED_CHILD, database_url], capture_output=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    facts = msgspec.json.decode(done.stdout)

    assert facts["wrong"] == []
    assert facts["refused"] >= 5, "each write of the request was refused once"
    assert all(words.startswith(FULL) for words in facts["words"])


def test_without_a_file_to_open_work_is_refused_and_goes_on_when_there_is_one(
    database_url: str, engine: Engine
) -> None:
    facts = starved(database_url, "files")

    assert facts["refused"]
    assert facts["written"] == 0
    assert facts["after"] == facts["before"] + 1
    assert (facts["whole"], facts["broken"]) == ("ok", [])


def test_without_memory_a_write_is_refused_what_was_acknowledged_is_whole_and_it_goes_on(
    database_url: str, engine: Engine
) -> None:
    facts = starved(database_url, "memory")

    assert "memory" in facts["refused"].lower()
    assert facts["written"] >= 3
    assert facts["after"] == facts["before"] + facts["written"] + 1
    assert (facts["whole"], facts["broken"]) == ("ok", [])
