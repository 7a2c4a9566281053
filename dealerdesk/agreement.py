"""Holds the live engine's figures against the recorded tables: net volume by symbol and the sum of equity.

The tables' side is recomputed position by position in decimals, with nothing of the engine but the last quotes. Both
sides must stand at the same point of every stream; this module compares and reports, it does not wait for that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from dealerdesk.formulas.conversion import Pair, PairBook, Quote, convert
from dealerdesk.instruments import LOT, AssetClass, Symbol
from dealerdesk.live.frame import Frame
from dealerdesk.live.state import LiveState
from dealerdesk.money import currency
from dealerdesk.trading import Side

if TYPE_CHECKING:
    from dealerdesk.store.queries import FinalFigures

RELATIVE_ERROR_MAX = 1e-9
SymbolKey = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Both sides' final figures. Volumes in 1e-8 lot, equity in major units of the deposit currency."""

    live_volume: dict[SymbolKey, int]
    stored_volume: dict[SymbolKey, int]
    live_equity: dict[str, float]
    stored_equity: dict[str, float]

    def differences(self) -> list[str]:
        """One sentence for each figure that differs; empty when the two sides agree."""
        found = [
            f"{server} {symbol}: net volume {self.live_volume.get((server, symbol), 0)} live, "
            f"{self.stored_volume.get((server, symbol), 0)} recorded"
            for server, symbol in sorted(self.live_volume.keys() | self.stored_volume.keys())
            if self.live_volume.get((server, symbol), 0) != self.stored_volume.get((server, symbol), 0)
        ]
        for code in sorted(self.live_equity.keys() | self.stored_equity.keys()):
            live, stored = self.live_equity.get(code, 0.0), self.stored_equity.get(code, 0.0)
            if not abs(live - stored) <= RELATIVE_ERROR_MAX * max(1.0, abs(stored)):
                found.append(f"{code}: equity {live!r} live, {stored!r} recomputed from the tables")
        return found

    def summary(self) -> dict[str, object]:
        """The figures as plain data for a report."""
        net: dict[str, str] = {
            f"{server}/{symbol}": f"{Decimal(volume) / LOT:f}"
            for (server, symbol), volume in sorted(self.live_volume.items())
        }
        return {
            "agree": not self.differences(),
            "differences": self.differences(),
            "net_lots": net,
            "equity_live": self.live_equity,
            "equity_recomputed": self.stored_equity,
        }


def compare(state: LiveState, frame: Frame, stored: FinalFigures) -> Agreement:
    """Both sides' figures; `frame` must have been computed from `state` as it is now."""
    quotes = live_quotes(state)
    return Agreement(
        live_volume=_live_volume(state, frame),
        stored_volume={key: volume for key, volume in stored.net_volume.items() if volume},
        live_equity=_live_equity(state, frame),
        stored_equity=equity_by_currency(stored, quotes),
    )


def live_quotes(state: LiveState) -> dict[SymbolKey, Quote]:
    """The last quotes, exact from their points; server by server, which is the order conversions prefer."""
    symbols = state.symbols
    found: dict[SymbolKey, Quote] = {}
    slots = np.flatnonzero(symbols.alive[: symbols.count])
    for slot in slots[np.argsort(symbols.server[slots], kind="stable")].tolist():
        if symbols.bid[slot] > 0:
            digits = int(symbols.digits[slot])
            bid, ask = (
                Decimal(int(points[slot])).scaleb(-digits) for points in (symbols.bid_points, symbols.ask_points)
            )
            found[symbols.server_name[slot], symbols.name[slot]] = Quote(bid, ask)
    return found


def equity_by_currency(stored: FinalFigures, quotes: Mapping[SymbolKey, Quote]) -> dict[str, float]:
    """Σ equity of all recorded accounts by deposit currency: balance + credit + swap + commission + floating."""
    total: defaultdict[str, Decimal] = defaultdict(Decimal)
    for code, (balance, credit) in stored.balances.items():
        total[code] += Decimal(balance + credit).scaleb(-currency(code).exponent)
    # profit currency → deposit currency → floating, so that each rate is applied once to its exact sum
    floating: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for position in stored.positions:
        symbol = stored.symbols[position.server, position.symbol]
        quote = quotes[position.server, position.symbol]
        price = quote.bid if position.side is Side.BUY else quote.ask
        made = position.side.sign * (price - position.open_price) * symbol.contract_size * position.volume / LOT
        floating[symbol.profit_currency, position.currency] += made
        accrued = Decimal(position.swap + position.commission)
        total[position.currency] += accrued.scaleb(-currency(position.currency).exponent)
    pairs = pair_book(stored.symbols, quotes)
    for (source, target), made in floating.items():
        total[target] += made * convert(source, target, pairs).rate
    return {code: float(amount) for code, amount in sorted(total.items())}


def pair_book(symbols: Mapping[SymbolKey, Symbol], quotes: Mapping[SymbolKey, Quote]) -> PairBook:
    """The pairs to convert through: currency pairs before metals before crypto, servers in the order of the quotes."""
    ranks = {AssetClass.FX: 0, AssetClass.METALS: 1, AssetClass.CRYPTO: 2}
    usable = [
        (ranks[symbols[key].asset_class], Pair(key[1], symbols[key].base_currency, symbols[key].profit_currency, quote))
        for key, quote in quotes.items()
        if key in symbols and symbols[key].asset_class in ranks
    ]
    return PairBook(pair for _, pair in sorted(usable, key=_rank))


def _rank(usable: tuple[int, Pair]) -> int:
    return usable[0]


def _live_volume(state: LiveState, frame: Frame) -> dict[SymbolKey, int]:
    symbols, net = state.symbols, frame.net_volume.sum(axis=0)
    return {(symbols.server_name[slot], symbols.name[slot]): int(net[slot]) for slot in np.flatnonzero(net).tolist()}


def _live_equity(state: LiveState, frame: Frame) -> dict[str, float]:
    accounts = state.accounts
    alive = accounts.alive[: frame.count]
    sums = np.bincount(accounts.currency[: frame.count][alive], weights=frame.equity[alive])
    return {state.currencies[code]: float(sums[code]) for code in np.flatnonzero(sums).tolist()}
