"""The two sequence numbers of a FIX session, and the LP's day to which they belong.

`Numbers` is what a session needs of whoever keeps them; `MemoryNumbers` keeps them in memory, for sessions that begin
anew at each logon. Those of a trading session are on disk with its orders, see `order_store.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from dealerdesk.clock import from_us


class Numbers(Protocol):
    """`next_out` goes on our next message, `next_in` is expected on the LP's; both change in a transaction only."""

    next_out: int
    next_in: int
    day: str

    def transaction(self) -> AbstractContextManager[None]:
        """Keeps everything done within it, or, when an exception leaves it, nothing."""
        ...

    def reset(self, day: str) -> None:
        """Begins again at 1 and 1, for the LP's day `day`."""
        ...


class MemoryNumbers:
    """Numbers that do not outlive the process."""

    def __init__(self) -> None:
        self.next_out = 1
        self.next_in = 1
        self.day = ""

    @contextmanager
    def transaction(self) -> Iterator[None]:
        before = self.next_out, self.next_in, self.day
        try:
            yield
        except BaseException:
            self.next_out, self.next_in, self.day = before
            raise

    def reset(self, day: str) -> None:
        self.next_out, self.next_in, self.day = 1, 1, day


def day_of(time_us: int, zone: ZoneInfo, ends_at: time) -> str:
    """The LP's trading day at a moment, as YYYY-MM-DD of the date on which it began; it ends at `ends_at` there."""
    local = from_us(time_us).astimezone(zone)
    begun = local.date() if local.time() >= ends_at else local.date() - timedelta(days=1)
    return begun.isoformat()
