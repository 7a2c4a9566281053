from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from dealerdesk.clock import to_us
from dealerdesk.desk.panels.market_hours import MarketHours, weekly_minute
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState

from .small_broker import NOW_US, symbol

SATURDAY_US = to_us(datetime(2026, 3, 14, 12, 0, tzinfo=UTC))


def test_the_week_begins_on_monday_midnight() -> None:
    assert weekly_minute(to_us(datetime(2026, 3, 9, 0, 0, tzinfo=UTC))) == 0
    assert weekly_minute(to_us(datetime(2026, 3, 15, 23, 59, tzinfo=UTC))) == 7 * 24 * 60 - 1


def test_a_price_is_late_once_it_is_older_than_its_symbols_limit(state: LiveState) -> None:
    hours = MarketHours(state)

    # quoted 100 ms before NOW, with a limit of 10 s
    assert not hours.late(compute(state, NOW_US + 9_900_000))[0]
    assert hours.late(compute(state, NOW_US + 9_901_000))[0]


def test_outside_its_sessions_a_symbol_has_no_quotes_to_be_late_with(state: LiveState) -> None:
    hours, saturday = MarketHours(state), compute(state, SATURDAY_US)

    assert not hours.trading(saturday).any()
    assert not hours.late(saturday).any()
    assert hours.trading(compute(state, NOW_US)).all()


def test_a_symbol_never_quoted_has_no_age(state: LiveState) -> None:
    state.load("MT5", [symbol("GBPUSD", "GBPUSD", 2)], [1])
    hours, frame = MarketHours(state), compute(state, NOW_US)
    slot = state.symbols.slot("MT5", "GBPUSD")

    assert np.isnan(hours.age_ms(frame)[slot])
    assert len(hours.trading(frame)) == len(frame.bid)


def test_a_quote_a_moment_newer_than_the_frame_is_no_time_old(state: LiveState) -> None:
    # quoted 100 ms before NOW
    assert MarketHours(state).age_ms(compute(state, NOW_US - 130_000))[0] == 0.0
