from __future__ import annotations

from pathlib import Path

import numpy as np

from dealerdesk.desk.chart.export import write_bars_csv, write_series_csv
from dealerdesk.desk.chart.series import Bar, Series

START_S = 1_773_352_800.0
NET, PNL = Series("net", "Net"), Series("pnl", "=P&L")


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8-sig").splitlines()


def test_series_of_the_same_moments_stand_side_by_side(tmp_path: Path) -> None:
    x = START_S + np.arange(2.0)
    points = {"net": (x, np.array([1.0, 2.0])), "pnl": (x.copy(), np.array([3.0, 4.0]))}
    write_series_csv([NET, PNL], points, tmp_path / "a.csv")

    assert lines(tmp_path / "a.csv") == [
        "Time UTC,Net,'=P&L",
        "2026-03-12 22:00:00.000,1.0,3.0",
        "2026-03-12 22:00:01.000,2.0,4.0",
    ]


def test_series_of_other_moments_stand_one_below_the_other(tmp_path: Path) -> None:
    points = {"net": (np.array([START_S]), np.array([1.0])), "pnl": (np.array([START_S + 1]), np.array([3.0]))}
    write_series_csv([NET, PNL], points, tmp_path / "a.csv")

    assert lines(tmp_path / "a.csv") == [
        "Time UTC,Series,Value",
        "2026-03-12 22:00:00.000,Net,1.0",
        "2026-03-12 22:00:01.000,'=P&L,3.0",
    ]


def test_bars_are_names_and_values(tmp_path: Path) -> None:
    write_bars_csv([Bar(1, "EURUSD", -12.5), Bar(2, "@x", 1.0)], tmp_path / "b.csv")

    assert lines(tmp_path / "b.csv") == ["Name,Value", "EURUSD,-12.5", "'@x,1.0"]
