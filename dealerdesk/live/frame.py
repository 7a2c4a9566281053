"""One moment's figures of all accounts: sparse matrix × prices. Arrays are per account slot, in deposit currency.

`compute` makes what every beat needs; the rest is computed when it is first asked for, from the state as it is then,
so a frame is read in the beat that made it. nan means unknown: no quote, no conversion, a server still loading.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from dealerdesk.instruments import LOT
from dealerdesk.live.margins import PER_LOT
from dealerdesk.live.matrix import BLOCK_ROWS
from dealerdesk.live.rates import Rates
from dealerdesk.live.registry import Registry, Version
from dealerdesk.live.tables import BOOKS

Floats = NDArray[np.float64]
Slots = NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all accounts whose figures are known, in one currency; `unknown` accounts are left out."""

    currency: str
    accounts: int
    equity: float
    balance: float
    credit: float
    floating: float
    realised: float
    session_pnl: float
    margin: float
    unknown: int


class Frame:
    """The figures of one moment, major units of each account's currency. Not to be changed."""

    def __init__(self, state: Registry, time_us: int) -> None:
        state.engine.settle(state.unready_blocks())
        self._state = state
        self.time_us = time_us
        self.version: Version = replace(state.version)
        self.count = state.accounts.count
        symbols = state.symbols.count
        self.bid = state.symbols.bid[:symbols].copy()
        self.ask = state.symbols.ask[:symbols].copy()
        self.mid = (self.bid + self.ask) / 2
        self.quote_us = state.symbols.time_us[:symbols].copy()
        self.rates: Rates = state.router.rates(self.mid)
        engine = state.engine
        self.net_volume = engine.totals.net.reshape(len(BOOKS), -1)[:, :symbols].copy()
        self.floating: Floats = engine.money.multiply(self._prices(), self.count)
        self.margin: Floats = engine.margin.multiply(self._margin_rates(), self.count)
        self.equity: Floats = state.accounts.settled[: self.count] * state.accounts.unit[: self.count]
        self.equity += self.floating
        for block in state.unready_blocks():
            rows = slice(block * BLOCK_ROWS, (block + 1) * BLOCK_ROWS)
            self.floating[rows] = self.margin[rows] = self.equity[rows] = np.nan
        with np.errstate(divide="ignore", invalid="ignore"):
            self.level: Floats = self.equity / self.margin
        self.level *= 100.0
        self.level[self.margin == 0] = np.nan

    # -- per account, computed when asked -----------------------------------------------------------------------

    @cached_property
    def free_margin(self) -> Floats:
        return self.equity - self.margin

    @cached_property
    def balance(self) -> Floats:
        return self._major("balance")

    @cached_property
    def credit(self) -> Floats:
        return self._major("credit")

    @cached_property
    def accrued(self) -> Floats:
        """Swap and commission of open positions that have not reached the balance."""
        return self._major("accrued")

    @cached_property
    def realised(self) -> Floats:
        """Of this session: profit, swap and commission of its deals."""
        return self._major("realised")

    @cached_property
    def session_pnl(self) -> Floats:
        """What the session has brought: floating + accrued + realised − floating at its start."""
        return self.floating + self.accrued + self.realised - self._major("start_floating")

    @cached_property
    def usd_rate(self) -> Floats:
        return self.rate_to("USD")

    @cached_property
    def net_lots(self) -> Floats:
        return self._weigh(np.ones(len(self.mid)), np.ones(len(self.mid)))

    @cached_property
    def gross_lots(self) -> Floats:
        return self._weigh(np.ones(len(self.mid)), -np.ones(len(self.mid)))

    @cached_property
    def net_usd(self) -> Floats:
        return self.net_in("USD")

    @cached_property
    def gross_usd(self) -> Floats:
        return self.gross_in("USD")

    def net_in(self, currency: str) -> Floats:
        """Net notional of each account at mid, bought less sold, in any currency."""
        value = self.lot_notional(currency)
        return self._weigh(value, value)

    def gross_in(self, currency: str) -> Floats:
        """Gross notional of each account at mid, bought and sold, in any currency."""
        value = self.lot_notional(currency)
        return self._weigh(value, -value)

    def rate_to(self, currency: str) -> Floats:
        """For each account, units of `currency` for 1 of its deposit currency."""
        return self.rates_to(currency)[self._state.accounts.currency[: self.count]]

    def rates_to(self, currency: str) -> Floats:
        """For each currency code, units of `currency` for 1 of it; nan where there is no way."""
        if currency not in self.rates.currencies:
            return np.full(len(self.rates.currencies), np.nan)
        return self.rates.matrix[:, self.rates.currencies.index(currency)]

    def lot_notional(self, currency: str) -> Floats:
        """For each symbol, what one lot is worth at mid in `currency`."""
        table, count = self._state.symbols, len(self.mid)
        return self.mid * table.lot_value[:count] * self.rates_to(currency)[table.profit_currency[:count]]

    def totals(self, currency: str = "USD") -> Totals:
        """Sums over the living accounts in one currency."""
        living = self._state.accounts.alive[: self.count]
        rate = self.rate_to(currency)
        known = living & ~np.isnan(self.equity * rate) & ~np.isnan(self.margin)

        def summed(column: Floats) -> float:
            return float(np.dot(column[known], rate[known]))

        return Totals(
            currency=currency,
            accounts=int(known.sum()),
            equity=summed(self.equity),
            balance=summed(self.balance),
            credit=summed(self.credit),
            floating=summed(self.floating),
            realised=summed(self.realised),
            session_pnl=summed(self.session_pnl),
            margin=summed(self.margin),
            unknown=int(living.sum() - known.sum()),
        )

    # -- vectors of the matrices --------------------------------------------------------------------------------

    def _prices(self) -> Floats:
        """The vector of the money matrix: rates for costs, price × lot value × rate for volumes."""
        engine, table, count = self._state.engine, self._state.symbols, len(self.mid)
        rates = np.ascontiguousarray(self.rates.matrix[:, engine.deposits.names].T)
        vector = np.zeros((len(rates), engine.width))
        vector[:, 1 : 1 + rates.shape[1]] = rates
        value = table.lot_value[:count] * PER_LOT
        by_symbol = rates[:, table.profit_currency[:count]]
        bought, sold = 1 + engine.currency_room, 1 + engine.currency_room + engine.symbol_room
        np.multiply(by_symbol, self.bid * value, out=vector[:, bought : bought + count])
        np.multiply(by_symbol, self.ask * value, out=vector[:, sold : sold + count])
        return vector.reshape(-1)

    def _margin_rates(self) -> Floats:
        engine = self._state.engine
        rates = self.rates.matrix[:, engine.deposits.names].T
        vector = np.zeros((len(rates), engine.margin_width))
        vector[:, 1 : 1 + rates.shape[1]] = rates
        return vector.reshape(-1)

    def _weigh(self, bought: Floats, sold: Floats) -> Floats:
        """Σ over an account's volumes in lots × a weight by symbol; sold volumes count negative."""
        engine, count = self._state.engine, len(self.mid)
        engine.settle(self._state.unready_blocks())
        vector = np.zeros((len(engine.deposits.names), engine.width))
        first = 1 + engine.currency_room
        vector[:, first : first + count] = bought * PER_LOT
        vector[:, first + engine.symbol_room : first + engine.symbol_room + count] = sold * PER_LOT
        return engine.money.multiply(vector.reshape(-1), self.count)

    def _major(self, column: str) -> Floats:
        accounts = self._state.accounts
        amounts: Floats = getattr(accounts, column)[: self.count] * accounts.unit[: self.count]
        return amounts


