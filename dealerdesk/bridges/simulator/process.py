"""The process of one simulated trading server and its bridge: paces the steps, publishes them, writes checkpoints.

It ends in order on SIGTERM and when its standard input does, and may be killed at any moment: started again with the
same configuration and folder it says the very same stream on (see `recovery.py`). Logs go to standard error.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from pathlib import Path

import msgspec
import numpy as np
import structlog

from dealerdesk.bridges.folder_lock import alone_in
from dealerdesk.bridges.record_file import JournalCorruptError
from dealerdesk.bridges.server import BridgeServer, ServerConfig
from dealerdesk.bridges.simulator.bridge_source import SimulatedSource
from dealerdesk.bridges.simulator.checkpoint import freeze, write_checkpoint, write_world
from dealerdesk.bridges.simulator.pacing import Pace
from dealerdesk.bridges.simulator.recovery import Recovered, recover
from dealerdesk.clock import SECOND_US, now_us
from dealerdesk.config import CannotStartError, SimulatorConfig

CHECKPOINT_EVERY_S = 20.0
PAUSED_LOOK_S = 0.1
TURN_US = SECOND_US // 50
"""How long steps may run on while catching up before the loop's other work has its turn."""

log = structlog.get_logger(__name__)


class Wish(msgspec.Struct, frozen=True):
    """What the parent may ask of a running server."""

    pause: bool


def run(config: SimulatorConfig, checkpoint_every_s: float = CHECKPOINT_EVERY_S) -> None:
    """Serves until standard input ends or SIGTERM comes; prints {"listening": port} once it does.

    Raises CannotStartError for a folder that another process uses or that is damaged, and for a port that is taken.
    """
    try:
        with alone_in(Path(config.journal_dir)):
            asyncio.run(_serve(config, checkpoint_every_s))
    except JournalCorruptError as error:
        raise CannotStartError(
            f"{config.server}: {error}. Bring that file back from a copy, or put it aside and start again"
        ) from error
    except OSError as error:
        raise CannotStartError(f"{config.server}: {error}") from error


async def _serve(config: SimulatorConfig, checkpoint_every_s: float) -> None:
    stop = asyncio.Event()
    running = asyncio.Event()
    running.set()
    # a loop without signal support (Windows) ends by its standard input
    with contextlib.suppress(NotImplementedError):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, _end, stop, "SIGTERM came")
    _watch_input(stop, running)
    recovered = recover(config, now_us())
    source = SimulatedSource(recovered.brokerage, recovered.pending)
    brokerage = recovered.brokerage
    for warning in brokerage.warnings:
        log.warning("recording", text=warning)
    offset_s = brokerage.state.dialect.clock_offset_s(brokerage.time_us)
    served = ServerConfig(config.server, config.platform, port=config.port, clock_offset_s=offset_s)
    try:
        async with BridgeServer(served, source, recovered.journal, recovered.commands, config.keys) as server:
            print(msgspec.json.encode({"listening": server.port}).decode(), flush=True)
            simulation = Simulation(config, recovered, source, server)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(simulation.keep_checkpoints(checkpoint_every_s, stop))
                await simulation.pace(stop, running)
            await simulation.checkpoint()
    finally:
        recovered.journal.close()
        recovered.commands.close()


class Simulation:
    """One server's steps in time."""

    def __init__(
        self, config: SimulatorConfig, recovered: Recovered, source: SimulatedSource, server: BridgeServer
    ) -> None:
        self._folder = Path(config.journal_dir)
        self._world = recovered.world
        self._brokerage = recovered.brokerage
        self._source = source
        self._server = server
        self._pace = Pace(config.start_us, recovered.world.wall_us, config.speed)

    async def pace(self, stop: asyncio.Event, running: asyncio.Event) -> None:
        """Takes each step when the wall clock says so, until `stop` is set; none while it is not `running`."""
        self._publish_all_quotes()
        step_us = self._brokerage.market.step_us
        while not stop.is_set():
            if running.is_set():
                self._forgive_lag()
                self._steps_due(step_us)
            wait_s = self._pace.wait_s(self._brokerage.time_us + step_us, now_us())
            if wait_s <= 0 and running.is_set():
                await asyncio.sleep(0)
                continue
            try:
                await asyncio.wait_for(stop.wait(), wait_s if running.is_set() else PAUSED_LOOK_S)
            except TimeoutError:
                continue

    async def keep_checkpoints(self, every_s: float, stop: asyncio.Event) -> None:
        """Writes a checkpoint every so often, until `stop` is set; what is being written then is written whole.

        Cancelling would not end the thread that writes: it would be at the same file as the last checkpoint.
        """
        while not stop.is_set():
            try:
                await asyncio.wait_for(stop.wait(), every_s)
            except TimeoutError:
                await self.checkpoint()

    async def checkpoint(self) -> None:
        """Writes the server as it is now, once the journal that leads up to it is on disk."""
        frozen = freeze(self._brokerage)
        await self._server.settle()
        await asyncio.to_thread(write_checkpoint, self._folder, frozen)

    def _steps_due(self, step_us: int) -> None:
        """The steps that are due, for one turn of the loop at most."""
        begun = now_us()
        while self._pace.wait_s(self._brokerage.time_us + step_us, now_us()) <= 0:
            self._step()
            if now_us() - begun >= TURN_US:
                return

    def _step(self) -> None:
        deltas, ticks, acks = self._source.step()
        self._server.publish(deltas)
        if len(ticks):
            times = ticks.start_us + ticks.offset_us.astype(np.int64)
            self._server.publish_quotes(ticks.index, ticks.bid, ticks.ask, times)
        for ack in acks:
            self._server.report(ack)

    def _publish_all_quotes(self) -> None:
        prices = self._brokerage.state.prices
        self._server.publish_quotes(
            np.arange(len(prices.symbols), dtype=np.uint32), prices.bid, prices.ask, self._brokerage.time_us
        )

    def _forgive_lag(self) -> None:
        left_out_us = self._pace.forgive(self._brokerage.time_us, now_us())
        if left_out_us:
            self._world = msgspec.structs.replace(self._world, wall_us=self._pace.wall_us)
            write_world(self._folder, self._world)
            log.warning("too far behind the clock", left_out_s=left_out_us // SECOND_US)


def _end(stop: asyncio.Event, why: str) -> None:
    # started by hand from a file, it would end at once and nobody would know what it had waited for
    log.info("ending", why=why)
    stop.set()


def _watch_input(stop: asyncio.Event, running: asyncio.Event) -> None:
    """Follows standard input: {"pause": true} halts the market, false lets it go on; its end sets `stop`."""
    loop = asyncio.get_running_loop()
    descriptor = sys.stdin.fileno()

    def follow() -> None:
        # not through sys.stdin: its lock would be held when the interpreter ends
        with os.fdopen(os.dup(descriptor), "rb", buffering=0) as lines, contextlib.suppress(RuntimeError):
            # the loop has ended already when the server could not start
            for line in iter(lines.readline, b""):
                wish = msgspec.json.decode(line, type=Wish)
                loop.call_soon_threadsafe(running.clear if wish.pause else running.set)
            loop.call_soon_threadsafe(_end, stop, "standard input ended")

    threading.Thread(target=follow, name="standard input", daemon=True).start()
