"""A child gets its configuration over its input, says that it is ready, and ends with its parent."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from dealerdesk import children
from dealerdesk.children import Child, ChildError


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
