"""Upgrades a database and kills itself before its N-th statement (argument 2); prints how many there were otherwise."""

from __future__ import annotations

import os
import signal
import sys

from sqlalchemy import Engine, event

from dealerdesk.store.migrate import upgrade

count = 0


def count_down(*_: object) -> None:
    """One statement more."""
    global count
    count += 1
    if count == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    event.listen(Engine, "before_cursor_execute", count_down)
    event.listen(Engine, "commit", count_down)
    upgrade(sys.argv[1])
    sys.stdout.write(str(count))
