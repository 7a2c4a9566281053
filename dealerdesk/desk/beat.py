"""The desk's one beat: applies what came in, computes the figures when something changed, has visible panels draw.

A beat comes about sixty times a second; figures are computed about thirty times a second at most. Panels take turns:
the work of one set of figures is spread evenly over the beats until the next, so that one beat with its painting stays
within a frame however much news there is. Signals and tasks play no part: a tick only ever writes a price.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer

from dealerdesk.live.frame import Frame, compute

if TYPE_CHECKING:
    from dealerdesk.clock import Clock
    from dealerdesk.desk.feed import Feed
    from dealerdesk.desk.measures import Measures
    from dealerdesk.live.history import History
    from dealerdesk.live.state import LiveState

BEAT_MS = 16
DRAIN_S = 0.006
DRAW_BUDGET_MS = 12.0
IDLE_FRAME_S = 0.5
"""Figures are computed this often even when nothing changed: ages grow."""
ASSUMED_MS = 4.0
WORK_SHARE_MAX = 0.6
"""Figures come more slowly where computing and drawing them would take more than this share of the thread's time."""


class Drawer(Protocol):
    """What is drawn on the beat: a panel, the tiles."""

    @property
    def name(self) -> str: ...

    def beat(self, frame: Frame) -> None: ...


class Beat(QObject):
    """Owns the timer, the newest frame and the turn of the drawers."""

    def __init__(
        self,
        state: LiveState,
        feed: Feed,
        clock: Clock,
        measures: Measures,
        sampler: History,
        drawers: Callable[[], Sequence[Drawer]],
        is_whole: Callable[[], bool],
        frame_every_s: float,
        work_share_max: float = WORK_SHARE_MAX,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.frame = compute(state, clock())
        self.frames = 0
        self._state = state
        self._feed = feed
        self._clock = clock
        self._measures = measures
        self._sampler = sampler
        self._drawers = drawers
        self._is_whole = is_whole
        self._frame_every_s = frame_every_s
        self._work_share_max = work_share_max
        self._due: deque[Drawer] = deque()
        self._cost_ms: dict[str, float] = {}
        self._drawn: list[tuple[str, float]] = []
        self._seen = (-1, -1, -1, -1)
        self._computed_s = 0.0
        self._round_ms = 0.0
        self._beats_per_round = max(1, round(1000 * frame_every_s / BEAT_MS))
        self._budget_ms = DRAW_BUDGET_MS
        self._unpainted_us: int | None = None
        self._framed_us = 0
        self._painted_us = 0
        self._last_s = 0.0
        self._last_cpu_s = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.tick)

    def start(self) -> None:
        """Beats from now on."""
        self._last_s, self._last_cpu_s = time.perf_counter(), time.thread_time()
        self._timer.start(BEAT_MS)

    def stop(self) -> None:
        """Beats no more; what is drawn stays."""
        self._timer.stop()

    @property
    def round_ms(self) -> float:
        """What the newest frame has cost so far: computing it, drawing and painting it."""
        return self._round_ms

    @property
    def shows_prices(self) -> bool:
        """Whether the newest frame has a price and all have drawn it."""
        return self.frames > 0 and not self._due and bool(np.isfinite(self.frame.bid).any())

    @property
    def is_running(self) -> bool:
        return self._timer.isActive()

    def tick(self) -> None:
        """One beat."""
        start_s = time.perf_counter()
        self._note_frame(start_s)
        self._close_latency()
        self._feed.drain(DRAIN_S)
        if not self._due and self._is_time(start_s):
            self.recompute()
            self._due.extend(self._drawers())
            self._budget_ms = self._fair_share_ms()
        self._draw()
        self._budget_ms = DRAW_BUDGET_MS
        self._measures.work_ms.add((time.perf_counter() - start_s) * 1000)

    def recompute(self) -> Frame:
        """Computes the figures now and returns them."""
        start_s = time.perf_counter()
        oldest = self._feed.take_oldest_unpainted_us()
        if self._unpainted_us is None:
            self._unpainted_us = oldest
        self._seen = self._version()
        self.frame = compute(self._state, self._clock())
        if self._is_whole():
            # the session's lines begin when no server is missing: sums over some of them would look like a jump
            self._sampler.sample(self._state, self.frame)
        self._computed_s = start_s
        self._framed_us = self._clock()
        self.frames += 1
        self._round_ms = (time.perf_counter() - start_s) * 1000
        self._measures.compute_ms.add(self._round_ms)
        return self.frame

    def draw_now(self, drawer: Drawer) -> None:
        """Has a drawer that has just become visible draw the newest frame at once."""
        drawer.beat(self.frame)

    def painted(self, spent_ms: float) -> None:
        """The window tells that it has painted, and how long it took: closes the measurement of the oldest quote."""
        self._measures.paint_ms.add(spent_ms)
        self._round_ms += spent_ms
        self._learn(spent_ms)
        self._painted_us = self._clock()
        self._close_latency()

    def _close_latency(self) -> None:
        """Once all have drawn the newest frame, the oldest quote in it was seen with the last painting since. Also
        looked at on the next beat: the last drawer often has nothing to paint, and painting was before its turn."""
        if self._due or self._unpainted_us is None or self._painted_us < self._framed_us:
            return
        self._measures.tick_to_paint_ms.add((self._painted_us - self._unpainted_us) / 1000)
        self._unpainted_us = None

    def _learn(self, painting_ms: float) -> None:
        """Shares out what painting took among those drawn since, and remembers what each costs."""
        for name, own_ms in self._drawn:
            known = self._cost_ms.get(name, ASSUMED_MS)
            self._cost_ms[name] = known + 0.2 * (own_ms + painting_ms / len(self._drawn) - known)
        self._drawn.clear()

    def _fair_share_ms(self) -> float:
        """What may be drawn in the beat that has just computed, so that the round's other beats have as much to do."""
        drawing_ms = sum(self._cost_ms.get(drawer.name, ASSUMED_MS) for drawer in self._due)
        share_ms = (self._round_ms + drawing_ms) / self._beats_per_round - self._round_ms
        # half a panel more rather than a whole one less
        return min(share_ms + drawing_ms / max(1, len(self._due)) / 2, DRAW_BUDGET_MS)

    def _draw(self) -> None:
        self._learn(0.0)
        planned_ms = 0.0
        while self._due:
            drawer = self._due[0]
            planned_ms += self._cost_ms.get(drawer.name, ASSUMED_MS)
            if planned_ms > self._budget_ms and self._drawn:
                return
            # taken off first: a drawer that raises is reported by Qt and does not hold up the others
            self._due.popleft()
            start_s = time.thread_time()
            drawer.beat(self.frame)
            spent_ms = (time.thread_time() - start_s) * 1000
            self._round_ms += spent_ms
            self._measures.panel(drawer.name).add(spent_ms)
            self._drawn.append((drawer.name, spent_ms))

    def _is_time(self, now_s: float) -> bool:
        since_s = now_s - self._computed_s
        if self._version() == self._seen:
            return since_s >= IDLE_FRAME_S
        return since_s >= max(self._frame_every_s, self._round_ms / 1000 / self._work_share_max)

    def _version(self) -> tuple[int, int, int, int]:
        version = self._state.version
        return (version.structure, version.accounts, version.positions, version.quotes)

    def _note_frame(self, now_s: float) -> None:
        cpu_s = time.thread_time()
        self._measures.interval_ms.add((now_s - self._last_s) * 1000)
        self._measures.frame_cpu_ms.add((cpu_s - self._last_cpu_s) * 1000)
        self._last_s, self._last_cpu_s = now_s, cpu_s
