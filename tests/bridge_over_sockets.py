"""What the bridge's socket tests share: a served platform double, clients of it, and waiting for a condition."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from ssl import SSLContext

from platform_double import KEYS, SETS, Mirror, PlatformDouble

from dealerdesk.bridges.client import BridgeClient
from dealerdesk.bridges.command_log import CommandLog
from dealerdesk.bridges.journal import Journal
from dealerdesk.bridges.server import BridgeServer, ServerConfig
from dealerdesk.clock import Clock, now_us
from dealerdesk.config import BridgeKey, Credentials, Endpoint
from dealerdesk.trading import Platform

PATIENCE_S = 20.0
BRIDGE_KEYS = {name: BridgeKey(key.role, key.key.hex()) for name, key in KEYS.items()}


async def until(condition: Callable[[], object]) -> None:
    """Waits until the condition holds; fails the test when it does not within a generous time."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 -- any condition, and it raises no event
            await asyncio.sleep(0.005)


def play(story: Callable[[], Awaitable[None]]) -> None:
    """Runs a test's coroutine function."""

    async def run() -> None:
        await story()

    asyncio.run(run())


class Served:
    """A bridge server over a platform double, with its journal and log."""

    def __init__(self, folder: Path, platform: PlatformDouble) -> None:
        self.platform = platform
        self.journal = Journal.open(folder / "journal")
        self.commands = CommandLog.open(folder / "commands.log")
        self.server: BridgeServer

    def put(self, *rows: object) -> None:
        self.server.publish([self.platform.put(row) for row in rows])  # type: ignore[arg-type]


@asynccontextmanager
async def served(
    folder: Path,
    platform: PlatformDouble,
    *,
    port: int = 0,
    ssl: SSLContext | None = None,
    digest_every_s: float = 60.0,
    lag_deltas_max: int = 200_000,
) -> AsyncIterator[Served]:
    bridge = Served(folder, platform)
    config = ServerConfig("MT4", Platform.MT4, port=port, digest_every_s=digest_every_s, lag_deltas_max=lag_deltas_max)
    try:
        server = BridgeServer(config, platform, bridge.journal, bridge.commands, BRIDGE_KEYS, ssl=ssl)
        async with server:
            bridge.server = server
            yield bridge
    finally:
        bridge.journal.close()
        bridge.commands.close()


@asynccontextmanager
async def connected(
    port: int,
    mirror: Mirror,
    name: str = "desk",
    *,
    key: bytes | None = None,
    ssl: SSLContext | None = None,
    scheme: str = "ws",
    term: int = 0,
    clock: Clock = now_us,
) -> AsyncIterator[BridgeClient]:
    """A client that runs beside the body."""
    endpoint = Endpoint("MT4", Platform.MT4, f"{scheme}://localhost:{port}")
    credentials = Credentials(name, KEYS[name].role, (key or KEYS[name].key).hex())
    client = BridgeClient(endpoint, credentials, SETS, mirror, ssl=ssl, term=term, clock=clock)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(client.run())
        try:
            yield client
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
