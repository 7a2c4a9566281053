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
    child = Child("The echo", (), Echo("hello"), tmp_path / "log")

    child.start()

    assert child.ready() == {"word": "hello"}
    assert child.pid is not None
    child.stop()
    assert child.pid is None


@pytest.mark.parametrize(
    ("last", "sentence"),
    [
        ("raise SystemExit('no disk.')", "The hub did not start. It said last: no disk."),
        ('print(\'{"event": "no disk", "level": "error"}\', file=sys.stderr)', "It said last: no disk."),
        ("raise ExceptionGroup('two', [OSError('no disk')])", "It said last: OSError: no disk."),
        ("", "The hub did not start. It said nothing."),
    ],
)
def test_a_child_that_dies_at_once_is_named_with_what_it_said_last_and_its_log(
    script: Path, tmp_path: Path, last: str, sentence: str
) -> None:
    script.write_text(f"import sys\nprint('it begins', file=sys.stderr) if {bool(last)} else None\n{last}\n")
    child = Child("The hub", ("hub",), Echo("hello"), tmp_path / "hub.log")

    child.start()
    with pytest.raises(ChildError) as error:
        child.ready()
    child.stop()

    assert error.value.what.endswith(sentence)
    assert str(error.value) == f"{error.value.what} Its log is {tmp_path / 'hub.log'}"


def test_a_child_that_answers_something_else_is_quoted(script: Path, tmp_path: Path) -> None:
    script.write_text("print('good morning', flush=True)\n")
    child = Child("The hub", ("hub",), Echo("hello"), tmp_path / "hub.log")

    child.start()
    with pytest.raises(ChildError, match=r"The hub did not start\. It answered b'good morning"):
        child.ready()
    child.stop()


def test_a_child_that_was_killed_is_started_again_with_the_same_configuration(script: Path, tmp_path: Path) -> None:
    script.write_text("import sys\nprint(sys.stdin.readline(), flush=True)\nsys.stdin.read()\n")
    child = Child("The echo", (), Echo("hello"), tmp_path / "log")
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
    child = Child("The echo", (), Echo("hello"), tmp_path / "log")
    child.start()
    child.ready()

    child.stop()

    assert not child.revive()
    assert child.pid is None
