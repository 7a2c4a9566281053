"""Rules that hold for any seed, start and rate of the simulated market."""

import pickle
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dealerdesk.bridges.simulator.catalogue import instruments, symbols_of
from dealerdesk.bridges.simulator.market import Market
from dealerdesk.bridges.simulator.sessions import weekly_minute
from dealerdesk.clock import DAY_US, MINUTE_US
from dealerdesk.instruments import is_open
from dealerdesk.trading import Platform

MONDAY_US = 1_773_014_400_000_000  # 9 March 2026
seeds = st.integers(0, 2**32 - 1)
starts = st.integers(MONDAY_US, MONDAY_US + 14 * DAY_US)
steps = st.sampled_from([10_000, 50_000, 70_001, 333_333, 1_000_000])
counts = st.integers(1, 120)
rates = st.floats(0, 2_000)


@given(seeds, starts, counts, rates, steps)
@settings(max_examples=40)
def test_quotes_are_whole_and_never_crossed_in_time_order_and_within_their_step(seed, start_us, count, rate, step_us):
    market = Market(instruments(count), seed, start_us, rate, step_us)

    for _ in range(45):
        began_us = market.time_us
        ticks = market.step()

        assert market.time_us == began_us + step_us == ticks.start_us + step_us
        assert ticks.bid.dtype == ticks.ask.dtype == np.int64
        assert np.all(ticks.bid > 0)
        assert np.all(ticks.bid < ticks.ask)
        assert np.all(ticks.index < count)
        assert np.all(ticks.offset_us < step_us)
        assert np.all(np.diff(ticks.offset_us.astype(np.int64)) >= 0)
        assert np.all(market.bid_points < market.ask_points)


@given(seeds, starts, st.integers(1, 30), st.integers(0, 60))
@settings(max_examples=30)
def test_a_pickle_at_any_step_changes_nothing(seed, start_us, count, at_step):
    market = Market(instruments(count), seed, start_us, 300.0)
    for _ in range(at_step):
        market.step()
    twin = pickle.loads(pickle.dumps(market))

    for _ in range(45):
        a, b = market.step(), twin.step()
        assert all(np.array_equal(getattr(a, c), getattr(b, c)) for c in ("index", "bid", "ask", "offset_us"))


@given(seeds, starts)
@settings(max_examples=40)
def test_every_tick_falls_into_a_session_that_its_symbol_publishes(seed, start_us):
    """Around each full hour, where sessions open and close; the symbols carry the market's shifted calendar."""
    hour_us = 60 * MINUTE_US
    start_us = start_us - start_us % hour_us - 1_500_001
    chosen = instruments(70)
    market = Market(chosen, seed, start_us, 500.0)
    symbols = symbols_of(Platform.MT5, chosen, market.calendar_shift_days)

    for _ in range(80):
        ticks = market.step()
        for place, offset_us in zip(ticks.index.tolist(), ticks.offset_us.tolist(), strict=True):
            assert is_open(symbols[place], weekly_minute(ticks.start_us + offset_us))


@given(seeds, starts, st.lists(st.integers(0, 2 * DAY_US), min_size=2, max_size=5))
@settings(max_examples=30)
def test_news_does_not_depend_on_how_it_is_asked_for(seed, start_us, offsets):
    market = Market(instruments(70), seed, start_us, 1.0)
    edges = sorted(start_us + offset for offset in offsets)

    pieces = [market.news_between(a, b) for a, b in pairwise(edges)]

    assert tuple(news for piece in pieces for news in piece) == market.news_between(edges[0], edges[-1])
