"""How much one client takes off the wire: `python tests/benchmarks/bench_wire.py`.

The server is a process of its own, so figures are per core of the client. Baselines are measured in the same run: bare
`recv` of the same frames, and one JSON quote a frame. Goals: 5,000,000 quotes and 50,000 lossless deltas a second.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import msgspec
import numpy as np
from platform_double import KEYS, SETS
from websockets.asyncio.client import connect
from wire_server import DELTAS_PER_STEP, QUOTES_PER_FRAME

from dealerdesk.bridges.client import BridgeClient
from dealerdesk.bridges.journal import Journal
from dealerdesk.bridges.listener import Listener
from dealerdesk.bridges.protocol import Delta, row_key
from dealerdesk.bridges.quotes import QuoteBatch
from dealerdesk.config import Credentials, Endpoint
from dealerdesk.trading import Platform

FRAMES = 8_000
JSON_FRAMES = 60_000
DELTAS = 150_000

Measured = tuple[float, float]
"""Wall and CPU seconds of the client."""


class Board(Listener):
    """Does with prices and rows what a desk must at least do: keep them."""

    def __init__(self) -> None:
        self.bid = np.zeros(QUOTES_PER_FRAME, np.int64)
        self.ask = np.zeros(QUOTES_PER_FRAME, np.int64)
        self.rows: dict[int | str, object] = {}
        self.quotes_taken = 0
        self.deltas_taken = 0
        self.began: Measured | None = None

    def quotes(self, server: str, batch: QuoteBatch, received_us: int) -> None:
        self._begin()
        self.bid[batch.index] = batch.bid
        self.ask[batch.index] = batch.ask
        self.quotes_taken += len(batch)

    def deltas(self, server: str, epoch: str, items: list[Delta]) -> None:
        self._begin()
        for delta in items:
            self.rows[row_key(delta.row)] = delta.row
        self.deltas_taken += len(items)

    def _begin(self) -> None:
        if self.began is None:
            self.began = (time.perf_counter(), time.process_time())


async def client_takes(port: int, done: Callable[[Board], bool]) -> Measured:
    """A BridgeClient until the condition holds; from the first frame on."""
    board = Board()
    endpoint = Endpoint("MT4", Platform.MT4, f"ws://127.0.0.1:{port}")
    client = BridgeClient(endpoint, Credentials("desk", "desk", KEYS["desk"].key.hex()), SETS, board)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(client.run())
        while not done(board):  # noqa: ASYNC110 -- an event per batch would be measured too
            await asyncio.sleep(0.002)
        wall, cpu = time.perf_counter(), time.process_time()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert board.began is not None
    return wall - board.began[0], cpu - board.began[1]


async def recv_takes(port: int, count: int, decode: Callable[[bytes], object] | None) -> Measured:
    """A bare websockets client, which may decode each frame."""
    async with connect(f"ws://127.0.0.1:{port}", compression=None, max_size=None, ping_interval=None) as socket:
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(count):
            frame = await socket.recv(decode=False)
            if decode is not None:
                decode(frame)
        return time.perf_counter() - wall, time.process_time() - cpu


def against(kind: str, count: int, folder: Path, work: Callable[[int], Awaitable[Measured]]) -> Measured:
    """Runs the client's work against a server process."""
    command = [sys.executable, str(Path(__file__).with_name("wire_server.py")), kind, str(count), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())

        async def run() -> Measured:
            return await work(port)

        try:
            return asyncio.run(run())
        finally:
            server.kill()


def journal_takes(folder: Path) -> Measured:
    """Appending and syncing, 500 deltas at a time."""
    from platform_double import position

    steps = [
        [Delta(seq, seq, seq, position(seq)) for seq in range(first, first + DELTAS_PER_STEP)]
        for first in range(1, DELTAS, DELTAS_PER_STEP)
    ]
    journal = Journal.open(folder)
    wall, cpu = time.perf_counter(), time.process_time()
    for step in steps:
        journal.append(step)
        journal.sync()
    measured = time.perf_counter() - wall, time.process_time() - cpu
    journal.close()
    return measured


def line(name: str, count: int, measured: Measured, baseline: float | None = None) -> float:
    """Prints one row of the table; returns the count per CPU second."""
    wall_s, cpu_s = measured
    ratio = f"{count / cpu_s / baseline:9.2f} x" if baseline else ""
    print(f"{name:<52}{count / wall_s:>14,.0f}{count / cpu_s:>16,.0f}{ratio:>14}")
    return count / cpu_s


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"{'':<52}{'a second':>14}{'a CPU second':>16}{'':>14}")
        decode = msgspec.json.Decoder().decode
        single = line(
            "quotes, one JSON quote a frame (baseline)",
            JSON_FRAMES,
            against("json", JSON_FRAMES, folder, lambda port: recv_takes(port, JSON_FRAMES, decode)),
        )
        quotes = FRAMES * QUOTES_PER_FRAME
        line(
            "quotes, bare recv of columnar frames",
            quotes,
            against("raw", FRAMES, folder, lambda port: recv_takes(port, FRAMES, None)),
            single,
        )
        line(
            "quotes, BridgeClient into arrays",
            quotes,
            against(
                "quotes", FRAMES, folder, lambda port: client_takes(port, lambda board: board.quotes_taken >= quotes)
            ),
            single,
        )
        journal = line("deltas, journal append and sync (baseline)", DELTAS, journal_takes(folder / "alone"))
        line(
            "deltas, bridge with journal to BridgeClient into rows",
            DELTAS,
            against(
                "deltas",
                DELTAS,
                folder,
                lambda port: client_takes(port, lambda board: board.deltas_taken >= DELTAS),
            ),
            journal,
        )


if __name__ == "__main__":
    main()
