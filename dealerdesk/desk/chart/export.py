"""The points of charts as CSV: one line a moment where all series share their moments, else one line a point."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dealerdesk.clock import from_us
from dealerdesk.desk.chart.series import Bar, Floats, Series
from dealerdesk.desk.table.export import harmless

Points = Mapping[str, tuple[Floats, Floats]]


def write_series_csv(series: Sequence[Series], data: Points, path: Path) -> None:
    """Writes every point; raises OSError where the file cannot be written."""
    known = [one for one in series if one.key in data]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        times = [data[one.key][0] for one in known]
        if times and all(np.array_equal(times[0], other) for other in times[1:]):
            writer.writerow(["Time UTC", *(harmless(one.title) for one in known)])
            columns = [data[one.key][1].tolist() for one in known]
            writer.writerows(zip(_moments(times[0]), *columns, strict=True))
            return
        writer.writerow(["Time UTC", "Series", "Value"])
        for one in known:
            x, y = data[one.key]
            writer.writerows((at, harmless(one.title), v) for at, v in zip(_moments(x), y.tolist(), strict=True))


def write_bars_csv(bars: Sequence[Bar], path: Path) -> None:
    """Writes labels and values; raises OSError where the file cannot be written."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Name", "Value"])
        writer.writerows((harmless(bar.label), bar.value) for bar in bars)


def _moments(seconds: Floats) -> Iterator[Any]:
    for second in seconds.tolist():
        yield from_us(round(second * 1e6)).isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")
