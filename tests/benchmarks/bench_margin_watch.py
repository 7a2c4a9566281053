"""Measures what the margin watch asks of a beat at full load, beside one frame of the live engine in the same run.

    python tests/benchmarks/bench_margin_watch.py

300,000 positions in 45,000 accounts on three servers. Wall-clock milliseconds, medians: the distances of all accounts,
what would be closed first of one account in twenty, and a look at who crossed a margin call. No figure fails it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
from bench_engine import ACCOUNTS, NOW, build

from dealerdesk.live.frame import compute
from dealerdesk.live.margin_calls import CallLog
from dealerdesk.live.margin_watch import first_to_close, watch
from dealerdesk.trading import Platform

POSITIONS, TIMES = 300_000, 15
PLATFORMS = {"MT4": Platform.MT4, "MT5": Platform.MT5, "cTrader": Platform.CTRADER}


def main() -> None:
    """Builds the book, measures, prints."""
    state = build(POSITIONS)
    frame = compute(state, NOW)
    near = np.zeros(frame.count, np.bool_)
    near[::20] = True
    log = CallLog()
    bare = _median(lambda: compute(state, NOW))
    deeds: dict[str, Callable[[], object]] = {
        "distances of all accounts": lambda: watch(state, frame),
        "first to be closed, of 1 in 20": lambda: first_to_close(state, frame, near, PLATFORMS),
        "who crossed a margin call": lambda: log.look(state, frame),
    }
    print(f"one frame: {bare:.2f} ms ({POSITIONS:,} positions, {ACCOUNTS:,} accounts)")
    for name, deed in deeds.items():
        spent = _median(deed)
        print(f"{name}: {spent:.2f} ms, {spent / bare:.1f} frames")


def _median(deed: Callable[[], object]) -> float:
    spent = []
    for _ in range(TIMES):
        began = time.perf_counter()
        deed()
        spent.append((time.perf_counter() - began) * 1_000)
    return statistics.median(spent)


if __name__ == "__main__":
    main()
