"""The one owner of the desk's tasks: a task group, and what becomes of what a task raises. It decides nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from types import TracebackType

import structlog

from dealerdesk.desk.theme import Tone

log = structlog.get_logger()


class Jobs:
    """Runs coroutines until they end or the desk does; trouble of one never ends another.

    The outside world's trouble (OSError) and refusals are told in the status line; anything else is a bug: logged
    with its trace, counted, and told too.
    """

    def __init__(self, notify: Callable[[str, Tone], None], refusals: tuple[type[Exception], ...] = ()) -> None:
        self.bugs = 0
        self._notify = notify
        self.refusals = refusals
        self._group = asyncio.TaskGroup()
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Jobs:
        await self._group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        await self._group.__aexit__(kind, error, trace)

    def run(self, work: Coroutine[object, object, None]) -> None:
        """Takes a coroutine on; what it raises is dealt with here."""
        task = self._group.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(partial(_close, work))

    def stop(self) -> None:
        """Cancels all that runs; leaving the `async with` waits for it."""
        for task in tuple(self._tasks):
            task.cancel()

    def report_bug(self, error: BaseException) -> None:
        """Logs what nobody expected, with its trace, and tells the person that it happened."""
        self.bugs += 1
        log.error("unexpected", exc_info=error)
        self._notify(f"Something went wrong ({type(error).__name__}: {error}). It is in the log.", Tone.ALARM)

    async def _guarded(self, work: Coroutine[object, object, None]) -> None:
        try:
            await work
        except OSError as error:
            log.warning("outside trouble", error=str(error))
            self._notify(str(error), Tone.ATTENTION)
        except Exception as error:  # noqa: BLE001 - the desk outlives a bug in one task; it is logged with its trace
            if isinstance(error, self.refusals):
                self._notify(str(error), Tone.ATTENTION)
            else:
                self.report_bug(error)


def _close(work: Coroutine[object, object, None], _task: asyncio.Task[None]) -> None:
    # one that was cancelled before its first step was never begun; Python would complain of that
    work.close()
