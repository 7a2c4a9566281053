"""Has Python's cyclic garbage collected in the Qt thread alone, between beats, and a little at a time.

Also gives memory back to the system once what a start needed is over.

Left to itself the collector runs in whichever thread happens to allocate, the database's for instance; a Qt object that
dies there takes its timers down with it while Qt still counts on them, and the program crashes. It frees nothing else.
"""

from __future__ import annotations

import ctypes
import gc
import linecache
import sys
import time

from PySide6.QtCore import QObject, QTimer

from dealerdesk.desk.measures import Samples

LOOK_MS = 250
YOUNG_OBJECTS_MAX = 2_000
MIDDLE_EVERY = 8
OLD_EVERY = 960
"""The oldest generation is looked through every four minutes."""


def forget_sources() -> None:
    """Gives back the text of every module imported so far: Qt's bindings read it, and Python keeps what was read."""
    linecache.clearcache()


def keep_what_is_loaded() -> None:
    """After the snapshots: what stays is never looked through again, what they took besides is given back.

    Where the C library cannot give free memory back (it is not glibc), it stays with the process.
    """
    forget_sources()
    gc.collect()
    gc.freeze()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


class Collector(QObject):
    """Switches automatic collection off while it runs, and on again when it stops."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.spent_ms = Samples(4_096)
        self._looks = 0
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """From now on nothing is collected but by `look`."""
        gc.disable()
        self._timer.start(LOOK_MS)

    def stop(self) -> None:
        """Leaves collecting to Python again."""
        self._timer.stop()
        gc.enable()

    def look(self) -> None:
        """Collects the young where there are many, the middle-aged now and then, the old seldom."""
        self._looks += 1
        if self._looks % OLD_EVERY == 0:
            self._collect(2)
        elif self._looks % MIDDLE_EVERY == 0:
            self._collect(1)
        elif gc.get_count()[0] > YOUNG_OBJECTS_MAX:
            self._collect(0)

    def _collect(self, generation: int) -> None:
        start_s = time.perf_counter()
        gc.collect(generation)
        self.spent_ms.add((time.perf_counter() - start_s) * 1000)
