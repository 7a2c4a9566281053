"""The short form of `bench_desks.py`: twenty desks on one PostgreSQL; its times are the benchmark's business."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from benchmarks.bench_desks import run


def test_twenty_desks_lose_nothing_double_nothing_and_see_everything() -> None:
    folder = Path(tempfile.mkdtemp(prefix="dealerdesk-desks-"))
    try:
        figures = run(desks=20, seconds=3.0, folder=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)

    assert figures["commands"] >= 4
    assert (figures["lost"], figures["doubled"], figures["unseen"]) == (0, 0, 0)
