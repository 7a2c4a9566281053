"""What the desk measures of itself: frame times, painting, tick to paint, start. Numbers only, no opinion of them.

A sample set keeps the newest samples up to its capacity, so that a day at the desk costs no more memory than an hour.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np

CAPACITY = 65_536
STARTTIME_FIELD = 19
"""Place of `starttime` in /proc/self/stat, counted after the command's closing bracket."""


def process_started_s() -> float:
    """When this process was started, on the scale of `time.perf_counter`; the present where the system does not say."""
    now_s = time.perf_counter()
    try:
        after_name = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        since_boot_s = int(after_name[STARTTIME_FIELD]) / os.sysconf("SC_CLK_TCK")
        return now_s - (time.clock_gettime(time.CLOCK_BOOTTIME) - since_boot_s)
    except (OSError, AttributeError, ValueError, IndexError):
        return now_s


class Samples:
    """Durations in milliseconds, the newest `capacity` of them."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._ring = np.empty(capacity)
        self.count = 0
        self.last = float("nan")
        self.most = 0.0

    def add(self, value_ms: float) -> None:
        """One more sample."""
        self._ring[self.count % len(self._ring)] = value_ms
        self.count += 1
        self.last = value_ms
        self.most = max(self.most, value_ms)

    def clear(self) -> None:
        """Begins anew."""
        self.count = 0
        self.last = float("nan")
        self.most = 0.0

    def percentile(self, percent: float) -> float:
        """The percentile of the samples kept; nan when there are none."""
        kept = self._ring[: min(self.count, len(self._ring))]
        return float(np.percentile(kept, percent)) if len(kept) else float("nan")

    def summary(self) -> dict[str, float]:
        """Count, median, 90, 99 and 99.9 %, and the worst since the beginning, in ms."""
        if not self.count:
            return {"count": 0}
        places = {"p50": 50.0, "p90": 90.0, "p99": 99.0, "p999": 99.9}
        found = {name: round(self.percentile(percent), 3) for name, percent in places.items()}
        return {"count": self.count, **found, "max": round(self.most, 3)}


class Measures:
    """All that one desk measures. `begin` forgets the time of loading: steady figures are not mixed with it."""

    def __init__(self) -> None:
        self.window_s = float("nan")
        self.bridges_s = float("nan")
        self.first_figure_s = float("nan")
        self.first_exposure_s = float("nan")
        self.complete_s = float("nan")
        self.interval_ms = Samples()
        self.frame_cpu_ms = Samples()
        self.work_ms = Samples()
        self.paint_ms = Samples()
        self.compute_ms = Samples()
        self.tick_to_paint_ms = Samples()
        self.panel_ms: dict[str, Samples] = {}

    def begin(self) -> None:
        """Starts the samples anew; the moments of the start stay."""
        fixed = (
            self.interval_ms,
            self.frame_cpu_ms,
            self.work_ms,
            self.paint_ms,
            self.compute_ms,
            self.tick_to_paint_ms,
        )
        for samples in (*fixed, *self.panel_ms.values()):
            samples.clear()

    def panel(self, name: str) -> Samples:
        """The samples of one panel's beat, in ms of the thread's own time."""
        return self.panel_ms.setdefault(name, Samples(4_096))

    def summary(self) -> dict[str, object]:
        """Everything as plain data. The moments of the start count from the process's own start: window painted,
        bridges listening, first live price painted, first server's accounts and exposure painted, all bridges'
        snapshots loaded.

        `frame` is the wall time from one beat to the next, `frame_cpu` what the Qt thread itself used of it, `work`
        what the beat did, `paint` what painting took, `panel` the thread's own time in each panel's beat; all in ms.
        """
        return {
            "window_s": round(self.window_s, 3),
            "bridges_s": round(self.bridges_s, 3),
            "first_figure_s": round(self.first_figure_s, 3),
            "first_exposure_s": round(self.first_exposure_s, 3),
            "complete_s": round(self.complete_s, 3),
            "frame_ms": self.interval_ms.summary(),
            "frame_cpu_ms": self.frame_cpu_ms.summary(),
            "work_ms": self.work_ms.summary(),
            "paint_ms": self.paint_ms.summary(),
            "compute_ms": self.compute_ms.summary(),
            "tick_to_paint_ms": self.tick_to_paint_ms.summary(),
            "panel_ms": {name: samples.summary() for name, samples in sorted(self.panel_ms.items())},
        }
