"""A TCP proxy that loses the end of a conversation: it passes so many bytes of the answers, then cuts the line."""

from __future__ import annotations

import socket
import threading
from types import TracebackType
from typing import Self


class CuttingProxy:
    """Before one port of this machine. `cut_after` arms it for whatever is or will be connected; None disarms it."""

    def __init__(self, port: int) -> None:
        self.cut_after: int | None = None
        self.passed = 0
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._sockets: list[socket.socket] = []

    def arm(self, bytes_of_answers: int | None) -> None:
        """Counts from now."""
        self.passed = 0
        self.cut_after = bytes_of_answers

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # shutting down, rather than closing, wakes the thread that waits in accept
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._sockets:
            _cut(end)
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                near, _address = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._target))
            self._sockets += [near, far]
            for work in (self._pass_questions, self._pass_answers):
                thread = threading.Thread(target=work, args=(near, far), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _pass_questions(self, near: socket.socket, far: socket.socket) -> None:
        try:
            while data := near.recv(65_536):
                far.sendall(data)
        except OSError:
            pass
        _cut(near, far)

    def _pass_answers(self, near: socket.socket, far: socket.socket) -> None:
        try:
            while data := far.recv(65_536):
                limit = self.cut_after
                left = len(data) if limit is None else max(0, limit - self.passed)
                near.sendall(data[:left])
                self.passed += len(data)
                if left < len(data):
                    break
        except OSError:
            pass
        _cut(near, far)


def _cut(*ends: socket.socket) -> None:
    for end in ends:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue
        finally:
            end.close()
