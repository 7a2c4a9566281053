"""The hub's sign of life: once a second a row for each bridge. Desks see in it what is recorded and how late."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection

from dealerdesk.clock import DAY_US, HOUR_US, Clock
from dealerdesk.hub.database import DatabaseThread
from dealerdesk.hub.station import Station
from dealerdesk.store.engine import DatabaseUnavailable
from dealerdesk.store.feed import prune
from dealerdesk.store.heartbeats import write_hub_status
from dealerdesk.store.queries import HubStatus

BEAT_S = 1.0
FEED_KEPT_US = DAY_US
PRUNE_EVERY_US = HOUR_US


class Heartbeat:
    """Writes what the stations look like; a beat that the database does not take is left out."""

    def __init__(self, stations: Sequence[Station], database: DatabaseThread, clock: Clock) -> None:
        self._stations = stations
        self._database = database
        self._clock = clock
        self._started_us = clock()
        self._prune_us = self._started_us

    async def run(self) -> None:
        """Beats until cancelled."""
        while True:
            await self.beat()
            await asyncio.sleep(BEAT_S)

    async def beat(self) -> None:
        """One row a bridge, as things stand now; once an hour forgets old lines of the change feed."""
        now_us = self._clock()
        try:
            await self._database.try_write(partial(self._write, now_us=now_us))
        except DatabaseUnavailable:
            # the recorders log it, and its absence is the sign that the desks go by
            return

    def _write(self, connection: Connection, now_us: int) -> None:
        write_hub_status(connection, [self._status(station, now_us) for station in self._stations])
        if now_us >= self._prune_us:
            prune(connection, now_us - FEED_KEPT_US)
            self._prune_us = now_us + PRUNE_EVERY_US

    def _status(self, station: Station, now_us: int) -> HubStatus:
        recorder = station.recorder
        point = recorder.recorded
        return HubStatus(
            server=station.server,
            state=station.state.value,
            epoch=point.epoch if point else "",
            sequence=point.seq if point else 0,
            queued=recorder.waiting,
            started_us=self._started_us,
            beat_us=now_us,
            error=recorder.trouble,
        )
