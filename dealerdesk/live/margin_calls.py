"""Who came below their margin call or stop-out and who came back, as the frames pass. Memory of one run; decides
nothing: the calls are the platform's, these are seen from the desk's own figures.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from dealerdesk.live.frame import Frame
from dealerdesk.live.registry import Registry

KEPT = 2_000


class Standing(IntEnum):
    """Where an account stands; of two moments the higher number is the worse."""

    UNKNOWN = -1
    FINE = 0
    CALLED = 1
    STOPPED_OUT = 2


@dataclass(frozen=True, slots=True)
class Crossing:
    """An account that came from one standing to another; `level` is the margin level in percent just then."""

    time_us: int
    server: str
    login: int
    before: Standing
    after: Standing
    level: float


class CallLog:
    """The last crossings, newest last. An account that was already below its call at the first sight of it is written
    down with an unknown standing before."""

    def __init__(self) -> None:
        self.crossings: deque[Crossing] = deque(maxlen=KEPT)
        self.revision = 0
        self._standing: NDArray[np.int8] = np.zeros(0, np.int8)
        self._login: NDArray[np.int64] = np.zeros(0, np.int64)

    def look(self, state: Registry, frame: Frame) -> None:
        """Compares this frame's standings with those seen before."""
        now, login = standings(state, frame), state.accounts.login[: frame.count]
        before = np.full(frame.count, Standing.UNKNOWN, np.int8)
        known = min(len(self._standing), frame.count)
        # a slot that another account took over has no past
        same = self._login[:known] == login[:known]
        before[:known][same] = self._standing[:known][same]
        # what is not known now says nothing: the last that was known stays
        seen = np.where(now == Standing.UNKNOWN, before, now).astype(np.int8)
        crossed = (seen != before) & ~((before == Standing.UNKNOWN) & (seen == Standing.FINE))
        for slot in np.flatnonzero(crossed).tolist():
            self.crossings.append(
                Crossing(
                    frame.time_us,
                    state.accounts.server_name[slot],
                    int(login[slot]),
                    Standing(int(before[slot])),
                    Standing(int(seen[slot])),
                    float(frame.level[slot]),
                )
            )
        self.revision += bool(crossed.any())
        self._standing, self._login = seen, login.copy()


def standings(state: Registry, frame: Frame) -> NDArray[np.int8]:
    """The standing of every account slot: without margin nothing can be called."""
    count, accounts = frame.count, state.accounts
    found = np.full(count, Standing.FINE, np.int8)
    with np.errstate(invalid="ignore"):
        found[frame.level <= accounts.margin_call[:count]] = Standing.CALLED
        found[frame.level <= accounts.stop_out[:count]] = Standing.STOPPED_OUT
    unknown = ~accounts.alive[:count] | np.isnan(frame.equity) | np.isnan(frame.margin)
    found[unknown] = Standing.UNKNOWN
    return found
