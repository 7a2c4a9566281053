"""The client in Qt's event loop, as a desk runs it: it joins, follows, reconnects, and gives the loop its turns."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from bridge_over_sockets import connected, served, until
from platform_double import START_US, Mirror, PlatformDouble, position
from PySide6.QtWidgets import QApplication
from qasync import QEventLoop


def test_a_client_in_qts_loop_loads_30000_rows_without_holding_it_up(qapp: QApplication, tmp_path: Path) -> None:
    turns_s: list[float] = []

    async def watch() -> None:
        while True:
            began_s = time.perf_counter()
            await asyncio.sleep(0.001)
            turns_s.append(time.perf_counter() - began_s)

    async def story() -> None:
        mirror, platform = Mirror(), PlatformDouble()
        platform.seed(*(position(i) for i in range(30_000)))
        async with served(tmp_path, platform) as bridge, asyncio.TaskGroup() as group:
            watching = group.create_task(watch())
            async with connected(bridge.server.port, mirror) as client:
                await until(lambda: mirror.snapshots)
                bridge.put(*(position(i, i + 1) for i in range(2_000)))
                bridge.server.publish_quotes([0], [5], [6], START_US)
                await until(lambda: mirror.seq == 2_000 and mirror.quotes_by_index)
                await until(lambda: client.status.state == "live")
                assert mirror.rows == platform.rows
            watching.cancel()

    loop = QEventLoop(qapp)
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(story())
    finally:
        loop.close()
        asyncio.set_event_loop(None)
    # both ends share this loop here; 60 chunks of 500 rows must not come in one turn
    assert len(turns_s) > 20
