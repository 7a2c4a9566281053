"""The distance to a stop-out is checked by going there: at the price it names the account is exactly at its level."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_rows import NOW, account, group, position, snapshot, thing

from dealerdesk.live.frame import compute
from dealerdesk.live.margin_watch import watch
from dealerdesk.live.state import LiveState

NAMES = ("US500", "DE40", "XAUUSD")
LOTS = st.integers(-500, 500).filter(bool)
HELD = st.lists(st.tuples(st.sampled_from(NAMES), LOTS, st.integers(900, 1_100)), min_size=1, max_size=6)


def broker(held: list[tuple[str, int, int]], balance: int) -> LiveState:
    state = LiveState()
    rows = [position(n, 1, name, str(lots / 100), str(price)) for n, (name, lots, price) in enumerate(held, 1)]
    symbols = [thing(name, index) for index, name in enumerate(NAMES)]
    snapshot(state, "MT5", *symbols, group(), account(1, balance=balance), *rows)
    return state


def quoted(state: LiveState, prices: list[float]) -> None:
    for index, price in enumerate(prices):
        state.symbols.bid[index] = state.symbols.ask[index] = price


@given(HELD, st.integers(50_000, 5_000_000))
def test_at_the_price_that_is_named_the_account_is_at_its_stop_out(
    held: list[tuple[str, int, int]], balance: int
) -> None:
    state = broker(held, balance)
    prices = [1_000.0, 1_000.0, 1_000.0]
    quoted(state, prices)
    one = state.accounts.slot("MT5", 1)
    assert one is not None
    before = compute(state, NOW)
    seen = watch(state, before)
    if before.margin[one] <= 0 or seen.to_stop_out[one] <= 0 or np.isnan(seen.percent[one]):
        return
    prices[int(seen.symbol[one])] = float(seen.price[one])
    quoted(state, prices)
    assert compute(state, NOW).level[one] == pytest.approx(50, abs=1e-6)

    # no other price could do it with a smaller move
    net = {name: sum(lots for which, lots, _price in held if which == name) for name in NAMES}
    assert abs(net[state.symbols.name[int(seen.symbol[one])]]) == max(abs(lots) for lots in net.values())


@given(HELD, st.integers(50_000, 5_000_000))
def test_when_all_prices_move_against_the_account_it_is_at_its_stop_out(
    held: list[tuple[str, int, int]], balance: int
) -> None:
    state = broker(held, balance)
    quoted(state, [1_000.0] * 3)
    one = state.accounts.slot("MT5", 1)
    assert one is not None
    before = compute(state, NOW)
    seen = watch(state, before)
    if before.margin[one] <= 0 or seen.to_stop_out[one] <= 0 or np.isnan(seen.together[one]):
        return
    share = seen.together[one] / 100
    net = [sum(lots for which, lots, _price in held if which == name) for name in NAMES]
    quoted(state, [1_000.0 * (1 - share * np.sign(lots)) for lots in net])

    assert compute(state, NOW).level[one] == pytest.approx(50, abs=1e-6)
