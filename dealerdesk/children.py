"""The processes that a workstation starts and keeps running: bridges over simulated servers, and the hub.

A child reads its configuration, keys included, as one line of JSON on its standard input, says in one line on its
standard output that it is ready, and ends when its standard input does: so none outlives its parent. Its log goes to a
file. This module knows no protocol and no Qt.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

COMMAND = (sys.executable, "-m", "dealerdesk")
STOP_TIMEOUT_S = 10.0


class ChildError(RuntimeError):
    """A child ended, or said something else than that it is ready; the text says where its log is."""


class Child:
    """One child process. `start` may be called again after it died: it gets the same configuration."""

    def __init__(self, arguments: tuple[str, ...], config: msgspec.Struct, log: Path) -> None:
        self.arguments = arguments
        self.config = config
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process id while the child runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start the process and hand it its configuration; returns at once."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*COMMAND, *self.arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self.say(self.config)

    def say(self, message: msgspec.Struct | Mapping[str, Any]) -> None:
        """Write one line of JSON to the child; a child that has ended is left for `ready` or `pid` to find out."""
        assert self._process is not None
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(msgspec.json.encode(message) + b"\n")
            self._process.stdin.flush()

    def ready(self) -> dict[str, Any]:
        """Wait for the child's line and return it (blocking); raises ChildError when it ended instead."""
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        try:
            said = msgspec.json.decode(line)
        except msgspec.DecodeError as error:
            raise ChildError(f"{' '.join(self.arguments)} did not start; its log is {self.log}") from error
        if not isinstance(said, dict):
            raise ChildError(f"{' '.join(self.arguments)}: expected an object, got {said!r}; its log is {self.log}")
        return said

    def stop(self) -> None:
        """End the child: its input closes, then after a while the process is killed."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None
