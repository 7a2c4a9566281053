"""The log of margin calls is kept whichever panels are in view."""

from __future__ import annotations

from dealerdesk.clock import SECOND_US
from dealerdesk.desk.call_watch import CallWatch
from dealerdesk.live.frame import compute
from dealerdesk.live.margin_calls import CallLog
from dealerdesk.live.state import LiveState

from .conftest import NOW_US


class CountingLog(CallLog):
    def __init__(self) -> None:
        super().__init__()
        self.looked: list[int] = []

    def look(self, state: object, frame: object) -> None:
        self.looked.append(frame.time_us)  # type: ignore[attr-defined]


def test_the_log_looks_once_a_second(state: LiveState) -> None:
    log = CountingLog()
    watch = CallWatch(state, log)
    for later_us in (0, SECOND_US // 2, SECOND_US, SECOND_US + 1, 2 * SECOND_US):
        watch.beat(compute(state, NOW_US + later_us))

    assert [looked - NOW_US for looked in log.looked] == [0, SECOND_US, 2 * SECOND_US]


def test_a_clock_that_was_set_back_does_not_stop_it(state: LiveState) -> None:
    log = CountingLog()
    watch = CallWatch(state, log)
    watch.beat(compute(state, NOW_US))
    watch.beat(compute(state, NOW_US - 60 * SECOND_US))

    assert len(log.looked) == 2
