"""A broker to be stressed: one MetaTrader and one cTrader server with EURUSD at 1.10 and an index at 100.00."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dealerdesk.instruments import LOT
from dealerdesk.live.frame import compute
from dealerdesk.live.frozen_book import FrozenBook, freeze
from dealerdesk.live.shocks import Shock, Shocks, Target
from dealerdesk.live.state import LiveState
from dealerdesk.trading import Order, OrderType, Platform, Position
from live.live_rows import NOW, account, group, pair, position, quotes, snapshot, thing

PLATFORMS = {"MT5": Platform.MT5, "cTrader": Platform.CTRADER}


def broker(*rows: object, balance: int = 1_000_000, hedged: int = 0) -> LiveState:
    """Account 1 in USD with 10,000.00 on each server unless said; stop-out at 50 %, call at 100 %, leverage 100."""
    state = LiveState()
    for server in PLATFORMS:
        symbols = (pair("EURUSD", 0, hedged=hedged), thing("US100", 1))
        snapshot(state, server, *symbols, group(), account(1, balance=balance), *rows)
        state.apply_quotes(server, quotes((0, 110_000, 110_000), (1, 10_000, 10_000)), NOW)
    return state


def frozen(state: LiveState) -> FrozenBook:
    return freeze(state, compute(state, NOW), PLATFORMS)


def falls(instrument: str, percent: float) -> Shocks:
    return Shocks((Shock(Target.INSTRUMENT, instrument, -percent),))


def with_stop(row: Position, stop_loss: str | None = None, take_profit: str | None = None) -> Position:
    """The same position with its orders."""
    fields = {name: getattr(row, name) for name in row.__struct_fields__}
    fields["stop_loss"] = Decimal(stop_loss) if stop_loss else None
    fields["take_profit"] = Decimal(take_profit) if take_profit else None
    return Position(**fields)


def order(number: int, kind: OrderType, price: str, login: int = 1, symbol: str = "EURUSD") -> Order:
    return Order(id=number, login=login, symbol=symbol, kind=kind, volume=LOT, price=Decimal(price), placed_us=NOW)


def bought(number: int, symbol: str, lots: str, price: str, login: int = 1) -> Position:
    return position(number, login, symbol, lots, price)


def closed_ids(book: FrozenBook, closed: Sequence[int], server: str) -> list[int]:
    """Ids of the positions that a server's stop-outs closed, in the order of their rounds."""
    rows = [
        (int(round_number), int(book.positions.id[slot]))
        for slot, round_number in zip(book.held.tolist(), list(closed), strict=True)
        if round_number > 0 and book.servers[int(book.positions.server[slot])] == server
    ]
    return [number for _, number in sorted(rows)]
