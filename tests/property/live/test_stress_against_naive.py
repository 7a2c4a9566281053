"""Whatever the book and the jump, the stress of all accounts at once equals that of each account by hand."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from live_rows import NOW, account, group, pair, position, quotes, routing, snapshot, thing
from naive_stress import NaiveAccount

from dealerdesk.live.frame import compute
from dealerdesk.live.frozen_book import FrozenBook, freeze
from dealerdesk.live.shocks import Shock, Shocks, Target
from dealerdesk.live.state import LiveState
from dealerdesk.live.stress import Outcome, outcome
from dealerdesk.trading import Account, Book, Platform, Position

PLATFORMS = {"MT5": Platform.MT5, "cTrader": Platform.CTRADER}
SYMBOLS = (
    pair("EURUSD", 0, hedged=50_000),
    pair("GBPUSD", 1),
    pair("EURGBP", 2, hedged=100_000),
    thing("US100", 3),
    thing("DE40", 4, "EUR", size=25),
)
PRICES = {0: 110_000, 1: 125_000, 2: 88_000, 3: 2_000_000, 4: 1_900_000}
BOOKS = ((Book.A, 100), (Book.B, 0), (Book.C, 40))
ACCOUNTS, POSITIONS = 6, 24
CALL, STOP_OUT = 100, 50
NEAR = 1e-6


def book_of(random: np.random.Generator) -> tuple[LiveState, dict[str, tuple[list[Account], list[Position]]]]:
    """Six accounts and two dozen positions on each server, many of them hedged, at random sizes and prices."""
    state, truth = LiveState(), {}
    for server in PLATFORMS:
        accounts = [
            account(login, ("USD", "EUR", "GBP")[login % 3], int(random.integers(50_000, 3_000_000)), leverage=50)
            for login in range(1, ACCOUNTS + 1)
        ]
        rows = [a_position(random, number) for number in range(1, POSITIONS + 1)]
        routes = [routing(row.login, *BOOKS[row.login % 3]) for row in accounts]
        snapshot(state, server, *SYMBOLS, group(call=CALL, out=STOP_OUT), *accounts, *routes, *rows)
        spread = int(random.integers(0, 30))
        state.apply_quotes(server, quotes(*((index, mid, mid + spread) for index, mid in PRICES.items())), NOW)
        truth[server] = accounts, rows
    return state, truth


def a_position(random: np.random.Generator, number: int) -> Position:
    symbol = SYMBOLS[int(random.integers(len(SYMBOLS)))]
    at = Decimal(int(PRICES[symbol.index] * random.uniform(0.9, 1.1))).scaleb(-symbol.digits)
    lots = Decimal(int(random.integers(1, 300))) / 100 * int(random.choice((-1, 1)))
    row = position(number, int(random.integers(1, ACCOUNTS + 1)), symbol.name, str(lots), str(at), swap=-37)
    fields = {name: getattr(row, name) for name in row.__struct_fields__}
    if random.random() < 0.3:
        fields["stop_loss"] = (at * Decimal(round(random.uniform(0.8, 1.2), 3))).quantize(Decimal("0.00001"))
    if random.random() < 0.3:
        fields["take_profit"] = (at * Decimal(round(random.uniform(0.8, 1.2), 3))).quantize(Decimal("0.00001"))
    return Position(**fields)


def a_shock(random: np.random.Generator) -> Shocks:
    moves = (
        Shock(Target.CURRENCY, "EUR", round(random.uniform(-30, 30), 2)),
        Shock(Target.ASSET_CLASS, "indices", round(random.uniform(-40, 40), 2)),
        Shock(Target.INSTRUMENT, "GBPUSD", round(random.uniform(-10, 10), 2)),
    )
    return Shocks(moves[: int(random.integers(1, 4))], float(random.choice((1, 4))))


def by_hand(book: FrozenBook, found: Outcome, server: str, row: Account, rows: list[Position]) -> NaiveAccount:
    symbols = {symbol.name: symbol for symbol in SYMBOLS}
    slots = {name: book.symbols.slot(server, name) for name in symbols}
    made = NaiveAccount(
        row,
        PLATFORMS[server],
        symbols,
        [position for position in rows if position.login == row.login],
        {name: (float(found.prices.bid[slot]), float(found.prices.ask[slot])) for name, slot in slots.items()},
        {(a, b): found.prices.rates.rate(a, b) for a in ("USD", "EUR", "GBP") for b in ("USD", "EUR", "GBP")},
        CALL,
        STOP_OUT,
    )
    made.run()
    return made


@given(st.integers(0, 2**32 - 1))
def test_all_accounts_at_once_equal_each_account_by_hand(seed: int) -> None:
    random = np.random.default_rng(seed)
    state, truth = book_of(random)
    book = freeze(state, compute(state, NOW), PLATFORMS)
    found = outcome(book, a_shock(random), "USD", True)
    compensation = np.zeros(3)
    for server, (accounts, rows) in truth.items():
        for row in accounts:
            naive = by_hand(book, found, server, row, rows)
            assume(naive.narrowest > NEAR)
            slot = state.accounts.slot(server, row.login)
            mine = book.account == slot
            ids, closed = book.positions.id[book.held[mine]], found.closed[mine]
            in_rounds = ids[closed > 0][np.argsort(closed[closed > 0], kind="stable")]
            assert found.equity[slot] == pytest.approx(naive.equity, rel=1e-9, abs=1e-6)
            assert sorted(ids[closed == -1].tolist()) == sorted(naive.by_order)
            assert in_rounds.tolist() == naive.order
            assert found.margin[slot] == pytest.approx(naive.margin(naive.positions), rel=1e-9, abs=1e-6)
            assert bool(found.stopped[slot]) is naive.stopped
            assert bool(found.called[slot]) is naive.called
            assert found.negative[slot] == pytest.approx(max(0.0, -naive.equity), abs=1e-6)
            assert found.compensation[slot] == pytest.approx(naive.compensation(), abs=1e-6)
            formula = naive.by_formula()
            assert [int(action.id) for action in formula.actions] == naive.order
            assert float(formula.compensation) == pytest.approx(naive.compensation(), abs=1e-6)
            compensation[row.login % 3] += naive.compensation() * found.prices.rates.rate(row.currency, "USD")
    assert found.books.compensation.tolist() == pytest.approx(compensation.tolist(), abs=1e-4)
    lost = found.books.company_before - found.books.company_after
    assert lost.tolist() == pytest.approx(compensation.tolist(), abs=1e-4)


@given(st.integers(0, 2**32 - 1))
def test_what_the_company_wins_is_what_clients_lose_on_the_kept_share(seed: int) -> None:
    random = np.random.default_rng(seed)
    state, _ = book_of(random)
    found = outcome(freeze(state, compute(state, NOW), PLATFORMS), a_shock(random), "EUR", True)

    shares = np.array([0.0, 1.0, 0.6])
    assert found.books.company_before.tolist() == pytest.approx((-found.books.clients * shares).tolist(), rel=1e-9)
    assert found.company.sum() == pytest.approx(found.books.company_before.sum(), rel=1e-6, abs=1e-3)


@given(st.integers(0, 2**32 - 1))
def test_no_jump_changes_nothing(seed: int) -> None:
    state, _ = book_of(np.random.default_rng(seed))
    found = outcome(
        freeze(state, compute(state, NOW), PLATFORMS), Shocks((Shock(Target.EVERYTHING, "", 0.0),)), "USD", True
    )

    assert found.books.clients.tolist() == pytest.approx([0.0, 0.0, 0.0], abs=1e-6)
