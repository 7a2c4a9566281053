"""One thread for one part's database work, in order, tried again until the database takes it. No SQL here.

The event loop never waits for a database: work is a function of a connection, run in a transaction on the thread. The
answer to a commit can be lost, so every piece of writing work must be one that may be done twice.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self, TypeVar

import structlog
from sqlalchemy import Connection, Engine

from dealerdesk.store.engine import DatabaseUnavailable, reading, writing

RETRY_FIRST_S = 0.1
RETRY_MAX_S = 5.0

Result = TypeVar("Result")
Work = Callable[[Connection], Result]


class DatabaseThread:
    """A context manager that owns the thread; `error` is the trouble it is in at present, in words, or empty.

    `fence` goes first in every writing transaction; what it raises ends the work.
    """

    def __init__(self, engine: Engine, name: str, fence: Work[None] | None = None) -> None:
        self.error = ""
        self._engine = engine
        self._fence = fence
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._log = structlog.get_logger().bind(part=name)

    async def read(self, work: Work[Result]) -> Result:
        """The result of `work` in a reading transaction; waits for the database as long as it takes."""
        return await self._until_done(self._reading, work)

    async def write(self, work: Work[Result]) -> Result:
        """The result of `work` in a committed transaction; waits for the database as long as it takes."""
        return await self._until_done(self._writing, work)

    async def try_read(self, work: Work[Result]) -> Result:
        """The result of `work` in a reading transaction, once; raises DatabaseUnavailable."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._reading, work)

    async def try_write(self, work: Work[Result]) -> Result:
        """The result of `work` in a committed transaction, once; raises DatabaseUnavailable."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._writing, work)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._executor.shutdown(wait=True)

    async def _until_done(self, run: Callable[[Work[Result]], Result], work: Work[Result]) -> Result:
        loop = asyncio.get_running_loop()
        wait_s = RETRY_FIRST_S
        while True:
            try:
                result = await loop.run_in_executor(self._executor, run, work)
            except DatabaseUnavailable as error:
                if not self.error:
                    self._log.warning("database unavailable, trying again", error=str(error))
                self.error = str(error) or "the database does not answer"
            else:
                if self.error:
                    self._log.info("database available again")
                self.error = ""
                return result
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))
            wait_s = min(2 * wait_s, RETRY_MAX_S)

    def _reading(self, work: Work[Result]) -> Result:
        with reading(self._engine) as connection:
            return work(connection)

    def _writing(self, work: Work[Result]) -> Result:
        with writing(self._engine) as connection:
            if self._fence is not None:
                self._fence(connection)
            return work(connection)
