"""The other end of bench_desk.py: a bridge whose quotes come at a given rate, in a process of its own.

`python firehose.py QUOTES_PER_SECOND KEY`: prints its port; ends with its standard input.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from platform_double import MemoryLog, TermsDouble
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from dealerdesk.bridges.quotes import QuoteBatch, encode_quotes
from dealerdesk.bridges.server_session import Bridge, ClientKey, Role, ServerSession
from dealerdesk.bridges.simulator.bridge_source import SimulatedSource
from dealerdesk.bridges.simulator.brokerage import Brokerage
from dealerdesk.clock import now_us
from dealerdesk.config import SimulatorConfig
from dealerdesk.trading import Platform

ACCOUNTS, POSITIONS, SYMBOLS = 5_000, 30_000, 400
FRAMES_PER_SECOND = 500
CHANCE = np.random.default_rng(1)


def brokerage() -> Brokerage:
    """A server of the default demo's size."""
    folder = tempfile.mkdtemp()
    return Brokerage(
        SimulatorConfig(
            server="MT5",
            platform=Platform.MT5,
            journal_dir=folder,
            keys={},
            start_us=now_us(),
            accounts=ACCOUNTS,
            positions=POSITIONS,
            symbols=SYMBOLS,
        )
    )


async def answer(socket: ServerConnection, session: ServerSession) -> None:
    """Takes what the client says and sends what the session has to say: the handshake, the snapshot, pongs."""
    seconds = asyncio.get_running_loop().time
    while True:
        while (frame := session.next_frame()) is not None:
            await socket.send(frame, text=True)
        session.receive(await socket.recv(decode=False), seconds())


async def blast(socket: ServerConnection, session: ServerSession, server: Brokerage, per_second: int) -> None:
    """Quotes at the rate, from when the client has joined until it leaves."""
    seconds = asyncio.get_running_loop().time
    count = per_second // FRAMES_PER_SECOND
    index = np.arange(count, dtype=np.uint32) % SYMBOLS
    bid, ask = (points[index] for points in (server.state.prices.bid, server.state.prices.ask))
    counter, due = np.zeros(count, np.uint32), seconds()
    while True:
        due += 1 / FRAMES_PER_SECOND
        await asyncio.sleep(max(0.0, due - seconds()))
        if session.has_joined:
            moved = CHANCE.integers(-3, 4, count)
            counter += 1
            batch = QuoteBatch(now_us(), index, counter, np.zeros(count, np.uint32), bid + moved, ask + moved)
            await socket.send(encode_quotes(batch))


async def main(per_second: int, key: str) -> None:
    server = brokerage()
    keys = {"desk": ClientKey(Role.DESK, bytes.fromhex(key))}
    source, log = SimulatedSource(server, []), MemoryLog()
    bridge = Bridge("MT5", Platform.MT5, 7_200, source, log, keys, now_us, 10_000, TermsDouble())

    async def handle(socket: ServerConnection) -> None:
        session = ServerSession(bridge, "0" * 32, asyncio.get_running_loop().time())
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(answer(socket, session))
                both.create_task(blast(socket, session, server, per_second))
        except* ConnectionClosed as left:
            print(left.exceptions[0], file=sys.stderr)

    async with serve(handle, "127.0.0.1", 0, compression=None, ping_interval=None) as listening:
        print(next(iter(listening.sockets)).getsockname()[1], flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
