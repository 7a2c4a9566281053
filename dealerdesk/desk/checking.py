"""What a desk does when the answer to a commit was lost: it asks again under the same id until it knows. No Qt, no SQL.

Asking again cannot do a thing twice, so nothing is ever called failed that may have succeeded. After half a minute it
only looks whether the command is there: nobody's old wish is carried out long after they turned away.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from dealerdesk.desk.line import retry_pause_s
from dealerdesk.store.trouble import AnswerLost

T = TypeVar("T")

ASK_AGAIN_FOR_S = 30.0
NEVER_RECEIVED = "the database never received it: ask again"


class Checking:
    """The ids whose outcome is being looked for are in `ids`; `told` is called when they change."""

    def __init__(self, told: Callable[[], None], chance: random.Random | None = None) -> None:
        self.ids: frozenset[str] = frozenset()
        self._told = told
        self._chance = chance or random.Random()

    async def answer(self, key: str, ask: Callable[[], Awaitable[T]], look: Callable[[], Awaitable[T | None]]) -> T:
        """What `ask` answers. Raises OSError, once it is sure that nothing was done; Refused as `ask` does."""
        try:
            return await ask()
        except AnswerLost:
            self._set(self.ids | {key})
        try:
            return await self._again(ask, look)
        finally:
            self._set(self.ids - {key})

    async def _again(self, ask: Callable[[], Awaitable[T]], look: Callable[[], Awaitable[T | None]]) -> T:
        loop = asyncio.get_running_loop()
        until_s, failures = loop.time() + ASK_AGAIN_FOR_S, 0
        while True:
            failures += 1
            await asyncio.sleep(retry_pause_s(failures, self._chance))
            try:
                found = await (ask() if loop.time() < until_s else look())
            except PermissionError:
                raise
            except OSError:
                continue
            if found is None:
                raise ConnectionError(NEVER_RECEIVED)
            return found

    def _set(self, ids: frozenset[str]) -> None:
        self.ids = ids
        self._told()
