"""The hub's process: takes the lease, joins every bridge, records, dispatches, and ends in order.

While another hub holds the lease it stands by: it joins nothing and writes nothing. One that loses the lease stops at
once and stands by again. It prints one line when it is at work, or before that one when it stands by; as a child it
ends when its standard input does, as a service on SIGTERM. Either way the batch in hand is finished and what had
arrived is written, if the database lets it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import stat
import sys
import threading
from contextlib import ExitStack

import msgspec
import structlog
from sqlalchemy import Engine, make_url

from dealerdesk.clock import now_us
from dealerdesk.config import HubConfig
from dealerdesk.hub.database import DatabaseThread
from dealerdesk.hub.dispatcher import Dispatcher
from dealerdesk.hub.heartbeat import Heartbeat
from dealerdesk.hub.lease import HubLease
from dealerdesk.hub.recorder import Recorder
from dealerdesk.hub.sealer import Sealer
from dealerdesk.hub.station import Station
from dealerdesk.hub.watchdog import Watchdog
from dealerdesk.store.engine import RECORDING_CACHE_KIB, DatabaseUnavailable, open_engine, reading
from dealerdesk.store.lease import LeaseLost
from dealerdesk.store.lines import Lines
from dealerdesk.store.migrate import upgrade
from dealerdesk.store.roles import HUB
from dealerdesk.store.step import step_problems

UPGRADE_RETRY_S = 1.0
FINISH_TIMEOUT_S = 5.0


def run(config: HubConfig) -> None:
    """Runs the hub until its standard input (if that is a pipe) ends or it is told to stop. Blocks."""
    asyncio.run(_run(config))


async def _run(config: HubConfig) -> None:
    stopping = asyncio.Event()
    _listen_for_the_end(stopping)
    engine = _engine(config)
    lines = Lines(engine)
    try:
        if await _upgraded(config.database_url, engine, stopping):
            with DatabaseThread(engine, "lease") as leasing:
                lease = HubLease(leasing, config.holder, now_us, lines.cut)
                async with asyncio.TaskGroup() as group:
                    standing_by = group.create_task(_say_that_it_stands_by(lease))
                    await _take_turns(config, engine, lease, stopping)
                    standing_by.cancel()
    finally:
        engine.dispose()


def _engine(config: HubConfig) -> Engine:
    if not config.database_password:
        return open_engine(config.database_url, ca=config.database_ca, cache_kib=RECORDING_CACHE_KIB)
    address = make_url(config.database_url).set(username=HUB).render_as_string(hide_password=False)
    return open_engine(address, lambda: config.database_password, config.database_ca)


async def _upgraded(url: str, engine: Engine, stopping: asyncio.Event) -> bool:
    """Whether the database has this program's shape now; False if the hub was told to stop before.

    An embedded database is upgraded here. A team's is upgraded by its administrator: the hub's role may not do it.
    """
    log = structlog.get_logger().bind(part="hub")
    while not stopping.is_set():
        try:
            problems = await asyncio.to_thread(_make_fit, url, engine)
        except DatabaseUnavailable as error:
            problems = [str(error)]
        if not problems:
            return True
        log.warning("the database cannot be worked with yet, trying again", error="; ".join(problems))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), UPGRADE_RETRY_S)
    return False


def _make_fit(url: str, engine: Engine) -> list[str]:
    if engine.dialect.name == "sqlite":
        upgrade(url)
    with reading(engine) as connection:
        return step_problems(connection)


async def _take_turns(config: HubConfig, engine: Engine, lease: HubLease, stopping: asyncio.Event) -> None:
    """Works whenever the lease is this hub's, until it is told to stop."""
    while await lease.wait(stopping):
        try:
            await _work(config, engine, lease, stopping)
        except* LeaseLost as lost:
            log = structlog.get_logger().bind(part="hub")
            log.warning("replaced, standing by", why=str(lost.exceptions[0]))
        else:
            await lease.give_back()


async def _work(config: HubConfig, engine: Engine, lease: HubLease, stopping: asyncio.Event) -> None:
    with ExitStack() as threads:
        fence = lease.fence()
        recording = threads.enter_context(DatabaseThread(engine, "recording", fence))
        commanding = threads.enter_context(DatabaseThread(engine, "commands", fence))
        sealer = Sealer.of(config, threads.enter_context(DatabaseThread(engine, "sealing", fence)), lease.clock)
        dispatcher = Dispatcher(commanding, lease.clock)
        recorders = [Recorder(endpoint.server, recording, lease.clock) for endpoint in config.endpoints]
        stations = [
            Station(endpoint, config.credentials, recorder, dispatcher, now_us, lease.until_sure, lease.term)
            for endpoint, recorder in zip(config.endpoints, recorders, strict=True)
        ]
        async with asyncio.TaskGroup() as group:
            writing = [group.create_task(recorder.run()) for recorder in recorders]
            writing.append(group.create_task(dispatcher.run()))
            talking = [group.create_task(station.run()) for station in stations]
            talking.append(group.create_task(Heartbeat(stations, commanding, lease.clock).run()))
            talking.append(group.create_task(Watchdog(commanding).run()))
            keeping = group.create_task(lease.keep())
            sealing = group.create_task(sealer.run())
            for station in stations:
                await station.started.wait()
            _say({"recording": True})
            await stopping.wait()
            await _finish(talking, writing, recorders, dispatcher)
            # last of all, so that what has just been written is sealed too
            sealer.stop()
            await asyncio.wait([sealing], timeout=FINISH_TIMEOUT_S)
            sealing.cancel()
            keeping.cancel()


async def _finish(
    talking: list[asyncio.Task[None]],
    writing: list[asyncio.Task[None]],
    recorders: list[Recorder],
    dispatcher: Dispatcher,
) -> None:
    """First nothing more comes in, then what has come is written; what the database does not take in time is left to
    the bridges' journals."""
    for task in talking:
        task.cancel()
    await asyncio.wait(talking)
    dispatcher.stop()
    for recorder in recorders:
        recorder.stop()
    _, unfinished = await asyncio.wait(writing, timeout=FINISH_TIMEOUT_S)
    for task in unfinished:
        task.cancel()


async def _say_that_it_stands_by(lease: HubLease) -> None:
    await lease.standing_by.wait()
    _say({"recording": False})


def _say(line: dict[str, bool]) -> None:
    # whoever reads it may be gone already
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
        sys.stdout.buffer.flush()


def _listen_for_the_end(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        # a loop without signal support (Windows) ends by its standard input
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stopping.set)
    if stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
        threading.Thread(target=_wait_for_parent, args=(loop, stopping), daemon=True, name="parent").start()


def _wait_for_parent(loop: asyncio.AbstractEventLoop, stopping: asyncio.Event) -> None:
    # read past sys.stdin: a thread blocked in its buffer's lock would spoil the interpreter's exit
    while os.read(sys.stdin.fileno(), 4096):
        pass
    with contextlib.suppress(RuntimeError):  # the loop has ended already
        loop.call_soon_threadsafe(stopping.set)
