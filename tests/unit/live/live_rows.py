"""Rows for the live engine's tests, in a dealer's words."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from dealerdesk.bridges.protocol import Delta, RowSet
from dealerdesk.bridges.quotes import QuoteBatch
from dealerdesk.instruments import LOT, AssetClass, CalculationMode, Symbol
from dealerdesk.live.state import LiveState
from dealerdesk.trading import (
    Account,
    Accounting,
    Book,
    Client,
    Deal,
    Entry,
    Group,
    Position,
    Routing,
    SessionResult,
    Side,
)

NOW = 1_700_000_000_000_000
EVERYTHING = tuple(RowSet)


def pair(name: str, index: int, digits: int = 5, hedged: int = 0) -> Symbol:
    """A currency pair of 100,000 units, named by its currencies."""
    base, profit = name[:3], name[3:6]
    return Symbol(
        name=name,
        instrument=name[:6],
        description=name,
        asset_class=AssetClass.FX,
        base_currency=base,
        profit_currency=profit,
        margin_currency=base,
        calculation_mode=CalculationMode.FOREX,
        contract_size=Decimal(100_000),
        digits=digits,
        tick_size=Decimal(1).scaleb(-digits),
        tick_value=Decimal(1),
        volume_min=LOT // 100,
        volume_step=LOT // 100,
        volume_max=100 * LOT,
        hedged_contract_size=Decimal(hedged),
        index=index,
    )


def thing(
    name: str, index: int, currency: str = "USD", kind: AssetClass = AssetClass.INDICES, size: int = 10
) -> Symbol:
    """A CFD with leverage: an index, a share, a metal; quoted with two digits."""
    return Symbol(
        name=name,
        instrument=name,
        description=name,
        asset_class=kind,
        base_currency=currency,
        profit_currency=currency,
        margin_currency=currency,
        calculation_mode=CalculationMode.CFD_LEVERAGE,
        contract_size=Decimal(size),
        digits=2,
        tick_size=Decimal("0.01"),
        tick_value=Decimal(1),
        volume_min=LOT // 100,
        volume_step=LOT // 100,
        volume_max=100 * LOT,
        index=index,
    )


def account(
    login: int, currency: str = "USD", balance: int = 1_000_000, leverage: int = 100, client: int = 0
) -> Account:
    """10,000.00 of balance unless said."""
    return Account(
        login=login,
        client_id=client or login,
        group="real",
        currency=currency,
        leverage=leverage,
        balance=balance,
        credit=0,
        opened_us=0,
    )


def position(
    number: int, login: int, symbol: str, lots: str, price: str, swap: int = 0, commission: int = 0
) -> Position:
    """`lots` negative is sold."""
    volume = int(Decimal(lots) * LOT)
    return Position(
        id=number,
        login=login,
        symbol=symbol,
        side=Side.BUY if volume > 0 else Side.SELL,
        volume=abs(volume),
        open_price=Decimal(price),
        opened_us=NOW,
        swap=swap,
        commission=commission,
    )


def deal(login: int, symbol: str, profit: int, swap: int = 0, commission: int = 0) -> Deal:
    return Deal(
        id=1,
        position_id=1,
        order_id=1,
        login=login,
        symbol=symbol,
        side=Side.SELL,
        entry=Entry.OUT,
        volume=LOT,
        price=Decimal(1),
        dealt_us=NOW,
        profit=profit,
        swap=swap,
        commission=commission,
    )


def group(name: str = "real", call: int = 100, out: int = 50) -> Group:
    return Group(
        name=name,
        currency="USD",
        accounting=Accounting.HEDGING,
        margin_call_percent=Decimal(call),
        stop_out_percent=Decimal(out),
    )


def client(number: int, name: str) -> Client:
    return Client(id=number, name=name, country="PL", profile="casual", registered_us=0)


def routing(login: int, book: Book, covered: int) -> Routing:
    return Routing(login=login, book=book, covered_percent=covered)


def result(login: int, symbol: str, realised: int, start: int) -> SessionResult:
    return SessionResult(login=login, symbol=symbol, realised=realised, start_floating=start)


def quotes(*prices: tuple[int, int, int], time_us: int = NOW) -> QuoteBatch:
    """(index, bid points, ask points) …"""
    count = len(prices)
    return QuoteBatch(
        time_us,
        np.array([index for index, _, _ in prices], np.uint32),
        np.zeros(count, np.uint32),
        np.zeros(count, np.uint32),
        np.array([bid for _, bid, _ in prices], np.int64),
        np.array([ask for _, _, ask in prices], np.int64),
    )


def say(state: LiveState, server: str, *rows: object, version: int = 1) -> None:
    """Each row as a delta."""
    for row in rows:
        state.apply(server, Delta(seq=1, version=version, time_us=NOW, row=row))  # type: ignore[arg-type]


def snapshot(state: LiveState, server: str, *rows: object, sets: tuple[RowSet, ...] = EVERYTHING) -> None:
    """A whole snapshot, each row a chunk."""
    state.begin_snapshot(server, sets)
    for row in rows:
        state.load(server, [row], [0])  # type: ignore[list-item]
    state.end_snapshot(server, 0)


def desk() -> LiveState:
    """MT5 with EURUSD (bid 1.10000), GBPUSD (1.25000) and USDJPY (150.000), accounts 1 in USD and 2 in EUR."""
    state = LiveState()
    symbols = (pair("EURUSD", 0), pair("GBPUSD", 1), pair("USDJPY", 2, digits=3))
    snapshot(state, "MT5", *symbols, group(), client(1, "Anna"), client(2, "Bob"), account(1), account(2, "EUR"))
    state.apply_quotes("MT5", quotes((0, 110_000, 110_000), (1, 125_000, 125_000), (2, 150_000, 150_000)), NOW)
    return state
