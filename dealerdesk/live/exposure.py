"""Exposure cut by any dimension, from the clients' or the dealer's side: one product of the same cells each.

Lots are net of side, notional is at mid, results are from the side of the view: a dealer's profit is what the clients
lose on the kept share. All money is in one reporting currency unless a column says otherwise; nan means unknown.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dealerdesk.live.dimensions import BY_SYMBOL, Dimension, Grouping, Legs, by_account, by_symbol, legs, rows_behind
from dealerdesk.live.frame import Frame
from dealerdesk.live.registry import Registry
from dealerdesk.live.sums import SymbolSums, View, kept_share, symbol_sums
from dealerdesk.live.tables import BOOKS

__all__ = ["Dimension", "Exposure", "View", "exposure", "rows_behind"]

Floats = NDArray[np.float64]
SUMMABLE = (
    "net_lots",
    "long_lots",
    "short_lots",
    "gross_lots",
    "net_usd",
    "gross_usd",
    "a_net_usd",
    "b_net_usd",
    "c_net_usd",
    "covered_usd",
    "floating_usd",
    "realised_usd",
    "session_usd",
)
OWN = ("net_amount", "floating_account", "session_account", "age_ms")


@dataclass(slots=True)
class Exposure:
    """A table of exposure, one row a key. `usd` in a name stands for the reporting `currency`."""

    dimension: Dimension
    view: View
    currency: str
    keys: list[Hashable]
    labels: list[str]
    net_lots: Floats = field(init=False)
    long_lots: Floats = field(init=False)
    short_lots: Floats = field(init=False)
    gross_lots: Floats = field(init=False)
    net_usd: Floats = field(init=False)
    gross_usd: Floats = field(init=False)
    a_net_usd: Floats = field(init=False)
    b_net_usd: Floats = field(init=False)
    c_net_usd: Floats = field(init=False)
    covered_usd: Floats = field(init=False)
    floating_usd: Floats = field(init=False)
    realised_usd: Floats = field(init=False)
    session_usd: Floats = field(init=False)
    net_amount: Floats = field(init=False)
    floating_account: Floats = field(init=False)
    session_account: Floats = field(init=False)
    age_ms: Floats = field(init=False)
    accounts: NDArray[np.int64] = field(init=False)
    positions: NDArray[np.int64] = field(init=False)
    stale: NDArray[np.bool_] = field(init=False)
    account_currency: list[str] = field(init=False)

    def __post_init__(self) -> None:
        for name in SUMMABLE:
            setattr(self, name, np.zeros(self.count))
        for name in OWN:
            setattr(self, name, np.full(self.count, np.nan))
        self.accounts, self.positions = np.zeros(self.count, np.int64), np.zeros(self.count, np.int64)
        self.stale = np.zeros(self.count, np.bool_)
        self.account_currency = [""] * self.count

    @property
    def count(self) -> int:
        return len(self.keys)

    def row(self, key: Hashable) -> int | None:
        """The number of a key's row, None if there is none."""
        return self.keys.index(key) if key in self.keys else None

    def totals(self) -> dict[str, float]:
        """Sums of the columns that can be summed; rows that are not known are left out."""
        return {name: float(np.nansum(getattr(self, name))) for name in SUMMABLE}


def exposure(
    state: Registry, frame: Frame, dimension: Dimension, view: View = View.CLIENTS, currency: str = "USD"
) -> Exposure:
    """The exposure by a dimension at the frame's prices."""
    count = len(frame.mid)
    if dimension in BY_SYMBOL:
        table = _by_symbol(state, frame, by_symbol(state, dimension, count), dimension, view, currency)
        if dimension is Dimension.SERVER:
            _count_accounts(state, frame, table, by_account(state, dimension, frame.count))
        elif dimension is Dimension.ASSET_CLASS:
            codes = by_symbol(state, dimension, count).codes
            table.accounts = _holders(state, view, (codes,), table.count)
        return table
    if dimension is Dimension.CURRENCY:
        return _by_leg(state, frame, view, currency)
    if dimension is Dimension.BOOK:
        return _by_book(state, frame, view, currency)
    return _by_account(state, frame, dimension, view, currency)


