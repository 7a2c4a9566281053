"""What a jump of prices does to the book: accounts called, stopped out and negative, what triggers, who wins and loses.

In this order, all at the shocked prices (the gap): stop losses and take profits close, then stop-outs close, account
by account, until each is above its level. Pending orders that would trigger are counted and not opened. The margin of
covering positions at an LP is not in it: the program knows no coverage accounts yet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dealerdesk.live.frozen_book import Flags, Floats, FrozenBook
from dealerdesk.live.shocks import Prices, Shocks, shocked
from dealerdesk.live.stop_outs import BY_ORDER, OPEN, StoppedOut, stop_out
from dealerdesk.live.tables import BOOKS
from dealerdesk.live.triggers import Triggered, triggered

REVERSED = -1.0
CURVE_FACTORS = tuple(number / 5 for number in range(-5, 6))


@dataclass(frozen=True, slots=True)
class ByBook:
    """Sums over accounts that have figures, in the reporting currency, in the order of BOOKS.

    `clients` is what clients win by the jump, `company_before` what the broker wins on the kept share of that, and
    `company_after` the same less the compensation of negative balances."""

    accounts: NDArray[np.int64]
    clients: Floats
    company_before: Floats
    company_after: Floats
    negative: Floats
    compensation: Floats


@dataclass(frozen=True, slots=True)
class Outcome:
    """One direction of a shock. Arrays are by account slot in the accounts' own currencies unless they say otherwise.

    `pnl` is the change of equity by the jump, at the shocked rates; `negative` how far equity is below nought;
    `compensation` what brings the balance of a stopped out, empty account back to nought, 0 without protection.
    `margin` is what is used after all closings. nan stands where an account has no figures (`unknown`).
    """

    shocks: Shocks
    prices: Prices
    equity: Floats
    pnl: Floats
    margin_before: Floats
    margin: Floats
    unknown: Flags
    called: Flags
    """At or below margin call, and not stopped out."""
    stopped: Flags
    negative: Floats
    compensation: Floats
    closed: NDArray[np.int32]
    """By held position: see `stop_outs.StoppedOut`."""
    triggered: Triggered
    rate: Floats
    """For each account, reporting currency for 1 of its own at the shocked prices."""
    books: ByBook
    exposure_before: Floats
    """By symbol: the broker's own net exposure at the shocked middle in reporting currency, before any closing."""
    exposure_after: Floats
    company: Floats
    """By symbol: what the broker wins by the jump on the kept share, in reporting currency."""

    @property
    def closed_by_stop_out(self) -> int:
        """Positions closed by stop-outs."""
        return int(np.count_nonzero(self.closed > OPEN))

    @property
    def closed_by_order(self) -> int:
        """Positions closed by their stop loss or take profit."""
        return int(np.count_nonzero(self.closed == BY_ORDER))


@dataclass(frozen=True, slots=True)
class Curve:
    """The company's P&L, before and after compensations, and accounts stopped out, by the share of the shock."""

    factors: Floats
    before: Floats
    after: Floats
    stopped: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class StressResult:
    """A shock and its reverse on the same book. `called_now` accounts were at margin call before it, `below_now` at
    stop-out."""

    book: FrozenBook
    currency: str
    protected: bool
    given: Outcome
    reversed: Outcome
    called_now: int
    below_now: int


def run(book: FrozenBook, shocks: Shocks, currency: str = "USD", protected: bool = True) -> StressResult:
    """Both directions of a shock. `protected`: whether balances below nought are compensated (negative balance
    protection), of all accounts alike."""
    called, below = _now(book)
    return StressResult(
        book,
        currency,
        protected,
        outcome(book, shocks, currency, protected),
        outcome(book, shocks.times(REVERSED), currency, protected),
        called,
        below,
    )


def curve(result: StressResult) -> Curve:
    """The company's P&L over the same shock at sizes from the whole reverse to the whole of it."""
    book, shocks = result.book, result.given.shocks
    ends = {1.0: result.given, REVERSED: result.reversed}
    found = [
        ends.get(factor) or outcome(book, shocks.times(factor), result.currency, result.protected)
        for factor in CURVE_FACTORS
    ]
    return Curve(
        np.array(CURVE_FACTORS),
        np.array([each.books.company_before.sum() for each in found]),
        np.array([each.books.company_after.sum() for each in found]),
        np.array([int(each.stopped.sum()) for each in found], np.int64),
    )


