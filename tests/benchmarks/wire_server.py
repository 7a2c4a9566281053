"""The other end of bench_wire.py, in a process of its own: `python wire_server.py quotes|json|deltas COUNT FOLDER`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from bridge_over_sockets import served
from platform_double import MemoryLog, PlatformDouble, bridge_of, position, server_session
from websockets.asyncio.server import ServerConnection, serve

from dealerdesk.bridges.protocol import Delta
from dealerdesk.bridges.quotes import QuoteBatch, encode_quotes

QUOTES_PER_FRAME = 1_000
DELTAS_PER_STEP = 500
JSON_QUOTE = b'{"type":"quote","index":123,"counter":456,"time_us":1790000000000000,"bid":112345,"ask":112347}'


def quotes_frame() -> bytes:
    """The newest quotes of 1,000 symbols."""
    narrow = np.arange(QUOTES_PER_FRAME, dtype=np.uint32)
    wide = np.arange(QUOTES_PER_FRAME, dtype=np.int64) + 112_345
    return encode_quotes(QuoteBatch(1_790_000_000_000_000, narrow, narrow + 1, narrow, wide, wide + 2))


async def blast(socket: ServerConnection, kind: str, count: int) -> None:
    """A handshake with an empty snapshot for a bridge's client, then the frames as fast as they are taken."""
    if kind == "quotes":
        session = server_session(bridge_of(PlatformDouble(), MemoryLog()), asyncio.get_running_loop().time())
        while not session.has_joined:
            while (frame := session.next_frame()) is not None:
                await socket.send(frame, text=True)
            if not session.has_joined:
                session.receive(await socket.recv(decode=False), asyncio.get_running_loop().time())
    frame = JSON_QUOTE if kind == "json" else quotes_frame()
    for _ in range(count):
        await socket.send(frame, text=kind == "json")
    await socket.wait_closed()


async def serve_frames(kind: str, count: int) -> None:
    async def handle(socket: ServerConnection) -> None:
        await blast(socket, kind, count)

    async with serve(handle, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await asyncio.to_thread(sys.stdin.read)


async def serve_deltas(count: int, folder: Path) -> None:
    """A real bridge: deltas are journaled and synced before they are sent."""
    platform = PlatformDouble()
    platform.seed(*(position(i) for i in range(1, 20_001)))
    deltas = [Delta(seq, seq, seq, position(1 + seq % 20_000, seq)) for seq in range(1, count + 1)]
    async with served(folder, platform) as bridge:
        print(bridge.server.port, flush=True)
        while not platform.snapshots:  # noqa: ASYNC110 -- the double raises no events
            await asyncio.sleep(0.01)
        for first in range(0, count, DELTAS_PER_STEP):
            bridge.server.publish(deltas[first : first + DELTAS_PER_STEP])
            platform.seq = bridge.journal.last_seq
            await asyncio.sleep(0)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    what, number, path = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    asyncio.run(serve_deltas(number, path) if what == "deltas" else serve_frames(what, number))
