"""A demo that is told to end leaves nothing behind, however far it has come: no folder, no process."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

SIZES = ("--accounts", "60", "--positions", "200", "--symbols", "12", "--ticks-per-second", "50")
PATIENCE_S = 60.0
CHILDREN = 4
"""Three bridges and the hub."""
TOLD_BY = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """What these tests run under may ignore some signals, and children would inherit that."""
    ignored = [number for number in TOLD_BY if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.mark.parametrize("number", TOLD_BY)
def test_a_demo_at_work_leaves_neither_folder_nor_children(tmp_path: Path, number: signal.Signals) -> None:
    demo = _started(tmp_path)
    family = _until(lambda: _children(demo, CHILDREN), demo)

    demo.send_signal(number)
    words = _last_words(demo)

    assert demo.returncode == 0, words
    assert "Traceback" not in words
    assert list(tmp_path.iterdir()) == []
    assert psutil.wait_procs(family, timeout=PATIENCE_S)[1] == []


def test_a_demo_that_is_still_starting_leaves_none_either(tmp_path: Path) -> None:
    demo = _started(tmp_path)
    family = _until(lambda: _children(demo, 1), demo)

    demo.send_signal(signal.SIGTERM)
    words = _last_words(demo)

    assert demo.returncode is not None
    assert "Traceback" not in words
    assert list(tmp_path.iterdir()) == []
    assert psutil.wait_procs(family, timeout=PATIENCE_S)[1] == []


def _started(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "dealerdesk", "demo", "--headless", "--seconds", "100", *SIZES]
    environment = os.environ | {"TMPDIR": str(folder)}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)


def _last_words(demo: subprocess.Popen[str]) -> str:
    try:
        return demo.communicate(timeout=PATIENCE_S)[1]
    finally:
        demo.kill()


def _children(demo: subprocess.Popen[str], count: int) -> list[psutil.Process]:
    found = psutil.Process(demo.pid).children(recursive=True)
    return found if len(found) >= count else []


def _until(found, demo: subprocess.Popen[str]) -> list[psutil.Process]:  # type: ignore[no-untyped-def]
    """What `found` gives once it gives something, while the demo runs."""
    give_up_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < give_up_s and demo.poll() is None:
        family = found()
        if family:
            return list(family)
        with contextlib.suppress(subprocess.TimeoutExpired):
            demo.wait(0.05)
    demo.kill()
    raise AssertionError(f"the demo did not come so far: {demo.communicate()[1]}")