# -- by symbol ------------------------------------------------------------------------------------------------------


def _by_symbol(
    state: Registry, frame: Frame, grouping: Grouping, dimension: Dimension, view: View, currency: str
) -> Exposure:
    table = Exposure(dimension, view, currency, grouping.keys, grouping.labels)
    sums = symbol_sums(state, frame, view, currency)
    _add_symbols(table, grouping.codes, sums, frame.lot_notional(currency))
    _judge_symbols(state, frame, table, grouping.codes, sums.positions)
    if dimension in (Dimension.SYMBOL, Dimension.INSTRUMENT):
        value = state.symbols.lot_value[: len(frame.mid)] * frame.mid
        table.net_amount = _sum(grouping.codes, _times(sums.bought - sums.sold, value), table.count)
    return table


def _add_symbols(table: Exposure, codes: NDArray[np.int64], sums: SymbolSums, value: Floats) -> None:
    """Adds the symbols' sums to their rows; `value` is a lot's notional in the reporting currency."""
    net, gross = sums.bought - sums.sold, sums.bought + sums.sold
    columns = {
        "net_lots": net,
        "long_lots": sums.bought,
        "short_lots": sums.sold,
        "gross_lots": gross,
        "net_usd": _times(net, value),
        "gross_usd": _times(gross, value),
        "a_net_usd": _times(sums.book_net[0], value),
        "b_net_usd": _times(sums.book_net[1], value),
        "c_net_usd": _times(sums.book_net[2], value),
        "covered_usd": _times(sums.covered, value),
        "floating_usd": sums.floating,
        "realised_usd": sums.realised,
        "session_usd": sums.session,
    }
    for name, column in columns.items():
        getattr(table, name)[:] += _sum(codes, column, table.count)
    table.positions += _sum(codes, sums.positions, table.count).astype(np.int64)
    table.accounts += _sum(codes, sums.accounts, table.count).astype(np.int64)


def _judge_symbols(
    state: Registry, frame: Frame, table: Exposure, codes: NDArray[np.int64], positions: NDArray[np.int64]
) -> None:
    """How old the oldest price behind each row is, and whether a source has gone stale."""
    held = np.flatnonzero((positions > 0) & (codes >= 0))
    ages = np.full(table.count, -np.inf)
    np.maximum.at(ages, codes[held], (frame.time_us - frame.quote_us[held]) / 1000)
    table.age_ms = np.fmax(table.age_ms, np.where(np.isinf(ages), np.nan, ages))
    dead = _stale_servers(state)[state.symbols.server[: len(codes)]]
    table.stale[codes[held[dead[held]]]] = True


def _by_book(state: Registry, frame: Frame, view: View, currency: str) -> Exposure:
    names = [str(book) for book in BOOKS]
    table = Exposure(Dimension.BOOK, view, currency, list(names), names)
    value = frame.lot_notional(currency)
    for number in range(len(BOOKS)):
        sums = symbol_sums(state, frame, view, currency, book=number)
        codes = np.full(len(frame.mid), number, np.int64)
        _add_symbols(table, codes, sums, value)
        _judge_symbols(state, frame, table, codes, sums.positions)
    rows = by_account(state, Dimension.BOOK, frame.count)
    numbers = np.array([names.index(str(key)) for key in rows.keys], np.int64)
    codes = np.where(rows.codes >= 0, numbers[rows.codes], -1) if len(numbers) else rows.codes
    _count_accounts(state, frame, table, Grouping(codes, table.keys, table.labels))
    return table


# -- by currency leg ------------------------------------------------------------------------------------------------


