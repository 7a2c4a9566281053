"""What the demo does before any window stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from dealerdesk import children, demo
from dealerdesk.config import CannotStartError
from dealerdesk.desk.app import Launch

OPTIONS = demo.DemoOptions(
    accounts=30,
    positions=30,
    symbols=30,
    ticks_per_second=30,
    seed=1,
    speed=1.0,
    ticks_file=None,
    headless=True,
    seconds=1.0,
    report=None,
    screenshot=None,
    staff="dana",
)


def only_the_bridges(launch: Launch) -> int:
    """A desk that does nothing but start its bridges."""
    assert launch.start_bridges is not None
    return len(tuple(launch.start_bridges()))


def test_a_bridge_that_dies_at_once_is_one_sentence_that_names_no_log_of_a_folder_that_has_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "child.py"
    script.write_text("raise SystemExit('no room on the disk')\n")
    monkeypatch.setattr(children, "COMMAND", ("python3", str(script)))
    monkeypatch.setattr(demo, "run", only_the_bridges)

    with pytest.raises(CannotStartError) as error:
        demo.run_demo(OPTIONS)

    assert str(error.value) == (
        "The bridge of MT4 did not start. It said last: no room on the disk. Mend that, or start the demo again."
    )


def test_memory_is_told_where_the_system_says_it_and_left_open_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    said = demo._memory_mb()
    monkeypatch.setattr(Path, "is_file", lambda _path: False)

    assert set(said) == {"resident", "peak"}
    assert 0 < (said["resident"] or 0) <= (said["peak"] or 0)
    assert demo._memory_mb() == {"resident": None, "peak": None}
