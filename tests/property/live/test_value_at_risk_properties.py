"""Value at risk and stress agree where they measure the same, and risk keeps its order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_rows import NOW, account, group, pair, position, quotes, routing, snapshot, thing

from dealerdesk.live.frame import compute
from dealerdesk.live.frozen_book import FrozenBook, freeze
from dealerdesk.live.shocks import Shock, Shocks, Target
from dealerdesk.live.state import LiveState
from dealerdesk.live.stress import outcome
from dealerdesk.live.value_at_risk import PriceHistory, value_at_risk
from dealerdesk.trading import Book

SYMBOLS = (pair("EURUSD", 0), pair("GBPUSD", 1), thing("US100", 2))
SEEDS = st.integers(0, 2**32 - 1)


def dollar_book(random: np.random.Generator) -> FrozenBook:
    """Accounts in USD on what is quoted in USD, without spreads: nothing is converted."""
    state = LiveState()
    rows = [
        position(number, int(random.integers(1, 5)), SYMBOLS[number % 3].name, f"{random.integers(-99, 99) / 10}", "1")
        for number in range(1, 20)
    ]
    books = ((Book.A, 100), (Book.B, 0), (Book.C, 25))
    accounts = [account(login, balance=10**12) for login in range(1, 5)]
    routes = [routing(login, *books[login % 3]) for login in range(1, 5)]
    held = [row for row in rows if row.volume]
    snapshot(state, "MT5", *SYMBOLS, group(), *accounts, *routes, *held)
    state.apply_quotes("MT5", quotes((0, 110_000, 110_000), (1, 125_000, 125_000), (2, 10_000, 10_000)), NOW)
    return freeze(state, compute(state, NOW), {})


def past(random: np.random.Generator, count: int) -> PriceHistory:
    walks = np.exp(np.cumsum(random.normal(0, 0.01, (3, count + 1)), axis=1))
    moments = np.arange(1, count + 2, dtype=np.int64)
    return PriceHistory(1, moments, {symbol.instrument: walks[number] for number, symbol in enumerate(SYMBOLS)})


@given(SEEDS)
def test_the_worst_returns_as_a_stress_cost_what_value_at_risk_says(seed: int) -> None:
    random = np.random.default_rng(seed)
    book, history = dollar_book(random), past(random, 100)
    returns = {name: walk[1:] / walk[:-1] - 1 for name, walk in history.prices.items()}
    won = [
        outcome(
            book,
            Shocks(tuple(Shock(Target.INSTRUMENT, name, float(all_of[day]) * 100) for name, all_of in returns.items())),
            "USD",
            False,
        ).books.company_before
        for day in range(100)
    ]

    found = value_at_risk(book, history)
    losses = np.sort(-np.array(won).sum(axis=1))
    assert found.total.var[0] == pytest.approx(losses[-5], rel=1e-9, abs=1e-6)
    assert found.total.shortfall[0] == pytest.approx(losses[-5:].mean(), rel=1e-9, abs=1e-6)
    by_book = np.sort(-np.array(won), axis=0)[-5]
    assert [risk.var[0] for risk in found.books] == pytest.approx(by_book.tolist(), rel=1e-9, abs=1e-6)


@given(SEEDS)
def test_shortfall_is_no_less_than_value_at_risk_and_together_no_more_than_apart(seed: int) -> None:
    random = np.random.default_rng(seed)
    found = value_at_risk(dollar_book(random), past(random, 500))

    for risk in (found.total, *found.books, *(client.risk for client in found.clients)):
        assert risk.shortfall[0] >= risk.var[0] - 1e-9
        assert risk.shortfall[1] >= risk.shortfall[0] - 1e-9
        assert risk.var[1] >= risk.var[0] - 1e-9
    for level in (0, 1):
        apart = sum(risk.shortfall[level] for risk in found.books)
        assert found.total.shortfall[level] <= apart + 1e-6
