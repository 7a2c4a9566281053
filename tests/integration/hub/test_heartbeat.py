from __future__ import annotations

import asyncio

from office import EPOCH, NOW_US, SERVER, Office
from sqlalchemy import event

from dealerdesk.clock import DAY_US, HOUR_US, now_us
from dealerdesk.config import Credentials, Endpoint
from dealerdesk.hub.database import DatabaseThread
from dealerdesk.hub.dispatcher import Dispatcher
from dealerdesk.hub.heartbeat import Heartbeat
from dealerdesk.hub.recorder import Recorder
from dealerdesk.hub.station import Station
from dealerdesk.store import queries
from dealerdesk.store.engine import DatabaseUnavailable, reading, writing
from dealerdesk.store.feed import announce
from dealerdesk.trading import Platform

KEY = "ab" * 32


def test_a_beat_says_what_is_recorded_and_what_waits(office: Office) -> None:
    async def run() -> None:
        with DatabaseThread(office.engine, "recording") as database:
            recorder = Recorder(SERVER, database, now_us)
            await recorder.make_ready()
            endpoint = Endpoint(server=SERVER, platform=Platform.MT5, url="ws://127.0.0.1:9")
            credentials = Credentials(client="hub", role="hub", key=KEY)
            station = Station(endpoint, credentials, recorder, Dispatcher(database, now_us), now_us)
            await Heartbeat([station], database, lambda: NOW_US).beat()

    asyncio.run(run())

    with reading(office.engine) as connection:
        (status,) = queries.hub_status(connection)
    assert (status.server, status.state, status.epoch, status.sequence) == (SERVER, "connecting", EPOCH, 0)
    assert (status.queued, status.started_us, status.beat_us, status.error) == (0, NOW_US, NOW_US, "")


def test_a_beat_that_the_database_does_not_take_is_left_out(office: Office) -> None:
    def refuse(_connection: object) -> None:
        raise DatabaseUnavailable("gone fishing")

    async def run() -> None:
        with DatabaseThread(office.engine, "heartbeat") as database:
            event.listen(office.engine, "begin", refuse)
            await Heartbeat([], database, lambda: NOW_US).beat()
            event.remove(office.engine, "begin", refuse)

    asyncio.run(run())

    with reading(office.engine) as connection:
        assert queries.hub_status(connection) == []


def test_the_feed_is_kept_for_a_day_and_pruned_once_an_hour(office: Office) -> None:
    def lines() -> int:
        with reading(office.engine) as connection:
            return connection.exec_driver_sql("SELECT count(*) FROM change_feed WHERE key = 'old'").scalar_one()

    moment = NOW_US
    with writing(office.engine) as connection:
        announce(connection, "commands", ["old"], now_us=NOW_US)

    async def run() -> None:
        nonlocal moment
        with DatabaseThread(office.engine, "heartbeat") as database:
            beats = Heartbeat([], database, lambda: moment)
            await beats.beat()
            moment = NOW_US + HOUR_US
            await beats.beat()
            assert lines() == 1
            moment = NOW_US + DAY_US + 1
            await beats.beat()
            assert lines() == 0

    asyncio.run(run())
