from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from office import SERVER
from recorded_books import expected_books, recorded_books
from scripted_broker import ScriptedBroker
from sqlalchemy import Engine

from dealerdesk.bridges.command_log import CommandLog
from dealerdesk.bridges.journal import Journal
from dealerdesk.bridges.protocol import Ack, Error, ErrorCode, Stage
from dealerdesk.bridges.server import BridgeServer, ServerConfig
from dealerdesk.clock import now_us
from dealerdesk.config import BridgeKey, Credentials, Endpoint
from dealerdesk.hub import recorder as recorder_module
from dealerdesk.hub.database import DatabaseThread
from dealerdesk.hub.dispatcher import Dispatcher
from dealerdesk.hub.recorder import Recorder
from dealerdesk.hub.station import Station
from dealerdesk.store.engine import reading, writing
from dealerdesk.trading import Platform

KEY = "ab" * 32
TIMEOUT_S = 30


class Listening(Dispatcher):
    """A dispatcher that only remembers what it is told."""

    def __init__(self, database: DatabaseThread) -> None:
        super().__init__(database, now_us)
        self.told: list[Any] = []
        self.news = asyncio.Event()

    def connected(self, server: str, sender: object, epoch: str) -> None:
        self._tell(("connected", server, epoch))

    def disconnected(self, server: str) -> None:
        self._tell(("disconnected", server))

    def answer(self, server: str, answer: Ack | Error) -> None:
        self._tell(answer)

    def _tell(self, what: object) -> None:
        self.told.append(what)
        self.news.set()


class Scene:
    """A bridge server in the test's own loop, and a station joined to it."""

    def __init__(self, station: Station, broker: ScriptedBroker, server: BridgeServer, epoch: str) -> None:
        self.station, self.broker, self.server, self.epoch = station, broker, server, epoch
        self.dispatcher = station._dispatcher
        assert isinstance(self.dispatcher, Listening)
        self.told = self.dispatcher.told

    async def until_told(self, what: object) -> None:
        assert isinstance(self.dispatcher, Listening)
        while what not in self.told:
            self.dispatcher.news.clear()
            await self.dispatcher.news.wait()

    async def until_recorded(self, seq: int) -> None:
        looking = asyncio.Event()
        while (point := self.station.recorder.recorded) is None or point.seq < seq:
            with suppress(TimeoutError):
                await asyncio.wait_for(looking.wait(), 0.02)

    async def publish(self, count: int) -> None:
        self.server.publish([self.broker.step() for _ in range(count)])
        await self.server.settle()


def play(folder: Path, engine: Engine, act: Callable[[Scene], Awaitable[None]]) -> ScriptedBroker:
    broker = ScriptedBroker(seed=61)

    async def run() -> None:
        journal, commands = Journal.open(folder / "journal"), CommandLog.open(folder / "commands")
        broker.recall(journal)
        config = ServerConfig(bridge=SERVER, platform=Platform.MT5, digest_every_s=0.1)
        keys = {"hub": BridgeKey(role="hub", key=KEY)}
        with DatabaseThread(engine, "recording") as database:
            recorder = Recorder(SERVER, database, now_us)
            async with (
                asyncio.timeout(TIMEOUT_S),
                BridgeServer(config, broker, journal, commands, keys) as server,
                asyncio.TaskGroup() as group,
            ):
                endpoint = Endpoint(server=SERVER, platform=Platform.MT5, url=f"ws://127.0.0.1:{server.port}")
                credentials = Credentials(client="hub", role="hub", key=KEY)
                station = Station(endpoint, credentials, recorder, Listening(database), now_us)
                recording = group.create_task(recorder.run())
                running = group.create_task(station.run())
                await act(Scene(station, broker, server, journal.epoch))
                running.cancel()
                await asyncio.wait([running])
                recorder.stop()
                await recording
        journal.close()
        commands.close()

    asyncio.run(run())
    return broker


def test_the_dispatcher_hears_of_the_connection_and_the_recorder_gets_the_stream(
    tmp_path: Path, engine: Engine
) -> None:
    epochs = []

    async def act(scene: Scene) -> None:
        epochs.append(scene.epoch)
        await scene.until_told(("connected", SERVER, scene.epoch))
        await scene.publish(50)
        await scene.until_recorded(50)

    broker = play(tmp_path, engine, act)

    assert recorded_books(engine, SERVER, epochs[0]) == expected_books(broker)


def test_the_bridge_is_left_while_too_much_waits_and_joined_again_without_loss(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "WAITING_DELTAS_MAX", 40)
    monkeypatch.setattr(recorder_module, "GATHER_S", 0.0)
    epochs = []

    async def act(scene: Scene) -> None:
        epochs.append(scene.epoch)
        joined = ("connected", SERVER, scene.epoch)
        await scene.until_told(joined)
        scene.told.clear()
        await scene.publish(400)
        await scene.until_told(("disconnected", SERVER))
        await scene.until_told(joined)
        await scene.until_recorded(400)

    broker = play(tmp_path, engine, act)

    assert recorded_books(engine, SERVER, epochs[0]) == expected_books(broker)


def test_after_a_restart_rows_that_differ_from_the_bridges_are_found_and_mended(tmp_path: Path, engine: Engine) -> None:
    async def join(scene: Scene) -> None:
        await scene.until_told(("connected", SERVER, scene.epoch))
        await scene.publish(10)
        await scene.until_recorded(10)
        counts.append(_count_positions(engine))

    async def mend(scene: Scene) -> None:
        await scene.until_told(("connected", SERVER, scene.epoch))
        while await asyncio.to_thread(_count_positions, engine) < counts[0]:
            await scene.until_recorded(10)
        epochs.append(scene.epoch)

    epochs: list[str] = []
    counts: list[int] = []
    play(tmp_path, engine, join)
    with writing(engine) as connection:
        connection.exec_driver_sql("DELETE FROM positions WHERE id BETWEEN 10 AND 30")
    assert _count_positions(engine) < counts[0]

    broker = play(tmp_path, engine, mend)

    assert recorded_books(engine, SERVER, epochs[0]) == expected_books(broker)


def test_answers_and_refusals_of_commands_reach_the_dispatcher(tmp_path: Path, engine: Engine) -> None:
    async def act(scene: Scene) -> None:
        ack = Ack(id="c-1", stage=Stage.ABSENT, time_us=1)
        conflict = Error(ErrorCode.CONFLICT, "no", fatal=False, id="c-2")
        scene.station.ack(SERVER, ack)
        scene.station.error(SERVER, conflict)
        scene.station.error(SERVER, Error(ErrorCode.SLOW, "not about a command", fatal=False))
        answers = [told for told in scene.told if isinstance(told, Ack | Error)]
        assert answers == [ack, conflict]

    play(tmp_path, engine, act)


def _count_positions(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.exec_driver_sql("SELECT count(*) FROM positions").scalar_one()
