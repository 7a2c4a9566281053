"""A bridge over a scripted broker, as a process that can be killed: reads one line of JSON, serves, follows its script.

A second line on standard input tells it to hurry through the rest of the script; its end tells it to stop.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1]))

from scripted_broker import ScriptedBroker, book_ack

from dealerdesk.bridges.command_log import CommandLog
from dealerdesk.bridges.journal import Journal
from dealerdesk.bridges.protocol import Ack, Command, Stage
from dealerdesk.bridges.server import BridgeServer, ServerConfig
from dealerdesk.bridges.source import Report
from dealerdesk.config import BridgeKey
from dealerdesk.trading import Platform

STEP_EVERY_S = 0.01


class Platformlike(ScriptedBroker):
    """The broker as a bridge's source: commands are done at once."""

    server: BridgeServer

    def execute(self, command: Command, at: int, report: Report) -> None:
        report(Ack(id=command.id, stage=Stage.SENT, time_us=self.time_us()))
        deltas, done = book_ack(self, command)
        if deltas:
            self.server.publish(deltas)
        report(done)


async def main() -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    config: dict[str, Any] = msgspec.json.decode(await reader.readline())
    folder = Path(config["folder"])
    journal = Journal.open(folder / "journal")
    commands = CommandLog.open(folder / "commands")
    broker = Platformlike(config["seed"])
    broker.recall(journal)
    served = ServerConfig(bridge=config["server"], platform=Platform.MT5, port=config["port"], digest_every_s=0.5)
    keys = {"hub": BridgeKey(role="hub", key=config["key"])}
    async with BridgeServer(served, broker, journal, commands, keys) as server:
        broker.server = server
        for logged in commands.unfinished():
            broker.execute(logged.command, logged.at, server.report)
        print(msgspec.json.encode({"listening": server.port}).decode(), flush=True)
        hurry = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            script = group.create_task(follow(broker, server, config["steps"], config["steps_per_second"], hurry))
            while await reader.readline():
                hurry.set()
            script.cancel()
    commands.close()
    journal.close()


async def follow(
    broker: Platformlike, server: BridgeServer, steps: int, per_second: float, hurry: asyncio.Event
) -> None:
    """Makes the script's steps at a pace."""
    while broker.steps < steps:
        count = min(max(1, int(per_second * STEP_EVERY_S)), steps - broker.steps)
        server.publish([broker.step() for _ in range(count)])
        await asyncio.sleep(0 if hurry.is_set() else STEP_EVERY_S)


asyncio.run(main())
