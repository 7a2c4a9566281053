"""A TCP proxy that behaves like a bad network: it lets pass, slows down, cuts in slices, or swallows without a word.

What it does may be changed at any time and holds for every connection, those that stand and those to come. A swallowed
byte is gone for good: the connection stands, and nothing more is heard over it.
"""

from __future__ import annotations

import random
import socket
import threading
from enum import StrEnum
from types import TracebackType
from typing import Self

SLICE_BYTES_MAX = 7


class Mood(StrEnum):
    PASSING = "passing"
    SLOW = "slow"
    SLICING = "slicing"
    SWALLOWING = "swallowing"
    REFUSING = "refusing"


class CloggedProxy:
    """Before one port of this machine; `cut` ends every connection at once."""

    def __init__(self, port: int, seed: int = 1) -> None:
        self.mood = Mood.PASSING
        self._chance = random.Random(seed)
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._ends: list[socket.socket] = []
        self._leaving = threading.Event()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def cut(self) -> None:
        """Every connection that stands breaks off."""
        ends, self._ends = self._ends, []
        for end in ends:
            _shut(end)

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.set()
        _shut(self._listener)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            if self.mood is Mood.REFUSING:
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                near.close()
                continue
            self._ends += [near, far]
            for here, there in ((near, far), (far, near)):
                thread = threading.Thread(target=self._pass_on, args=(here, there), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _pass_on(self, here: socket.socket, there: socket.socket) -> None:
        try:
            while data := here.recv(65_536):
                self._send(there, data)
        except OSError:
            pass  # the other end has gone: so does this one
        for end in (here, there):
            _shut(end)
        here.close()

    def _send(self, there: socket.socket, data: bytes) -> None:
        match self.mood:
            case Mood.SWALLOWING:
                return
            case Mood.SLOW:
                self._leaving.wait(self._chance.uniform(0.01, 0.05))
                there.sendall(data)
            case Mood.SLICING:
                while data:
                    count = self._chance.randint(1, SLICE_BYTES_MAX)
                    there.sendall(data[:count])
                    data = data[count:]
            case _:
                there.sendall(data)


def _shut(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
