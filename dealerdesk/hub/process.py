"""The hub's process: upgrades the database, joins every bridge, records, dispatches, and ends in order.

As a child it prints one line when it is at work, and ends when its standard input does; as a service it ends on
SIGTERM. Either way the batch in hand is finished and what had arrived is written, if the database lets it.
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
from sqlalchemy import Engine

from dealerdesk.clock import now_us
from dealerdesk.config import HubConfig
from dealerdesk.hub.database import DatabaseThread
from dealerdesk.hub.dispatcher import Dispatcher
from dealerdesk.hub.heartbeat import Heartbeat
from dealerdesk.hub.recorder import Recorder
from dealerdesk.hub.station import Station
from dealerdesk.store.engine import DatabaseUnavailable, open_engine
from dealerdesk.store.migrate import upgrade

UPGRADE_RETRY_S = 1.0
FINISH_TIMEOUT_S = 5.0


def run(config: HubConfig) -> None:
    """Runs the hub until its standard input (if that is a pipe) ends or it is told to stop. Blocks."""
    asyncio.run(_run(config))


async def _run(config: HubConfig) -> None:
    stopping = asyncio.Event()
    _listen_for_the_end(stopping)
    engine = open_engine(config.database_url)
    try:
        if await _upgraded(config.database_url, stopping):
            await _work(config, engine, stopping)
    finally:
        engine.dispose()


async def _upgraded(url: str, stopping: asyncio.Event) -> bool:
    """Whether the database has this program's shape now; False if the hub was told to stop before."""
    log = structlog.get_logger().bind(part="hub")
    while not stopping.is_set():
        try:
            await asyncio.to_thread(upgrade, url)
        except DatabaseUnavailable as error:
            log.warning("database unavailable, trying again", error=str(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), UPGRADE_RETRY_S)
        else:
            return True
    return False


async def _work(config: HubConfig, engine: Engine, stopping: asyncio.Event) -> None:
    with ExitStack() as threads:
        recording = threads.enter_context(DatabaseThread(engine, "recording"))
        commanding = threads.enter_context(DatabaseThread(engine, "commands"))
        dispatcher = Dispatcher(commanding, now_us)
        recorders = [Recorder(endpoint.server, recording, now_us) for endpoint in config.endpoints]
        stations = [
            Station(endpoint, config.credentials, recorder, dispatcher, now_us)
            for endpoint, recorder in zip(config.endpoints, recorders, strict=True)
        ]
        async with asyncio.TaskGroup() as group:
            writing = [group.create_task(recorder.run()) for recorder in recorders]
            writing.append(group.create_task(dispatcher.run()))
            talking = [group.create_task(station.run()) for station in stations]
            talking.append(group.create_task(Heartbeat(stations, commanding, now_us).run()))
            for station in stations:
                await station.started.wait()
            _say_that_it_records()
            await stopping.wait()
            await _finish(talking, writing, recorders, dispatcher)


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


def _say_that_it_records() -> None:
    sys.stdout.buffer.write(msgspec.json.encode({"recording": True}) + b"\n")
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
