"""A bridge over a dealing desk's day, as a process that can be killed: reads a line of JSON, serves, follows a script.

The script begins with the second line on standard input, so that a hub can be there from its first step, and is gone on
with at once after a restart; the next line tells it to hurry through the rest, the end tells it to stop.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1]))

from dealing_broker import DealingBroker

from dealerdesk.bridges.command_log import CommandLog
from dealerdesk.bridges.journal import Journal
from dealerdesk.bridges.server import BridgeServer, ServerConfig
from dealerdesk.config import BridgeKey
from dealerdesk.trading import Platform

STEP_EVERY_S = 0.01


async def main() -> None:
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    config: dict[str, Any] = msgspec.json.decode(await reader.readline())
    folder = Path(config["folder"])
    journal, commands = Journal.open(folder / "journal"), CommandLog.open(folder / "commands")
    broker = DealingBroker(config["seed"])
    broker.recall(journal)
    served = ServerConfig(bridge=config["server"], platform=Platform.MT5, port=config["port"], digest_every_s=0.5)
    keys = {"hub": BridgeKey(role="hub", key=config["key"])}
    async with BridgeServer(served, broker, journal, commands, keys) as server:
        print(msgspec.json.encode({"listening": server.port}).decode(), flush=True)
        if broker.steps == 0:
            await reader.readline()
        hurry = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            script = group.create_task(follow(broker, server, config["steps"], config["steps_per_second"], hurry))
            while await reader.readline():
                hurry.set()
            script.cancel()
    commands.close()
    journal.close()


async def follow(
    broker: DealingBroker, server: BridgeServer, steps: int, per_second: float, hurry: asyncio.Event
) -> None:
    """Makes the script's steps at a pace."""
    while broker.steps < steps:
        count = min(max(1, int(per_second * STEP_EVERY_S)), steps - broker.steps)
        server.publish([broker.step() for _ in range(count)])
        await asyncio.sleep(0 if hurry.is_set() else STEP_EVERY_S)


asyncio.run(main())
