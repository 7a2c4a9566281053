"""A broker's end that sends one order after another until it is killed: `broker_process.py <store> <port> <count>`.

Orders are c0, c1 …, so that a process started again goes on with what was not sent yet.
"""

from __future__ import annotations

import asyncio
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

from dealerdesk.bridges.fix.connection import Connection, LpAddress
from dealerdesk.bridges.fix.order_desk import OrderDesk
from dealerdesk.bridges.fix.order_store import OrderStore
from dealerdesk.bridges.fix.orders import NewOrder
from dealerdesk.bridges.fix.session import SessionState
from dealerdesk.bridges.fix.session_terms import SessionTerms
from dealerdesk.bridges.fix.wire import Parties
from dealerdesk.clock import now_us
from dealerdesk.trading import Side


async def main(path: Path, port: int, count: int) -> None:
    store = OrderStore(path)
    desk = OrderDesk(SessionTerms(Parties("BROKER", "LP")), store)
    desk.begin()
    stop = asyncio.Event()
    connection = Connection(desk.session, LpAddress("127.0.0.1", port), _unheard, now_us, wait_s=0.05)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(connection.run(stop))
        for number in range(count):
            if store.order(f"c{number}") is None:
                while desk.session.state is not SessionState.UP:  # noqa: ASYNC110
                    await asyncio.sleep(0.005)
                side = Side.BUY if number % 3 else Side.SELL
                desk.place(NewOrder(id=f"c{number}", symbol="EUR/USD", side=side, quantity=Decimal(100)), now_us())
                connection.flush()
                await asyncio.sleep(0.002)
        while store.open_orders() or desk.session.state is not SessionState.UP:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        stop.set()
    store.close()


def _unheard(_news: list[Any]) -> None:
    """The store keeps what matters."""


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
