"""The processes that a workstation starts and keeps running: bridges over simulated servers, and the hub.

A child reads its configuration, keys included, as one line of JSON on its standard input, says in one line on its
standard output that it is ready, and ends when its standard input does: so none outlives its parent. Its log goes to a
file. This module knows no protocol and no Qt.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import msgspec
import structlog

from dealerdesk.config import CannotStartError

COMMAND = (sys.executable, "-m", "dealerdesk")
STOP_TIMEOUT_S = 10.0
LOOK_EVERY_S = 1.0
WORDS_MAX = 300

log = structlog.get_logger(__name__)


class ChildError(CannotStartError):
    """A child ended, or said something else than that it is ready. `what` says which and its last words; the text
    also where its log is."""

    def __init__(self, what: str, log: Path) -> None:
        super().__init__(f"{what} Its log is {log}")
        self.what = what


class LogLine(msgspec.Struct, frozen=True):
    """What is read of a line of a child's log."""

    event: str


class Child:
    """One child process, called `name` to a person. One that died may be revived: it gets the same configuration."""

    def __init__(self, name: str, arguments: tuple[str, ...], config: msgspec.Struct, log: Path) -> None:
        self.name = name
        self.arguments = arguments
        self.config = config
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

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
                # a terminal's Ctrl+C is for the parent, who ends its children in order
                start_new_session=True,
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
        if not line:
            # it has closed its output; what it still writes into its log comes before its end
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_TIMEOUT_S)
            raise ChildError(f"{self.name} did not start. {_last_words(self.log)}", self.log)
        try:
            return msgspec.json.decode(line, type=dict[str, Any])
        except msgspec.DecodeError as error:
            raise ChildError(f"{self.name} did not start. It answered {line[:WORDS_MAX]!r}.", self.log) from error

    def revive(self) -> bool:
        """Start the child again if it has ended by itself, and wait until it is ready; whether it had (blocking)."""
        with self._lock:
            if self._process is None or self._process.poll() is None:
                return False
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
            self._process.stdout.close()
            self.start()
            self.ready()
            return True

    def stop(self) -> None:
        """End the child: its input closes, then after a while the process is killed."""
        with self._lock:
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


def _last_words(log: Path) -> str:
    """The last line of a child's log as a sentence; of a line of the log proper, its event."""
    lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip(" |+-")]
    if not lines:
        return "It said nothing."
    said = lines[-1].strip(" |")
    with contextlib.suppress(msgspec.DecodeError):
        said = msgspec.json.decode(said, type=LogLine).event
    return f"It said last: {said[:WORDS_MAX].rstrip('.')}."


class Keeper:
    """Looks after children in a thread of its own while it is entered: one that dies is started again."""

    def __init__(self, every_s: float = LOOK_EVERY_S) -> None:
        self._children: list[Child] = []
        self._every_s = every_s
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._look_after, name="keeper", daemon=True)

    def take(self, child: Child) -> None:
        """From now on this child, which is ready, is looked after."""
        self._children.append(child)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leaving.set()
        self._thread.join()

    def _look_after(self) -> None:
        while not self._leaving.wait(self._every_s):
            for child in tuple(self._children):
                try:
                    if child.revive():
                        log.warning("started again", child=child.name, log=str(child.log))
                except (ChildError, OSError) as error:
                    log.error("not started again, trying on", error=str(error))  # noqa: TRY400 - the words say it all
