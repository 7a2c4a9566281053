"""Net uncovered by instrument, and the order that brings it within its limit. Pure; sending orders happens elsewhere.

All figures are units of what is traded, exact and signed: positive is long. A client's long position wants the broker
long at the LP, so *uncovered* = what is to be covered less what is covered, and a positive figure is bought back by
buying (field/glossary, MT5's VolumeNet = clients less coverage).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from dealerdesk.dealing.symbol_map import ZERO, LpSymbol
from dealerdesk.trading import Side


@dataclass(frozen=True, slots=True)
class ClientHolding:
    """Clients' net units of one instrument with one share to cover: 100 in book A, 0 in B, between in C."""

    instrument: str
    units: Decimal
    covered_percent: int
    login: int = 0


@dataclass(frozen=True, slots=True)
class CoverageHolding:
    """The broker's own units of one instrument at one LP."""

    lp: str
    instrument: str
    units: Decimal


@dataclass(frozen=True, slots=True)
class Uncovered:
    """One instrument: `clients` in all books, `to_cover` of them (A's and C's share), `covered` at all LPs."""

    instrument: str
    clients: Decimal = ZERO
    to_cover: Decimal = ZERO
    covered: Decimal = ZERO

    @property
    def units(self) -> Decimal:
        """What the books say should be covered and is not; negative when more is covered than should be."""
        return self.to_cover - self.covered

    @property
    def net_units(self) -> Decimal:
        """What the broker carries in all books: the clients' net less all coverage."""
        return self.clients - self.covered


@dataclass(frozen=True, slots=True)
class HedgeOrder:
    """A market order at an LP: `amount` in the LP's amount, always positive; `units` is what it does to our side,
    signed as the coverage it adds."""

    lp: str
    instrument: str
    symbol: str
    side: Side
    amount: Decimal
    units: Decimal


def uncovered(clients: Iterable[ClientHolding], coverage: Iterable[CoverageHolding]) -> dict[str, Uncovered]:
    """Each instrument that a client or the broker holds, in order of name."""
    rows: dict[str, Uncovered] = {}
    for holding in clients:
        row = rows.get(holding.instrument, Uncovered(holding.instrument))
        share = holding.units * holding.covered_percent / 100
        rows[row.instrument] = replace(row, clients=row.clients + holding.units, to_cover=row.to_cover + share)
    for held in coverage:
        row = rows.get(held.instrument, Uncovered(held.instrument))
        rows[row.instrument] = replace(row, covered=row.covered + held.units)
    return dict(sorted(rows.items()))


def cover(symbol: LpSymbol, units: Decimal) -> HedgeOrder | None:
    """The order that takes `units` uncovered nearest to zero; None below half of the LP's smallest amount."""
    return _order(symbol, units, symbol.nearest(abs(units)))


def flatten_to_limit(symbol: LpSymbol, units: Decimal, limit: Decimal) -> HedgeOrder | None:
    """The smallest order after which at most `limit` units are uncovered; None when they are already.

    A limit below half of the LP's smallest amount cannot always be kept; then the order nearest to zero is proposed.
    Never leaves more uncovered than before.
    """
    if limit < 0:
        raise ValueError(f"{symbol.instrument}: a limit is not negative, got {limit}")
    over = abs(units) - limit
    if over <= 0:
        return None
    if limit < symbol.step_units / 2:
        return cover(symbol, units)
    return _order(symbol, units, symbol.at_least(over))


def after(units: Decimal, order: HedgeOrder | None) -> Decimal:
    """What is uncovered once `order` is filled."""
    return units if order is None else units - order.units


def _order(symbol: LpSymbol, units: Decimal, amount: Decimal) -> HedgeOrder | None:
    if not amount:
        return None
    side = Side.BUY if units > 0 else Side.SELL
    return HedgeOrder(symbol.lp, symbol.instrument, symbol.symbol, side, amount, side.sign * symbol.units(amount))
