"""Whether the hub is heard of, whatever the clocks say: by its beats, and by when this desk last saw a new one.

A beat is stamped by the hub's clock and read by the desk's. So it counts as old as the wider of two ages: that by the
database's clock, and that since a new beat was last seen here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dealerdesk.clock_gap import ClockGap

if TYPE_CHECKING:
    from dealerdesk.store.queries import HubStatus

SILENT_US = 5_000_000


class HubPulse:
    """What the hub said of its recorders at the last look, in `statuses`."""

    def __init__(self) -> None:
        self.statuses: tuple[HubStatus, ...] = ()
        self.gap: ClockGap | None = None
        """Between this machine's clock and the database's; None where they are the same machine's."""
        self._newest_us = 0
        self._seen_s = 0.0

    def take(self, statuses: Sequence[HubStatus], gap: ClockGap | None, now_s: float) -> None:
        """Takes what a look brought; `now_s` is a monotonic clock's."""
        self.statuses = tuple(statuses)
        self.gap = gap
        newest_us = max((status.beat_us for status in statuses), default=0)
        if newest_us != self._newest_us:
            self._newest_us, self._seen_s = newest_us, now_s

    def is_alive(self, now_us: int, now_s: float) -> bool:
        """Whether it has been heard of within five seconds."""
        if not self.statuses:
            return False
        by_clock_us = self.there_us(now_us) - self._newest_us
        return by_clock_us < SILENT_US and now_s - self._seen_s < SILENT_US / 1e6

    def there_us(self, now_us: int) -> int:
        """The latest that it can be by the database's clock when it is `now_us` here."""
        return now_us if self.gap is None else self.gap.there_us(now_us)
