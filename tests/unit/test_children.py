"""A child gets its configuration over its input, says that it is ready, and ends with its parent."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import msgspec
import pytest

from dealerdesk import children
from dealerdesk.children import Child, ChildError, Keeper


class Echo(msgspec.Struct):
    word: str


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands for `python -m dealerdesk`: the file is run in its place."""
    path = tmp_path / "child.py"
    monkeypatch.setattr(children, "COMMAND", ("python3", str(path)))
    return path


def test_a_child_answers_and_ends_when_its_input_closes(script: Path, tmp_path: Path) -> None:
    script.write_text("import sys\nprint(sys.stdin.readline(), flush=True)\nsys.stdin.read()\n")
    child = Child((), Echo("hello"), tmp_path / "log")

    child.start()

    assert child.ready() == {"word": "hello"}
    assert child.pid is not None
    child.stop()
    assert child.pid is None


def test_a_child_that_dies_at_once_is_named_with_its_log(script: Path, tmp_path: Path) -> None:
    script.write_text("raise SystemExit('no disk')\n")
    child = Child(("hub",), Echo("hello"), tmp_path / "hub.log")

    child.start()

    with pytest.raises(ChildError, match=r"hub did not start; its log is .*hub\.log"):
        child.ready()
    child.stop()
    assert "no disk" in (tmp_path / "hub.log").read_text()


def test_a_child_that_was_killed_is_started_again_with_the_same_configuration(script: Path, tmp_path: Path) -> None:
    script.write_text("import sys\nprint(sys.stdin.readline(), flush=True)\nsys.stdin.read()\n")
    child = Child((), Echo("hello"), tmp_path / "log")
    child.start()
    child.ready()
    killed = child.pid
    assert killed is not None

    with Keeper(every_s=0.02) as keeper:
        keeper.take(child)
        os.kill(killed, signal.SIGKILL)
        deadline = time.monotonic() + 20
        while child.pid in (None, killed) and time.monotonic() < deadline:
            threading.Event().wait(0.02)
        revived = child.pid
        child.stop()

    assert revived not in (None, killed)
    assert child.pid is None


def test_a_child_that_was_stopped_stays_stopped(script: Path, tmp_path: Path) -> None:
    script.write_text("import sys\nprint(sys.stdin.readline(), flush=True)\nsys.stdin.read()\n")
    child = Child((), Echo("hello"), tmp_path / "log")
    child.start()
    child.ready()

    child.stop()

    assert not child.revive()
    assert child.pid is None
