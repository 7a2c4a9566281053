"""Keeps the log of margin calls and stop-outs while the desk runs, whichever panels are in view. Draws nothing."""

from __future__ import annotations

from dealerdesk.clock import SECOND_US
from dealerdesk.live.frame import Frame
from dealerdesk.live.margin_calls import CallLog
from dealerdesk.live.registry import Registry


class CallWatch:
    """Looks once a second: a crossing shorter than that is the platform's to tell."""

    name = "margin-calls"

    def __init__(self, state: Registry, log: CallLog) -> None:
        self._state = state
        self._log = log
        self._looked_us = 0

    def beat(self, frame: Frame) -> None:
        """Looks at the newest figures if a second has passed."""
        if not 0 <= frame.time_us - self._looked_us < SECOND_US:
            self._looked_us = frame.time_us
            self._log.look(self._state, frame)
