"""Pings: how one end of a connection knows that the other still answers. No clock of its own, no I/O.

A ping goes out every 5 s; one that is not answered is repeated sooner, and three in a row mean a dead connection, so
a peer that vanished is noticed within 10 s. Only pings that were really sent are counted: a process that was held up
does not take its own silence for the peer's.
"""

from __future__ import annotations

from dealerdesk.bridges.protocol import DEAD_AFTER_PINGS, PING_EVERY_S, Ping, Pong

REPEAT_AFTER_S = 1.5


class Pulse:
    """Times in seconds of a monotonic clock."""

    def __init__(self, now_s: float) -> None:
        self.latency_s: float | None = None
        self._unanswered: dict[int, float] = {}
        self._last_s = now_s
        self._number = 0

    def due(self, now_s: float, time_us: int) -> Ping | None:
        """The ping to send now, if any; `time_us` is what the other end will return."""
        wait_s = REPEAT_AFTER_S if self._unanswered else PING_EVERY_S
        if self._number and now_s - self._last_s < wait_s:
            return None
        if self.is_dead(now_s):
            return None
        self._number += 1
        self._last_s = now_s
        self._unanswered[self._number] = now_s
        return Ping(id=self._number, time_us=time_us)

    def answered(self, pong: Pong, now_s: float) -> bool:
        """Takes a pong; False for one that answers nothing outstanding."""
        sent_s = self._unanswered.get(pong.id)
        if sent_s is None:
            return False
        self.latency_s = now_s - sent_s
        self._unanswered.clear()
        return True

    def is_dead(self, now_s: float) -> bool:
        """Whether three pings in a row went unanswered, the last of them long enough ago."""
        return len(self._unanswered) >= DEAD_AFTER_PINGS and now_s - self._last_s >= REPEAT_AFTER_S
