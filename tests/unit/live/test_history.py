from __future__ import annotations

import numpy as np
import pytest

from dealerdesk.live.exposure import Dimension
from dealerdesk.live.frame import compute
from dealerdesk.live.history import History
from dealerdesk.live.state import LiveState
from dealerdesk.trading import Book
from live.live_rows import NOW, desk, position, quotes, routing, say, thing

SECOND = 1_000_000


def world() -> LiveState:
    state = desk()
    say(state, "MT5", routing(1, Book.C, 40), position(1, 1, "EURUSD", "1", "1.09"))
    return state


def test_a_sample_is_taken_when_one_is_due() -> None:
    state, history = world(), History(world(), every_s=5)
    taken = [history.sample(state, compute(state, NOW + second * SECOND)) for second in (0, 1, 4, 5, 6, 10)]

    assert taken == [True, False, False, True, False, True]
    total = history.total()
    assert total is not None
    assert (total.time_s - NOW / SECOND).tolist() == [0.0, 5.0, 10.0]


def test_a_series_shows_what_the_clients_hold_and_what_the_dealer_keeps() -> None:
    state = world()
    history = History(state)
    history.sample(state, compute(state, NOW))
    for series in (
        history.series(Dimension.INSTRUMENT, "EURUSD"),
        history.series(Dimension.ASSET_CLASS, "fx"),
        history.series(Dimension.SERVER, "MT5"),
        history.series(Dimension.BOOK, "C"),
        history.total(),
    ):
        assert series is not None
        assert series.net_usd == pytest.approx([110_000])
        assert series.kept_usd == pytest.approx([-66_000])
        assert series.session_usd == pytest.approx([1000])


def test_a_full_history_forgets_every_second_sample_and_doubles_its_step() -> None:
    state = world()
    history = History(state, every_s=1, samples_max=8)
    for second in range(20):
        history.sample(state, compute(state, NOW + second * SECOND))
    total = history.total()
    assert total is not None

    assert history.step_s == 4.0
    assert (total.time_s - NOW / SECOND).tolist() == [0.0, 4.0, 8.0, 12.0, 16.0]


def test_a_row_that_comes_later_is_unknown_before() -> None:
    state = world()
    history = History(state, every_s=1)
    history.sample(state, compute(state, NOW))
    say(state, "MT5", *(thing(f"I{number}", 10 + number) for number in range(100)))
    state.apply_quotes("MT5", quotes((10, 100, 100)), NOW)
    history.sample(state, compute(state, NOW + SECOND))
    series = history.series(Dimension.INSTRUMENT, "I99")
    assert series is not None

    assert np.isnan(series.net_usd[0])
    assert series.net_usd[1] == 0.0
    assert history.series(Dimension.INSTRUMENT, "no such row") is None
