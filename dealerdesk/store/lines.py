"""The open lines to a PostgreSQL server, so that one that has gone silent can be cut from outside. No time here.

A thread that waits for an answer which will never come (the server vanished, a firewall forgot the connection) waits
for as long as the operating system lets it. Whoever watches the clock cuts the line; the thread then has its answer:
DatabaseUnavailable. On SQLite there is no line to cut.
"""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from typing import Any

from sqlalchemy import Engine, event


class Lines:
    """The lines that an engine has open; to be made before the engine connects for the first time."""

    def __init__(self, engine: Engine) -> None:
        self._open: dict[int, Any] = {}
        self._lock = threading.Lock()
        if engine.dialect.name == "postgresql":
            event.listen(engine, "connect", self._connected)
            event.listen(engine, "close", self._closed)

    def cut(self) -> int:
        """Ends every open line at once, from any thread; returns how many. The next work connects anew."""
        with self._lock:
            lines, self._open = tuple(self._open.values()), {}
        for line in lines:
            _cut(line)
        return len(lines)

    def _connected(self, connection: Any, _record: object) -> None:
        with self._lock:
            self._open[id(connection)] = connection

    def _closed(self, connection: Any, _record: object) -> None:
        with self._lock:
            self._open.pop(id(connection), None)


def _cut(connection: Any) -> None:
    # the socket itself belongs to libpq in another thread: a copy of its number is shut down, never closed there
    with suppress(OSError):
        number = os.dup(connection.fileno())
        with socket.socket(fileno=number) as line:
            line.shutdown(socket.SHUT_RDWR)
