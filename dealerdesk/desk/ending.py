"""What it does when the operating system tells the program to end: an orderly end, as when the person leaves.

A closed terminal, Ctrl+C and a stopped session all come here. What was started ignoring one of them goes on doing so.
Nothing helps against being killed; children end with their parent even then.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

NUMBERS = tuple(
    getattr(signal, name)
    for name in ("SIGTERM", "SIGINT", "SIGHUP")
    if hasattr(signal, name)  # no SIGHUP on Windows
)
ENDED = 128 + signal.SIGTERM
"""The exit code of what was told to end before it stood."""


@contextmanager
def told_to_end(leave: Callable[[], None]) -> Iterator[None]:
    """Calls `leave` each time the process is told to end, in the main thread, where this must be entered too."""

    def take(_number: int, _frame: FrameType | None) -> None:
        leave()

    before = {number: signal.getsignal(number) for number in NUMBERS}
    heard = [number for number, handler in before.items() if handler is not signal.SIG_IGN]
    for number in heard:
        signal.signal(number, take)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number])


class LeaveLater:
    """For the time in which nothing can be left yet: remembers that the process was told to end.

    While Qt is being set up nothing may be raised out of a signal: Qt's bindings would swallow it and break.
    """

    def __init__(self) -> None:
        self._leave: Callable[[], None] | None = None
        self._was_told = False

    def __call__(self) -> None:
        self._was_told = True
        if self._leave is not None:
            self._leave()

    def by(self, leave: Callable[[], None]) -> None:
        """From now on this leaves, at once if the process was told to end already."""
        self._leave = leave
        if self._was_told:
            leave()


def leave_at_once() -> None:
    """Ends the program from wherever it is, through everything that was entered; not for a time in which Qt works."""
    raise SystemExit(ENDED)
