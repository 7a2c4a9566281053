"""The hub's hold on its work: waits as a stand-by until the lease is free, then renews it every two seconds. No SQL.

What makes the lease safe is `fence`, which goes first in every writing transaction: a hub that slept through its time
finds there that it has been replaced, whatever it believed.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

import structlog

from dealerdesk.clock import Clock
from dealerdesk.clock_gap import ClockGap
from dealerdesk.hub.database import DatabaseThread, Work
from dealerdesk.store.engine import DatabaseUnavailable
from dealerdesk.store.lease import LEASE_US, Lease, LeaseLost, hold, is_free, release, renew, take

RENEW_EVERY_S = 2.0
LOOK_EVERY_S = 1.0
SILENT_S = 10.0
LEASE_S = LEASE_US / 1_000_000

Answer = TypeVar("Answer")


class HubLease:
    """One hub's lease on `database`, a thread of its own, so that no recording delays a renewal.

    `standing_by` is set as soon as another hub has been seen at work. `cut` ends the lines to a database that has not
    answered for ten seconds: so a connection that is dead but was never closed does not hold the hub up.
    """

    def __init__(self, database: DatabaseThread, holder: str, clock: Clock, cut: Callable[[], object]) -> None:
        self.standing_by = asyncio.Event()
        self._database = database
        self._holder = holder
        self._clock = clock
        self._cut = cut
        self._lease: Lease | None = None
        self._ahead_us = 0
        self._sure_until_s = 0.0
        self._renewed = asyncio.Event()
        self._log = structlog.get_logger().bind(part="lease", holder=holder)

    @property
    def term(self) -> int:
        """The number of this hub's turn at work; 0 while it has none."""
        return self._lease.term if self._lease else 0

    def clock(self) -> int:
        """The moment by the clock that counts, µs UTC: the database's where it has one, as far as taking and renewing
        the lease show that this machine's is another."""
        return self._clock() - self._ahead_us

    @property
    def is_sure(self) -> bool:
        """Whether nobody can have taken over yet, by this process's own monotonic clock."""
        return self._lease is not None and asyncio.get_running_loop().time() < self._sure_until_s

    async def until_sure(self) -> None:
        """Returns while nobody can have taken over: at once, or after the next renewal."""
        while not self.is_sure:
            self._renewed.clear()
            await self._renewed.wait()

    async def wait(self, stopping: asyncio.Event) -> bool:
        """Stands by until the lease is this hub's; False when it was told to stop before."""
        while not stopping.is_set():
            asked_s = asyncio.get_running_loop().time()
            asked_us = self._clock()
            lease = await self._try_to_take(asked_us)
            if lease is not None:
                self._hold(lease, asked_us, asked_s)
                self._log.info("the lease is taken", term=lease.term)
                return True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), LOOK_EVERY_S * random.uniform(0.8, 1.0))
        return False

    async def keep(self) -> None:
        """Renews until cancelled; raises LeaseLost when another hub has it. A database that is away changes nothing:
        nobody can take over in it, and nobody can write in it."""
        while True:
            await asyncio.sleep(RENEW_EVERY_S)
            assert self._lease is not None
            asked_s, asked_us = asyncio.get_running_loop().time(), self._clock()
            try:
                work = partial(renew, lease=self._lease, now_us=asked_us)
                renewed = await self._answer(self._database.try_write(work))
            except DatabaseUnavailable as error:
                self._log.warning("not renewed, trying again", error=str(error))
                continue
            if renewed is None:
                raise LeaseLost("another hub has taken over")
            self._hold(renewed, asked_us, asked_s)
            self._renewed.set()

    async def give_back(self) -> None:
        """Lets a stand-by begin at once; what the database does not take now runs out by itself."""
        lease, self._lease = self._lease, None
        if lease is None:
            return
        with contextlib.suppress(DatabaseUnavailable):
            await self._answer(self._database.try_write(partial(release, lease=lease)))

    def fence(self) -> Work[None]:
        """What goes first in each of this term's writing transactions; raises LeaseLost there."""
        assert self._lease is not None
        return partial(hold, holder=self._holder, term=self._lease.term)

    def _hold(self, lease: Lease, asked_us: int, asked_s: float) -> None:
        self._lease, self._sure_until_s = lease, asked_s + LEASE_S
        self._ahead_us = ClockGap.seen(asked_us, lease.dated_us, self._clock()).sure_us

    async def _try_to_take(self, now_us: int) -> Lease | None:
        try:
            free = partial(is_free, holder=self._holder, now_us=now_us)
            if await self._answer(self._database.try_read(free)):
                work = partial(take, holder=self._holder, now_us=now_us)
                return await self._answer(self._database.try_write(work))
        except DatabaseUnavailable as error:
            self._log.warning("the lease cannot be looked at, trying again", error=str(error))
            return None
        if not self.standing_by.is_set():
            self._log.info("another hub is at work, standing by")
        self.standing_by.set()
        return None

    async def _answer(self, asking: Coroutine[Any, Any, Answer]) -> Answer:
        alarm = asyncio.get_running_loop().call_later(SILENT_S, self._cut_lines)
        try:
            return await asking
        finally:
            alarm.cancel()

    def _cut_lines(self) -> None:
        self._log.warning("the database is silent, its lines are cut", seconds=SILENT_S)
        self._cut()
