"""A server small enough to know every figure of: round prices, a few accounts, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from dealerdesk.bridges.protocol import Delta
from dealerdesk.bridges.simulator.catalogue import instruments, symbols_of
from dealerdesk.bridges.simulator.dealing import DealingQueue
from dealerdesk.bridges.simulator.execution import Execution
from dealerdesk.bridges.simulator.publisher import Publisher
from dealerdesk.bridges.simulator.state import ServerState
from dealerdesk.bridges.simulator.tables import BOOKS
from dealerdesk.bridges.simulator.till import Till
from dealerdesk.config import SimulatorConfig
from dealerdesk.trading import Book, Platform

NOON_US = 1_763_467_200_000_000
"""Tuesday 2025-11-18 12:00 UTC."""
PRICES = {
    "EURUSD": (1.10000, 1.10010),
    "USDJPY": (150.000, 150.010),
    "GBPUSD": (1.25000, 1.25010),
    "US500": (6000.0, 6000.5),
    "XAUUSD": (2500.00, 2500.20),
    "BTCUSD": (60000.00, 60010.00),
    "USDCHF": (0.80000, 0.80010),
}
COVER = {Book.A: 100, Book.B: 0, Book.C: 50}


@dataclass
class StandStill:
    """A market whose prices only move when a test says so; everything trades."""

    bid_points: np.ndarray
    ask_points: np.ndarray
    open: np.ndarray
    step_us: int = 50_000
    time_us: int = NOON_US


@dataclass
class Server:
    state: ServerState
    market: StandStill
    publisher: Publisher
    execution: Execution
    till: Till
    queue: DealingQueue
    generator: np.random.Generator = field(default_factory=lambda: np.random.default_rng(3))

    def symbol(self, instrument: str) -> int:
        return next(s.index for s in self.state.symbols if s.instrument == instrument)

    def quote(self, instrument: str, bid: float, ask: float) -> None:
        index = self.symbol(instrument)
        scale = 10 ** self.state.symbols[index].digits
        self.state.prices.bid[index], self.state.prices.ask[index] = round(bid * scale), round(ask * scale)

    def account(
        self, currency: str = "USD", kind: str = "retail", balance: int = 1_000_000, leverage: int = 100
    ) -> int:
        """An account with `balance` minor units, in book B."""
        state = self.state
        group = next(
            n
            for n, terms in enumerate(state.groups)
            if (terms.kind, terms.group.currency) == (kind, currency) and terms.book in (None, Book.B)
        )
        return state.accounts.add(
            login=1_001 + state.accounts.count,
            client_id=100_000,
            group=group,
            currency=state.currencies.index(currency),
            leverage=leverage,
            balance=balance,
            opened_us=NOON_US,
            enabled=True,
            book=BOOKS.index(Book.B),
            partner=-1,
        )

    def said(self) -> list[Delta]:
        return self.publisher.take()


def small_server(platform: Platform = Platform.MT5) -> Server:
    offered = instruments(30)
    symbols = symbols_of(platform, offered)
    state = ServerState(platform, offered, symbols)
    bid = np.array([round(PRICES.get(i.name, (i.typical_price, 0))[0] * 10**i.digits) for i in offered])
    ask = np.array([round(PRICES.get(i.name, (0, i.typical_price * 1.0002))[1] * 10**i.digits) for i in offered])
    state.prices.bid[:], state.prices.ask[:] = bid, np.maximum(ask, bid + 1)
    state.time_us = NOON_US
    state.offer_currencies()
    market = StandStill(bid, ask, np.ones(len(offered), np.bool_))
    publisher = Publisher(state)
    execution = Execution(state, publisher)
    generator = np.random.default_rng(3)
    queue = DealingQueue(state, publisher, execution, generator)
    return Server(state, market, publisher, execution, Till(state, publisher), queue, generator)


def small_config(platform: Platform = Platform.MT5, **changes) -> SimulatorConfig:
    told = {
        "server": "S",
        "platform": platform,
        "journal_dir": "",
        "keys": {},
        "start_us": NOON_US,
        "accounts": 300,
        "positions": 2_000,
        "symbols": 30,
        "ticks_per_second": 200.0,
    }
    return SimulatorConfig(**{**told, **changes})
