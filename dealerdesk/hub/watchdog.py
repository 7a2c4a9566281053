"""Has sessions ended that must end, every ten seconds, by the database's own procedures: those with a transaction held
open too long, and those of people who have been told to go."""

from __future__ import annotations

import asyncio
from functools import partial

import structlog

from dealerdesk.hub.database import DatabaseThread
from dealerdesk.store.engine import DatabaseUnavailable
from dealerdesk.store.long_transactions import end_long_transactions, end_sessions_of_inactive

LOOK_EVERY_S = 10.0
TRANSACTION_MAX_S = 60


class Watchdog:
    """Looks until cancelled; a look that the database does not take is left out."""

    def __init__(self, database: DatabaseThread) -> None:
        self._database = database
        self._log = structlog.get_logger().bind(part="watchdog")

    async def run(self) -> None:
        """One look after the other."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> int:
        """Ends what has been open for more than a minute, and whose owner may not be here; returns how many."""
        try:
            long = await self._database.try_write(partial(end_long_transactions, max_s=TRANSACTION_MAX_S))
            inactive = await self._database.try_write(end_sessions_of_inactive)
        except DatabaseUnavailable as error:
            self._log.warning("not looked for sessions to end", error=str(error))
            return 0
        if long or inactive:
            self._log.warning("sessions ended", long_transactions=long, inactive_people=inactive)
        return long + inactive
