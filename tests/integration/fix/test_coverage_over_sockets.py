"""Our sessions against another's engine, over sockets: quotes, orders, drops, and a kill in the middle."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from free_port import free_port

from dealerdesk.bridges.fix.connection import Connection, LpAddress
from dealerdesk.bridges.fix.market_data import MarketData
from dealerdesk.bridges.fix.order_desk import OrderDesk
from dealerdesk.bridges.fix.order_messages import Change, LpPosition
from dealerdesk.bridges.fix.order_store import OrderStore
from dealerdesk.bridges.fix.orders import NewOrder, OrderKind, OrderState, TimeInForce
from dealerdesk.bridges.fix.session import SessionState
from dealerdesk.bridges.fix.session_terms import SessionTerms
from dealerdesk.bridges.fix.simulated_desk import LadderStep, SimulatedTerms
from dealerdesk.bridges.fix.simulated_lp import SimulatedLp, SimulatedLpConfig
from dealerdesk.bridges.fix.wire import Parties
from dealerdesk.clock import now_us
from dealerdesk.trading import Side

EUR = SimulatedTerms(
    point=Decimal("0.00001"),
    ladder=(LadderStep(Decimal(100_000), Decimal(2)), LadderStep(Decimal(900_000), Decimal(6))),
    hold_s=0.02,
)
BROKER_PROCESS = Path(__file__).parent / "broker_process.py"


class Firm:
    """A broker's two sessions with a simulated LP, both up."""

    def __init__(self, lp: SimulatedLp, port: int, path: Path) -> None:
        self.lp = lp
        self.store = OrderStore(path)
        self.desk = OrderDesk(SessionTerms(Parties("BROKER", "LP")), self.store, "ACC1")
        self.quotes = MarketData(SessionTerms(Parties("BROKERQ", "LP"), reset_at_logon=True), ["EUR/USD"])
        self.news: list[Any] = []
        address = LpAddress("127.0.0.1", port)
        self.trading = Connection(self.desk.session, address, self.news.extend, now_us, wait_s=0.05)
        self.quoting = Connection(self.quotes.session, address, self.news.extend, now_us, wait_s=0.05)

    def place(self, order: NewOrder) -> None:
        self.desk.place(order, now_us())
        self.trading.flush()

    async def settled(self) -> None:
        await until(lambda: not self.store.open_orders())


