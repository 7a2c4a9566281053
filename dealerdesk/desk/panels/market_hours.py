"""Which symbols trade now, and which are late: open, and silent for longer than their own limit. No widgets."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dealerdesk.clock import DAY_US, MINUTE_US
from dealerdesk.desk.table.rows import Mask
from dealerdesk.instruments import is_open
from dealerdesk.live.frame import Frame
from dealerdesk.live.state import LiveState

WEEK_MINUTES = 7 * 24 * 60
MONDAY_DAYS = 4
"""The first Monday after 1 January 1970, a Thursday, was four days later."""


def weekly_minute(time_us: int) -> int:
    """The minute since Monday 00:00 UTC."""
    return (time_us - MONDAY_DAYS * DAY_US) // MINUTE_US % WEEK_MINUTES


class MarketHours:
    """Trading sessions of all symbols, looked up once a minute and when symbols come or go."""

    def __init__(self, state: LiveState) -> None:
        self._state = state
        self._known = (-1, -1)
        self._open = np.ones(0, dtype=np.bool_)

    def trading(self, frame: Frame) -> Mask:
        """Whether a session of each symbol slot of the frame is open. A symbol without sessions always trades."""
        count, minute = len(frame.bid), weekly_minute(frame.time_us)
        if (minute, self._state.version.structure) != self._known or len(self._open) != count:
            self._known = minute, self._state.version.structure
            records = self._state.symbols.record[:count]
            opened = (record is None or not record.sessions or is_open(record, minute) for record in records)
            self._open = np.fromiter(opened, np.bool_, count)
        return self._open

    def late(self, frame: Frame) -> Mask:
        """Which symbols trade but have been silent for longer than their limit."""
        late: Mask = (self.age_ms(frame) > self._state.symbols.stale_after_ms[: len(frame.bid)]) & self.trading(frame)
        return late

    def age_ms(self, frame: Frame) -> npt.NDArray[np.float64]:
        """How long ago each symbol's quote arrived, nought for one newer than the frame; nan where none has."""
        received = self._state.symbols.received_us[: len(frame.bid)]
        return np.where(received > 0, np.maximum(frame.time_us - received, 0) / 1_000.0, np.nan)