def outcome(book: FrozenBook, shocks: Shocks, currency: str, protected: bool) -> Outcome:
    """One direction."""
    prices = shocked(book.prices, book.symbols, book.currencies, shocks)
    profits = book.profits(prices)
    equity = book.settled + book.by_account(profits)
    pnl = book.by_account(profits - book.profits_now)
    found = triggered(book, prices)
    out = stop_out(book, prices, profits, equity, found.closes)
    rate = book.rate_to(currency, prices)
    # without a price, a rate or its group's limits nobody can say what becomes of an account
    unsaid = (np.isnan(rate) | np.isnan(book.accounts.stop_out)) & (book.accounts.positions > 0)
    unknown = book.known & (np.isnan(equity + out.margin) | unsaid)
    stopped = out.stopped & ~unknown
    called = _at_or_below(equity, out.margin_before, book.accounts.margin_call) & book.known & ~unknown & ~stopped
    some = book.known & ~unknown
    negative = np.where(some, np.maximum(-equity, 0.0), 0.0)
    compensation = _compensation(book, out, equity, stopped) if protected else np.zeros(len(equity))
    before, after, company = _by_symbol(book, prices, profits, out, currency, rate, some)
    return Outcome(
        shocks=shocks,
        prices=prices,
        equity=equity,
        pnl=pnl,
        margin_before=out.margin_before,
        margin=out.margin,
        unknown=unknown,
        called=called,
        stopped=stopped,
        negative=negative,
        compensation=compensation,
        closed=out.closed,
        triggered=found,
        rate=rate,
        books=_by_book(book, pnl * rate, negative * rate, compensation * rate, some),
        exposure_before=before,
        exposure_after=after,
        company=company,
    )


def _now(book: FrozenBook) -> tuple[int, int]:
    """Accounts at margin call and at stop-out before any shock."""
    equity = book.settled + book.by_account(book.profits_now)
    slots = book.cell_slots
    each = book.in_own_currency(book.cells, slots, book.cell_needs[slots], book.prices)
    margin = np.bincount(book.cells.account[slots], weights=each, minlength=len(equity)).astype(np.float64)
    below = _at_or_below(equity, margin, book.accounts.stop_out) & book.known
    called = _at_or_below(equity, margin, book.accounts.margin_call) & book.known & ~below
    return int(called.sum()), int(below.sum())


def _at_or_below(equity: Floats, margin: Floats, percent: Floats) -> Flags:
    with np.errstate(divide="ignore", invalid="ignore"):
        found: Flags = (margin > 0) & (equity / margin * 100.0 <= percent)
    return found


def _compensation(book: FrozenBook, out: StoppedOut, equity: Floats, stopped: Flags) -> Floats:
    """What the balance is below nought where a stop-out closed the last position; credit is not the client's money."""
    left = np.bincount(book.account, weights=out.closed == OPEN, minlength=len(equity))
    ended = stopped & (left == 0)
    return np.where(ended, np.maximum(book.credit - equity, 0.0), 0.0)


def _by_book(book: FrozenBook, pnl: Floats, negative: Floats, compensation: Floats, some: Flags) -> ByBook:
    number, kept = book.accounts.book[some], book.kept[some]

    def summed(values: Floats) -> Floats:
        return np.bincount(number, weights=values, minlength=len(BOOKS)).astype(np.float64)

    before, paid = summed(-pnl[some] * kept), summed(compensation[some])
    return ByBook(
        accounts=np.bincount(number, minlength=len(BOOKS)).astype(np.int64),
        clients=summed(pnl[some]),
        company_before=before,
        company_after=before - paid,
        negative=summed(negative[some]),
        compensation=paid,
    )


def _by_symbol(
    book: FrozenBook, prices: Prices, profits: Floats, out: StoppedOut, currency: str, rate: Floats, some: Flags
) -> tuple[Floats, Floats, Floats]:
    """The broker's net exposure by symbol before and after the closings, and what the broker wins by the jump."""
    count = book.symbols.count
    rows = np.flatnonzero(some[book.account])
    account, symbol = book.account[rows], book.symbol[rows]
    mine = -book.lots[rows] * book.kept[account]
    before = np.bincount(symbol, weights=mine, minlength=count)
    after = np.bincount(symbol, weights=mine * (out.closed[rows] == OPEN), minlength=count)
    won = -(profits[rows] - book.profits_now[rows]) * book.kept[account] * rate[account]
    notional = book.lot_notional(currency, prices)
    exposures = (np.where(lots != 0, lots * notional, 0.0) for lots in (before, after))
    return next(exposures), next(exposures), np.bincount(symbol, weights=won, minlength=count).astype(np.float64)
