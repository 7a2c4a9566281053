"""The demo, whole: bridges, hub and window from one command, and figures that agree at its end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dealerdesk", "demo", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)


def test_a_small_demo_runs_without_a_gap_and_its_figures_agree(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    sizes = ("--accounts", "300", "--positions", "1500", "--symbols", "60", "--ticks-per-second", "300")

    done = demo("--headless", "--seconds", "4", "--speed", "20", "--seed", "7", "--report", str(path), *sizes)

    assert done.returncode == 0, done.stderr
    report = json.loads(path.read_text())
    assert report["figures"]["agree"]
    assert report["figures"]["equity_live"].keys() == report["figures"]["equity_recomputed"].keys()
    assert set(report["recorded"]) == {"MT4", "MT5", "cTrader"}
    for server, status in report["bridges"].items():
        assert (status["gaps"], status["resyncs"]) == (0, 0)
        assert report["recorded"][server]["seq"] == status["seq"] > 0
    assert report["received"]["deltas_received"] == report["received"]["deltas_applied"] > 0
    assert report["received"]["ticks_received"] == report["received"]["ticks_applied"] > 0


def test_headless_without_an_end_is_refused_in_a_sentence() -> None:
    done = demo("--headless")

    assert done.returncode == 2
    assert done.stderr.strip() == "--headless: say with --seconds how long"


def test_a_missing_tick_file_and_an_unknown_person_are_named() -> None:
    assert demo("--ticks", "nowhere.csv", "--seconds", "1").stderr.strip() == "nowhere.csv: no such file"
    assert demo("--staff", "nobody", "--seconds", "1").stderr.strip().startswith("--staff: expected one of dana, ana")


def test_a_recording_with_a_bad_line_is_used_and_the_line_is_named(tmp_path: Path) -> None:
    file = tmp_path / "EURUSD_few.csv"
    file.write_text("ts_ms,bid,ask\n0,1.10000,1.10002\n500,abc,1.10010\n1000,1.10010,1.10012\n")
    sizes = ("--accounts", "60", "--positions", "200", "--symbols", "60")

    done = demo("--headless", "--seconds", "2", "--ticks", str(file), *sizes)

    assert done.returncode == 0, done.stderr
    assert "EURUSD_few.csv" in done.stderr
    assert "bid: expected a price like 1.08215, got 'abc'" in done.stderr


def test_a_file_that_is_no_recording_is_refused_before_anything_starts(tmp_path: Path) -> None:
    file = tmp_path / "NOPE.csv"
    file.write_text("x\n")

    done = demo("--ticks", str(file), "--seconds", "1")

    assert done.returncode == 2
    assert str(file) in done.stderr
    assert "Traceback" not in done.stderr
