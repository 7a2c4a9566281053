"""A bridge process for kill tests: publishes numbered deltas for ever, and goes on with its journal after a restart.

python bridge_child.py FOLDER PORT
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from bridge_over_sockets import served
from platform_double import PlatformDouble, account, position

from dealerdesk.bridges.journal import Journal
from dealerdesk.bridges.protocol import decode_delta


async def main(folder: Path, port: int) -> None:
    platform = PlatformDouble()
    platform.seed(*(account(i) for i in range(1, 50)))
    journal = Journal.open(folder / "journal")
    for _seq, data in journal.entries(1):
        platform.replay(decode_delta(data))
    journal.close()
    async with served(folder, platform, port=port, digest_every_s=0.05) as bridge:
        print(bridge.server.port, flush=True)
        while True:
            bridge.put(*(position(platform.seq % 97 + i, platform.seq + 1) for i in range(20)))
            await asyncio.sleep(0.002)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
