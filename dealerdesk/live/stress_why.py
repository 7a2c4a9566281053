"""Why a stress test says what it says of an account: each position at the supposed price, and each closing in turn.

It explains an outcome that was computed; nothing is decided here anew. Sums are exact over the figures they quote.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from dealerdesk.formulas.derivation import Derivation, Input, Rounding, Source, Term, derive
from dealerdesk.formulas.rounding import round_money
from dealerdesk.instruments import LOT
from dealerdesk.live.evidence import exact
from dealerdesk.live.frozen_book import FrozenBook, Longs
from dealerdesk.live.stop_outs import BY_ORDER, OPEN, margin_of
from dealerdesk.live.stress import Outcome, StressResult
from dealerdesk.live.tables import BOOKS
from dealerdesk.money import currency

CREDIT = "credit"
COMPENSATION_FORMULA = "−(balance + swap and commission + Σ results): credit was never the client's money"
EQUITY_FORMULA = "balance + credit + swap and commission + Σ floating results at the shocked prices"


def why_equity_after(result: StressResult, outcome: Outcome, account: int) -> Derivation:
    """Equity after the jump: what was settled, and each position at its shocked price with what became of it."""
    book = result.book
    _refuse_unknown(book, outcome, account)
    unit = _currency(book, account)
    terms = tuple(
        _settled(book, account, column, label, unit)
        for column, label in (("balance", "balance"), ("credit", CREDIT), ("accrued", "swap and commission"))
    )
    terms += tuple(_position(book, outcome, row, unit) for row in _rows(book, account).tolist())
    made = derive(f"equity of {_name(book, account)} after the shock", unit, terms, EQUITY_FORMULA)
    shown = Rounding("shown", made.value, round_money(made.value, currency(unit).exponent))
    return Derivation(made.figure, unit, made.value, terms, made.formula, roundings=(shown,))


def why_level_after(result: StressResult, outcome: Outcome, account: int) -> Derivation:
    """The margin level after each closing, in the order of the closings."""
    book = result.book
    _refuse_unknown(book, outcome, account)
    rows = _rows(book, account)
    closed = outcome.closed[rows]
    steps = [_level(book, outcome, account, rows[closed != BY_ORDER], "before the stop-out looks")]
    for row in rows[closed > OPEN][np.argsort(closed[closed > OPEN], kind="stable")].tolist():
        left = rows[(closed == OPEN) | (closed > outcome.closed[row])]
        steps.append(_level(book, outcome, account, left, f"after closing {_position_name(book, row)}"))
    stop = f"stop-out at {book.accounts.stop_out[account]:g} %, {_order_words(book, account)}"
    figure = f"margin level of {_name(book, account)} after the shock"
    last = steps[-1]
    return Derivation(figure, last.unit, last.value, (), f"equity ÷ margin × 100; {stop}", parts=tuple(steps))


def why_compensation(result: StressResult, outcome: Outcome, account: int) -> Derivation:
    """What brings the balance back to nought once the last position was stopped out."""
    equity = why_equity_after(result, outcome, account)
    figure = f"compensation of {_name(result.book, account)}"
    if not outcome.compensation[account] > 0:
        return derive(figure, equity.unit, (), "", note=_why_none(result, outcome, account))
    # the balance that is left is equity without credit: every term of equity but that one, the other way round
    terms = tuple(
        Term(term.label, -term.value, term.unit, term.inputs, f"−({term.formula})")
        for term in equity.terms
        if term.label != CREDIT
    )
    made = derive(figure, equity.unit, terms, COMPENSATION_FORMULA)
    shown = Rounding("shown", made.value, round_money(made.value, currency(equity.unit).exponent))
    return Derivation(made.figure, made.unit, made.value, terms, made.formula, roundings=(shown,))


def why_company(result: StressResult, outcome: Outcome) -> Derivation:
    """What the broker wins by the jump, book by book: the kept share of what clients lose, less compensations."""
    books, unit, terms = outcome.books, result.currency, []
    at = Source("stress test", result.book.time_us)
    for number, name in enumerate(BOOKS):
        clients = Input("clients win", exact(float(books.clients[number])), unit, at)
        won = exact(float(books.company_before[number]))
        terms.append(
            Term(f"book {name}, kept share", won, unit, (clients,), "−clients’ P&L × kept share of each account")
        )
        paid = exact(-float(books.compensation[number]))
        terms.append(Term(f"book {name}, compensations", paid, unit, formula="−Σ balances below nought"))
    return derive("P&L of the company by the shock", unit, tuple(terms), "Σ books: kept share − compensations")


def _refuse_unknown(book: FrozenBook, outcome: Outcome, account: int) -> None:
    if outcome.unknown[account] or not book.known[account]:
        raise LookupError(f"{_name(book, account)} has a price or rate that nobody knows")


def _why_none(result: StressResult, outcome: Outcome, account: int) -> str:
    if not result.protected:
        return "This run supposes no negative balance protection."
    if not outcome.stopped[account]:
        return "The account is not stopped out, so nothing is compensated."
    if (outcome.closed[_rows(result.book, account)] == OPEN).any():
        return "Positions are still open after the stop-out: only an empty account is compensated."
    return "The balance stays at nought or above."


def _level(book: FrozenBook, outcome: Outcome, account: int, left: Longs, words: str) -> Derivation:
    margin, equity = exact(margin_of(book, outcome.prices, left)), exact(float(outcome.equity[account]))
    unit, at = _currency(book, account), Source("stress test", book.time_us)
    inputs = (Input("equity", equity, unit, at), Input("margin", margin, unit, at))
    formula, figure = "equity ÷ margin × 100", f"margin level {words}"
    if not margin:
        return Derivation(figure, "%", Decimal(0), (), formula, inputs, note="No margin is used, so there is no level.")
    value = equity / margin * 100
    shown = (Rounding("shown", value, round_money(value, 2)),)
    note = f"{len(left)} positions left"
    return Derivation(figure, "%", value, (), formula, inputs, roundings=shown, note=note)


def _position(book: FrozenBook, outcome: Outcome, row: int, unit: str) -> Term:
    positions, slot = book.positions, int(book.held[row])
    symbol, prices = int(book.symbol[row]), outcome.prices
    lots = Decimal(int(positions.volume[slot]) * int(positions.side[slot])) / LOT
    price = exact(float((prices.bid if lots > 0 else prices.ask)[symbol]))
    opened, value = exact(float(positions.open_price[slot])), exact(float(book.symbols.lot_value[symbol]))
    paid_in = book.currencies[int(book.symbols.profit_currency[symbol])]
    rate = exact(float(prices.rates.rate(paid_in, unit)))
    at, own = Source("stress test", book.time_us), Source(_position_name(book, row), int(positions.opened_us[slot]))
    inputs = (
        Input("shocked price", price, paid_in, at),
        Input("open price", opened, paid_in, own),
        Input("lots", lots, "lot", own),
        Input("lot value", value, f"{paid_in} per lot and 1.0", Source("symbol settings")),
        Input(f"rate {paid_in}{unit}", rate, unit, at),
    )
    label = f"{_position_name(book, row)} {book.symbols.name[symbol]}, {_became(int(outcome.closed[row]))}"
    formula = "(shocked price − open price) × lots × lot value × rate"
    return Term(label, (price - opened) * lots * value * rate, unit, inputs, formula)


def _settled(book: FrozenBook, account: int, column: str, label: str, unit: str) -> Term:
    amount = int(getattr(book.accounts, column)[account]) * exact(float(book.accounts.unit[account]))
    return Term(label, amount, unit, (Input(label, amount, unit, Source(_name(book, account))),), label)


def _became(closed: int) -> str:
    match closed:
        case 0:
            return "stays open"
        case -1:
            return "closed by its own order"
        case _:
            return f"stopped out as number {closed}"


def _order_words(book: FrozenBook, account: int) -> str:
    return "most margin first" if book.ctrader[account] else "largest loss first"


def _rows(book: FrozenBook, account: int) -> Longs:
    return np.flatnonzero(book.account == account)


def _currency(book: FrozenBook, account: int) -> str:
    return book.accounts.currency_code[account]


def _name(book: FrozenBook, account: int) -> str:
    return f"{book.accounts.server_name[account]} {book.accounts.login[account]}"


def _position_name(book: FrozenBook, row: int) -> str:
    slot = int(book.held[row])
    return f"{book.servers[int(book.positions.server[slot])]} position {book.positions.id[slot]}"