async def until(true: Callable[[], object], timeout_s: float = 10.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not true():  # noqa: ASYNC110  what is waited for has no event
            await asyncio.sleep(0.005)


def reaches(lp: SimulatedLp, orders: int) -> bool:
    return len(lp.book.orders) >= orders


def with_lp(work: Callable[[Firm], Awaitable[None]], path: Path, terms: SimulatedTerms = EUR) -> None:
    """Runs `work` between logon and logout."""

    async def run() -> None:
        port = free_port()
        config = SimulatedLpConfig("LP", "BROKER", "BROKERQ", port, {"EUR/USD": terms})
        async with SimulatedLp(config, now_us) as lp:
            firm, stop = Firm(lp, port, path), asyncio.Event()
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(firm.trading.run(stop))
                tasks.create_task(firm.quoting.run(stop))
                await until(lambda: firm.desk.session.state is SessionState.UP)
                await until(lambda: firm.quotes.session.state is SessionState.UP)
                lp.quote("EUR/USD", Decimal("1.08000"))
                await work(firm)
                stop.set()
            firm.store.close()

    asyncio.run(run())


def buy(order_id: str, quantity: int, limit: str | None = None) -> NewOrder:
    kind = OrderKind.MARKET if limit is None else OrderKind.LIMIT
    tif = TimeInForce.IOC if limit is None else TimeInForce.DAY
    price = None if limit is None else Decimal(limit)
    return NewOrder(
        id=order_id, symbol="EUR/USD", side=Side.BUY, quantity=Decimal(quantity), kind=kind, price=price,
        time_in_force=tif,
    )  # fmt: skip


def test_a_market_order_sweeps_the_depth_that_was_quoted(tmp_path: Path) -> None:
    async def work(firm: Firm) -> None:
        await until(lambda: firm.quotes.depth("EUR/USD").ask)
        assert [level.price for level in firm.quotes.depth("EUR/USD").asks] == [Decimal("1.08002"), Decimal("1.08006")]

        firm.place(buy("c1", 150_000))
        await firm.settled()

        order = firm.store.order("c1")
        assert order is not None
        assert (order.state, order.fills) == (OrderState.FILLED, 150_000)
        assert order.hold_us >= 0
        assert firm.store.positions() == firm.lp.book.positions == {"EUR/USD": 150_000}

    with_lp(work, tmp_path / "lp.sqlite")


def test_a_price_that_moves_in_the_last_look_is_rejected_with_its_reason(tmp_path: Path) -> None:
    async def work(firm: Firm) -> None:
        firm.place(buy("c1", 100_000))
        await until(lambda: "c1" in firm.lp.book.orders)
        firm.lp.quote("EUR/USD", Decimal("1.08010"))
        await firm.settled()

        order = firm.store.order("c1")
        assert order is not None
        assert (order.state, order.text) == (OrderState.REJECTED, "last look: price moved 10 points")

    with_lp(work, tmp_path / "lp.sqlite")


def test_an_order_dropped_in_the_hold_is_asked_for_and_comes_out_as_the_lp_has_it(tmp_path: Path) -> None:
    async def work(firm: Firm) -> None:
        firm.place(buy("c1", 100_000))
        await until(lambda: "c1" in firm.lp.book.orders)
        await firm.lp.drop()
        await until(lambda: firm.desk.session.state is SessionState.DOWN)
        states = [firm.store.order("c1")]
        await firm.settled()

        assert states[0] is not None
        assert states[0].state is OrderState.UNKNOWN
        order = firm.store.order("c1")
        assert order is not None
        assert (order.state, order.filled) == (OrderState.FILLED, 100_000)
        assert len(firm.lp.book.orders) == 1
        assert firm.store.positions() == firm.lp.book.positions

    with_lp(work, tmp_path / "lp.sqlite")


def test_a_resting_order_is_replaced_cancelled_and_its_rest_is_gone(tmp_path: Path) -> None:
    async def work(firm: Firm) -> None:
        firm.place(buy("c1", 50_000, "1.07000"))
        await until(lambda: firm.store.order("c1").state is OrderState.WORKING)
        firm.desk.ask_change(Change(id="r1", order_id="c1", quantity=Decimal(80_000), price=Decimal("1.071")), now_us())
        firm.trading.flush()
        await until(lambda: firm.store.order("c1").live_id == "r1")
        firm.desk.ask_change(Change(id="x1", order_id="c1"), now_us())
        firm.trading.flush()
        await firm.settled()

        assert firm.store.order("c1").state is OrderState.CANCELLED
        assert firm.lp.book.orders["c1"].quantity == 80_000

    with_lp(work, tmp_path / "lp.sqlite")


def test_the_lps_own_positions_agree_with_what_was_booked(tmp_path: Path) -> None:
    async def work(firm: Firm) -> None:
        firm.place(buy("c1", 120_000))
        await firm.settled()
        firm.desk.ask_positions("p1", now_us())
        firm.trading.flush()
        await until(lambda: any(isinstance(news, LpPosition) for news in firm.news))

        told = [news for news in firm.news if isinstance(news, LpPosition)]
        assert [(position.symbol, position.quantity) for position in told] == [("EUR/USD", Decimal(120_000))]

    with_lp(work, tmp_path / "lp.sqlite")


@pytest.mark.parametrize("kills", [4])
def test_killed_again_and_again_nothing_is_lost_and_nothing_is_doubled(tmp_path: Path, kills: int) -> None:
    path, count = tmp_path / "lp.sqlite", 120

    async def run() -> None:
        port = free_port()
        config = SimulatedLpConfig("LP", "BROKER", "BROKERQ", port, {"EUR/USD": EUR})
        async with SimulatedLp(config, now_us) as lp:
            lp.quote("EUR/USD", Decimal("1.08000"))
            for kill in range(kills + 1):
                broker = await asyncio.create_subprocess_exec(
                    sys.executable, BROKER_PROCESS, str(path), str(port), str(count)
                )
                if kill < kills:
                    await until(partial(reaches, lp, len(lp.book.orders) + 10), 20)
                    broker.kill()
                    await broker.wait()
                else:
                    async with asyncio.timeout(30):
                        assert await broker.wait() == 0
            store = OrderStore(path)
            orders = [store.order(f"c{number}") for number in range(count)]
            taken = {order.id for order in orders if order and order.state is not OrderState.ABSENT}
            assert taken == set(lp.book.orders)
            assert all(order is not None and not order.is_open for order in orders)
            assert store.positions() == lp.book.positions
            store.close()

    asyncio.run(run())