def compute(state: Registry, now_us: int) -> Frame:
    """All figures of this moment."""
    return Frame(state, now_us)


def position_prices(state: Registry, frame: Frame, slots: Slots) -> Floats:
    """The price each position would close at: bid for a bought one, ask for a sold one."""
    table = state.positions
    symbol = table.symbol[slots]
    return np.where(table.side[slots] > 0, frame.bid[symbol], frame.ask[symbol])


def position_floating(state: Registry, frame: Frame, slots: Slots) -> Floats:
    """Floating price result of positions in their accounts' currencies, unrounded."""
    table, symbols = state.positions, state.symbols
    symbol = table.symbol[slots]
    profit, deposit = symbols.profit_currency[symbol], state.accounts.currency[table.account[slots]]
    lots = table.volume[slots] / LOT * table.side[slots]
    change = position_prices(state, frame, slots) - table.open_price[slots]
    return change * lots * symbols.lot_value[symbol] * frame.rates.matrix[profit, deposit]


def winners_losers(
    state: Registry, frame: Frame, many: int, currency: str = "USD"
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Slots of the accounts that gained most and lost most this session, at most `many` each, most first."""
    result = frame.session_pnl * frame.rate_to(currency)
    known = np.flatnonzero(state.accounts.alive[: frame.count] & ~np.isnan(result))
    order = known[np.argsort(result[known], kind="stable")]
    winners = order[::-1][:many]
    losers = order[:many]
    return winners[result[winners] > 0], losers[result[losers] < 0]