def _by_leg(state: Registry, frame: Frame, view: View, currency: str) -> Exposure:
    """FX is two legs, +units of the base and −cost of the profit currency; anything else is the thing's notional.
    Results stand with the currency they arise in, or with the thing."""
    count = len(frame.mid)
    found = legs(state, count)
    table = Exposure(Dimension.CURRENCY, view, currency, found.keys, found.labels)
    sums = symbol_sums(state, frame, view, currency)
    pair = found.profit >= 0
    value, contract = frame.lot_notional(currency), state.symbols.lot_value[:count]
    base_rate = frame.rates_to(currency)[state.symbols.base_currency[:count]]
    worth = np.where(pair, contract * base_rate, value)
    _add_leg(table, found.base, sums.bought, sums.sold, worth, sums)
    amount = np.where(pair, contract, contract * frame.mid)
    table.net_amount = _sum(found.base, _times(sums.bought - sums.sold, amount), table.count)
    paid_rate = frame.rates_to(currency)[state.symbols.profit_currency[:count]]
    _add_leg(table, found.profit, sums.sold_cost, sums.bought_cost, contract * paid_rate, sums, cost=True)
    table.net_amount += _sum(found.profit, _times(sums.sold_cost - sums.bought_cost, contract), table.count)
    place = np.where(pair, found.profit, found.base)
    for name, column in (("floating", sums.floating), ("realised", sums.realised), ("session", sums.session)):
        getattr(table, f"{name}_usd")[:] = _sum(place, column, table.count)
    for codes in (found.base, found.profit):
        _judge_symbols(state, frame, table, codes, sums.positions)
    table.positions = _sum(found.base, sums.positions, table.count).astype(np.int64)
    table.positions += _sum(found.profit, sums.positions, table.count).astype(np.int64)
    table.accounts = _leg_holders(state, view, found, sums, table.count)
    for name in ("net_lots", "long_lots", "short_lots", "gross_lots"):
        getattr(table, name)[:] = np.nan
    return table


def _add_leg(
    table: Exposure,
    codes: NDArray[np.int64],
    bought: Floats,
    sold: Floats,
    worth: Floats,
    sums: SymbolSums,
    cost: bool = False,
) -> None:
    """Adds one leg of each symbol; with `cost` the books share it as they share the cost."""
    net, gross = _times(bought - sold, worth), _times(bought + sold, worth)
    table.net_usd += _sum(codes, net, table.count)
    table.gross_usd += _sum(codes, gross, table.count)
    for number, name in enumerate(("a_net_usd", "b_net_usd", "c_net_usd")):
        part = -sums.book_cost[number] if cost else sums.book_net[number]
        getattr(table, name)[:] += _sum(codes, _times(part, worth), table.count)
    covered = -sums.covered_cost if cost else sums.covered
    table.covered_usd += _sum(codes, _times(covered, worth), table.count)


# -- by account -----------------------------------------------------------------------------------------------------


def _by_account(state: Registry, frame: Frame, dimension: Dimension, view: View, currency: str) -> Exposure:
    count = frame.count
    rows = by_account(state, dimension, count)
    table = Exposure(dimension, view, currency, rows.keys, rows.labels)
    book, covered = state.accounts.book[:count], state.accounts.covered_percent[:count]
    weight = np.ones(count) if view is View.CLIENTS else -kept_share(covered)
    net_lots, gross_lots = frame.net_lots * weight, frame.gross_lots * np.abs(weight)
    net, gross = frame.net_in(currency), frame.gross_in(currency) * np.abs(weight)
    rate = frame.rate_to(currency)
    columns = {
        "net_lots": net_lots,
        "long_lots": (gross_lots + net_lots) / 2,
        "short_lots": (gross_lots - net_lots) / 2,
        "gross_lots": gross_lots,
        "net_usd": net * weight,
        "gross_usd": gross,
        "covered_usd": net * covered / 100.0,
        "floating_usd": frame.floating * rate * weight,
        "realised_usd": frame.realised * rate * weight,
        "session_usd": frame.session_pnl * rate * weight,
    }
    for number, name in enumerate(("a_net_usd", "b_net_usd", "c_net_usd")):
        columns[name] = np.where(book == number, net * weight, 0.0)
    for name, column in columns.items():
        setattr(table, name, _sum(rows.codes, column, table.count))
    _count_accounts(state, frame, table, rows)
    table.positions = _sum(rows.codes, state.accounts.positions[:count] * (weight != 0), table.count).astype(np.int64)
    _in_account_currency(state, frame, table, rows.codes, weight)
    _judge_accounts(state, frame, table, rows.codes)
    return table


