"""Weighted sums over the kinds of accounts, for each symbol: the clients' side, or what of it the dealer keeps.

Money is float64 in a reporting currency: it goes from the profit currency into each account's deposit currency and
from there into the reporting currency, so that sums by symbol and sums by account agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from dealerdesk.live.frame import Frame
from dealerdesk.live.margins import PER_LOT
from dealerdesk.live.registry import Registry
from dealerdesk.live.tables import BOOKS
from dealerdesk.money import currency as currency_of

Floats = NDArray[np.float64]


class View(StrEnum):
    """Whose side the signs are: the clients', or the dealer's, who holds the opposite of what is kept."""

    CLIENTS = "clients"
    DEALER = "dealer"


@dataclass(frozen=True, slots=True)
class SymbolSums:
    """One element a symbol slot. Lots and costs (lots × open price) are of the view; bought is what the view holds
    long. `book_net` is [3 books × symbols]; `covered` are the clients' net lots that are passed on."""

    bought: Floats
    sold: Floats
    bought_cost: Floats
    sold_cost: Floats
    book_net: Floats
    book_cost: Floats
    covered: Floats
    covered_cost: Floats
    floating: Floats
    realised: Floats
    session: Floats
    positions: NDArray[np.int64]
    accounts: NDArray[np.int64]


def kept_share(covered_percent: NDArray[np.integer]) -> Floats:
    """How much of a client's risk stays with the broker: 1 when nothing is covered."""
    return 1.0 - covered_percent / 100.0


def symbol_sums(state: Registry, frame: Frame, view: View, currency: str, book: int | None = None) -> SymbolSums:
    """The sums of all accounts, or of those in one book (an index into BOOKS)."""
    state.engine.settle(state.unready_blocks())
    totals, count = state.engine.totals, len(frame.mid)
    kinds = np.array(totals.kinds, np.int64).reshape(-1, 3)
    weight = np.ones(len(kinds)) if view is View.CLIENTS else -kept_share(kinds[:, 2])
    if book is not None:
        weight = weight * (kinds[:, 1] == book)
    shares = np.abs(weight)

    def column(name: str) -> NDArray[np.float64]:
        return totals.column(name)[:, :count].astype(np.float64)

    long, short = column("long_volume") * PER_LOT, column("short_volume") * PER_LOT
    long_cost, short_cost = column("long_cost") * PER_LOT, column("short_cost") * PER_LOT
    floating, rest, realised = _results(state, frame, currency, kinds, weight, (long, short, long_cost, short_cost))
    sides = ((long, long_cost), (short, short_cost))
    (bought, bought_cost), (sold, sold_cost) = sides if view is View.CLIENTS else sides[::-1]
    net, cost = long - short, long_cost - short_cost
    by_book = np.stack([weight * (kinds[:, 1] == number) for number in range(len(BOOKS))])
    clients = np.ones(len(kinds)) if book is None else (kinds[:, 1] == book).astype(np.float64)
    counted = (weight != 0).astype(np.int64)
    return SymbolSums(
        bought=shares @ bought,
        sold=shares @ sold,
        bought_cost=shares @ bought_cost,
        sold_cost=shares @ sold_cost,
        book_net=by_book @ net,
        book_cost=by_book @ cost,
        covered=(clients * kinds[:, 2] / 100.0) @ net,
        covered_cost=(clients * kinds[:, 2] / 100.0) @ cost,
        floating=floating,
        realised=realised,
        session=floating + rest,
        positions=counted @ totals.column("positions")[:, :count],
        accounts=counted @ totals.column("cells")[:, :count],
    )


def _results(
    state: Registry,
    frame: Frame,
    currency: str,
    kinds: NDArray[np.int64],
    weight: Floats,
    volumes: tuple[Floats, Floats, Floats, Floats],
) -> tuple[Floats, Floats, Floats]:
    """Floating result, what the session adds to it, and the realised result by symbol, in `currency`."""
    engine, table, count = state.engine, state.symbols, len(frame.mid)
    codes = engine.deposits.names
    by_deposit = np.zeros((len(codes), len(kinds)))
    by_deposit[kinds[:, 0], np.arange(len(kinds))] = weight
    long, short, long_cost, short_cost = (by_deposit @ volume for volume in volumes)
    held = (np.abs(by_deposit) @ (volumes[0] + volumes[1])) > 0
    out = frame.rates_to(currency)[codes][:, np.newaxis]
    rate = frame.rates.matrix[table.profit_currency[:count]][:, codes].T
    result = (long * frame.bid - short * frame.ask - long_cost + short_cost) * table.lot_value[:count] * rate
    floating = np.where(held, result * out, 0.0).sum(axis=0)
    unit = np.array([_unit(state, code) for code in codes]).reshape(-1, 1)

    def money(name: str) -> Floats:
        amounts = by_deposit @ engine.totals.column(name)[:, :count].astype(np.float64)
        summed: Floats = np.where(amounts != 0, amounts * unit * out, 0.0).sum(axis=0)
        return summed

    realised = money("realised")
    return floating, money("accrued") + realised - money("start_floating"), realised


def _unit(state: Registry, code: int) -> float:
    return float(10.0 ** -currency_of(state.currency_codes.names[code]).exponent)
