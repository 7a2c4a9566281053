"""A stress of one account in plain Python: a list of positions, one closing at a time, margin from `formulas`."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from decimal import Decimal

from dealerdesk.formulas.margin import Leg, lots_of, terms_of
from dealerdesk.formulas.profit import contract_of, value_per_lot
from dealerdesk.formulas.stop_out import ClosingOrder, Funds, StopOut, StopOutTerms, Threatened, stop_out
from dealerdesk.formulas.symbol_margin import symbol_margin
from dealerdesk.instruments import Symbol
from dealerdesk.trading import Account, Platform, Position, Side

Quotes = dict[str, tuple[float, float]]
Rates = dict[tuple[str, str], float]


@dataclass
class NaiveAccount:
    """One account with what it holds, at supposed prices; `order` is what was closed by stop-out, in order."""

    account: Account
    platform: Platform
    symbols: dict[str, Symbol]
    positions: list[Position]
    quotes: Quotes
    rates: Rates
    call: float
    stop_out: float
    order: list[int] = field(default_factory=list)
    by_order: list[int] = field(default_factory=list)
    called: bool = False
    stopped: bool = False
    narrowest: float = float("inf")
    """How near a decision came to its limit, in percent of level; ties of floats are nobody's to decide."""

    def run(self) -> None:
        """Closes by orders, then by stop-out."""
        self.equity, self.held = self.equity_now(), list(self.positions)
        for row in list(self.positions):
            if self.is_triggered(row):
                self.positions.remove(row)
                self.by_order.append(row.id)
        self.stopped = self.is_at(self.stop_out)
        self.called = not self.stopped and self.is_at(self.call)
        while self.is_at(self.stop_out):
            chosen = min(self.positions, key=self.turn)
            self.positions.remove(chosen)
            self.order.append(chosen.id)

    def by_formula(self) -> StopOut:
        """The same stop-out by the formula that explains one account, on what its own orders leave open."""
        closed_by_order = math.fsum(self.profit(row) for row in self.held if row.id in self.by_order)
        settled = self.account.balance + sum(row.swap + row.commission for row in self.held)
        left = {str(row.id): row for row in self.held if row.id not in self.by_order}
        # in the order in which equals are closed
        rows = sorted(left.values(), key=self.turn)
        return stop_out(
            Funds(Decimal(settled) / 100 + Decimal(closed_by_order), Decimal(self.account.credit) / 100),
            [Threatened(str(row.id), Decimal(self.profit(row)), Decimal(self.margin([row]))) for row in rows],
            [],
            StopOutTerms(Decimal(self.stop_out), order=self.closing_order(), negative_balance_protection=True),
            remeasure=lambda some: Decimal(self.margin([left[each.id] for each in some])),
            digits=12,
        )

    def closing_order(self) -> ClosingOrder:
        by_margin = self.platform is Platform.CTRADER
        return ClosingOrder.MOST_MARGIN if by_margin else ClosingOrder.LARGEST_LOSS

    def equity_now(self) -> float:
        settled = self.account.balance + self.account.credit + sum(p.swap + p.commission for p in self.positions)
        return settled / 100 + sum(map(self.profit, self.positions))

    def profit(self, row: Position) -> float:
        symbol = self.symbols[row.symbol]
        bid, ask = self.quotes[row.symbol]
        change = (bid if row.side is Side.BUY else ask) - float(row.open_price)
        value = float(value_per_lot(symbol.calculation_mode, contract_of(symbol)))
        rate = self.rates[symbol.profit_currency, self.account.currency]
        return change * float(lots_of(row.volume)) * row.side.sign * value * rate

    def margin(self, rows: list[Position]) -> float:
        total = 0.0
        for name in {row.symbol for row in rows}:
            symbol = self.symbols[name]
            legs = [Leg(row.side, lots_of(row.volume), row.open_price) for row in rows if row.symbol == name]
            need = symbol_margin(terms_of(symbol), legs, self.account.leverage).unrounded
            total += float(need) * self.rates[symbol.margin_currency, self.account.currency]
        return total

    def is_at(self, limit: float) -> bool:
        margin = self.margin(self.positions)
        if margin == 0:
            return False
        level = self.equity / margin * 100
        self.narrowest = min(self.narrowest, abs(level - limit))
        return level <= limit

    def turn(self, row: Position) -> tuple[float, float, int]:
        first = -self.margin([row]) if self.platform is Platform.CTRADER else self.profit(row)
        return (round(first, 6), round(self.profit(row), 6), row.id)

    def is_triggered(self, row: Position) -> bool:
        bid, ask = self.quotes[row.symbol]
        if row.side is Side.BUY:
            return _below(bid, row.stop_loss) or _below(row.take_profit, bid)
        return _below(row.stop_loss, ask) or _below(ask, row.take_profit)

    def compensation(self) -> float:
        """What brings the balance back to nought."""
        empty = self.stopped and not self.positions
        return max(0.0, self.account.credit / 100 - self.equity) if empty else 0.0


def _below(low: float | Decimal | None, high: float | Decimal | None) -> bool:
    return low is not None and high is not None and float(low) <= float(high)