def _count_accounts(state: Registry, frame: Frame, table: Exposure, rows: Grouping) -> None:
    holding = state.accounts.positions[: frame.count] > 0
    if table.view is View.DEALER:
        holding = holding & (state.accounts.covered_percent[: frame.count] < 100)
    table.accounts = _sum(rows.codes, holding.astype(np.float64), table.count).astype(np.int64)


def _in_account_currency(
    state: Registry, frame: Frame, table: Exposure, codes: NDArray[np.int64], weight: Floats
) -> None:
    """Results in the accounts' own currency, for rows whose accounts share one."""
    member = np.flatnonzero(codes >= 0)
    currency = state.accounts.currency[member].astype(np.int64)
    low, high = np.full(table.count, np.iinfo(np.int64).max), np.full(table.count, -1, np.int64)
    np.minimum.at(low, codes[member], currency)
    np.maximum.at(high, codes[member], currency)
    one = low == high
    names = state.currency_codes.names
    table.account_currency = [
        names[code] if same else "" for code, same in zip(high.tolist(), one.tolist(), strict=True)
    ]
    for name, column in (("floating", frame.floating), ("session", frame.session_pnl)):
        summed = _sum(codes, column * weight, table.count)
        setattr(table, f"{name}_account", np.where(one, summed, np.nan))


def _judge_accounts(state: Registry, frame: Frame, table: Exposure, codes: NDArray[np.int64]) -> None:
    cells = state.engine.cells
    held = np.flatnonzero(cells.alive[: cells.count] & (cells.positions[: cells.count] > 0))
    row, symbol = codes[cells.account[held]], cells.symbol[held]
    oldest = np.full(table.count, np.iinfo(np.int64).max)
    np.minimum.at(oldest, row, frame.quote_us[symbol])
    known = oldest < np.iinfo(np.int64).max
    table.age_ms = np.where(known, (frame.time_us - oldest) / 1000, np.nan)
    dead = _stale_servers(state)
    if dead.any():
        table.stale[row[dead[state.accounts.server[cells.account[held]]]]] = True


# -- sums -----------------------------------------------------------------------------------------------------------


def _sum(codes: NDArray[np.int64], values: NDArray[np.floating] | NDArray[np.integer], rows: int) -> Floats:
    """Σ of the values of each row; code −1 belongs to none."""
    sums: Floats = np.bincount(codes + 1, weights=values, minlength=rows + 1)[1:].astype(np.float64)
    return sums


def _times(amount: Floats, price: Floats) -> Floats:
    """amount × price, and 0 where there is no amount even if there is no price."""
    product: Floats = np.where(amount != 0, amount * price, 0.0)
    return product


def _stale_servers(state: Registry) -> NDArray[np.bool_]:
    return np.array([entry.stale_since_us is not None or not entry.ready for entry in state.server_list], np.bool_)


def _holders(state: Registry, view: View, codes: tuple[NDArray[np.int64], ...], rows: int) -> NDArray[np.int64]:
    """For each of `rows`, how many different accounts hold a symbol of it; a symbol has a row in each of `codes`."""
    cells = state.engine.cells
    held = np.flatnonzero(cells.alive[: cells.count] & (cells.positions[: cells.count] > 0))
    account = cells.account[held]
    if view is View.DEALER:
        kept = state.accounts.covered_percent[account] < 100
        held, account = held[kept], account[kept]
    marks = np.zeros((rows + 1, state.accounts.count), np.bool_)
    for of_symbol in codes:
        marks[of_symbol[cells.symbol[held]], account] = True
    counts: NDArray[np.int64] = np.count_nonzero(marks[:rows], axis=1)
    return counts


def _leg_holders(state: Registry, view: View, found: Legs, sums: SymbolSums, rows: int) -> NDArray[np.int64]:
    """Accounts behind each leg: told apart for the few currencies, counted by symbol for the many other things."""
    pair = found.profit >= 0
    currencies, number = np.unique(np.concatenate((found.base[pair], found.profit[pair])), return_inverse=True)
    base, profit = np.full(len(pair), -1, np.int64), np.full(len(pair), -1, np.int64)
    base[pair], profit[pair] = np.split(number, 2)
    counts = _sum(np.where(pair, -1, found.base), sums.accounts, rows).astype(np.int64)
    counts[currencies] += _holders(state, view, (base, profit), len(currencies))
    return counts
