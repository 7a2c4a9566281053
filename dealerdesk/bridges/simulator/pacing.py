"""When a simulated server should take its next step, by the wall clock and the speed. Arithmetic only."""

from __future__ import annotations

from dataclasses import dataclass

from dealerdesk.clock import MINUTE_US, SECOND_US

LAG_MAX_US = 15 * MINUTE_US
"""Of simulated time: further behind than this the rest is left out, and the simulation goes on from where it is."""


@dataclass(slots=True)
class Pace:
    """Simulated time is `start_us` when the wall clock reads `wall_us`, and runs `speed` times as fast."""

    start_us: int
    wall_us: int
    speed: float

    def due_us(self, wall_us: int) -> int:
        """Where simulated time should be."""
        return self.start_us + int((wall_us - self.wall_us) * self.speed)

    def wait_s(self, step_end_us: int, wall_us: int) -> float:
        """Seconds until a step that ends at `step_end_us` may be taken; 0 or less when it is due."""
        return (step_end_us - self.due_us(wall_us)) / self.speed / SECOND_US

    def forgive(self, time_us: int, wall_us: int) -> int:
        """Moves the pace when simulated time is too far behind; returns the µs of wall clock that were left out."""
        if self.due_us(wall_us) - time_us <= LAG_MAX_US:
            return 0
        before = self.wall_us
        self.wall_us = wall_us - int((time_us - self.start_us) / self.speed)
        return self.wall_us - before
