"""The desk's line to the database: one thread that does its work in order, and a watch on how long an answer takes.

Knows nothing of what is asked. Work that gets no answer is cut off rather than waited for: a connection that has died
without being closed would otherwise hold the desk for as long as the operating system lets it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

SILENT_S = 8.0
LOOK_EVERY_S = 0.5
RETRY_FIRST_S = 0.5
RETRY_MAX_S = 8.0


class Line:
    """One thread; `busy_s` is how long the work in hand has been waiting for the database, in seconds."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        self._begun_s: float | None = None

    @property
    def busy_s(self) -> float:
        """0 when nothing is being done."""
        begun_s = self._begun_s
        return 0.0 if begun_s is None else time.monotonic() - begun_s

    async def do(self, work: Callable[[], T]) -> T:
        """What `work` returns, done in the thread after everything that was asked before."""
        return await asyncio.wrap_future(self._thread.submit(self._timed, work))

    async def watch(self, on_silence: Callable[[], None]) -> None:
        """Calls `on_silence` once for each piece of work that has waited for eight seconds; until cancelled."""
        told_of: float | None = None
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            begun_s = self._begun_s
            if begun_s is not None and begun_s != told_of and self.busy_s >= SILENT_S:
                told_of = begun_s
                on_silence()

    def close(self) -> None:
        """Lets the work in hand end."""
        self._thread.shutdown()

    def _timed(self, work: Callable[[], T]) -> T:
        self._begun_s = time.monotonic()
        try:
            return work()
        finally:
            self._begun_s = None


def retry_pause_s(failures: int, chance: random.Random) -> float:
    """How long to wait after so many failures in a row: half a second to eight, and never for all desks alike."""
    return chance.uniform(
        RETRY_FIRST_S, max(2 * RETRY_FIRST_S, min(RETRY_MAX_S, RETRY_FIRST_S * 2.0 ** min(failures, 8)))
    )
