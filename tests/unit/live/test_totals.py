from __future__ import annotations

import numpy as np

from dealerdesk.live.totals import FLOATS, INTEGERS, Totals
from dealerdesk.trading import Book
from live.live_rows import desk, position, routing, say


def test_a_kind_is_a_currency_a_book_and_a_covered_percent() -> None:
    totals = Totals()

    assert [totals.kind_of(0, 1, 0), totals.kind_of(0, 1, 30), totals.kind_of(0, 1, 0)] == [0, 1, 0]


def test_kinds_and_symbols_may_grow_without_losing_a_sum() -> None:
    totals = Totals()
    totals.kind_of(0, 0, 0)
    totals.positions_at[3] = 7
    for number in range(20):
        totals.kind_of(1, 1, number)
    totals.widen(500)

    assert totals.column("positions").shape == (21, 500)
    assert totals.column("positions")[0, 3] == 7


def test_what_was_kept_current_equals_what_is_summed_anew() -> None:
    state = desk()
    say(state, "MT5", position(1, 1, "EURUSD", "1", "1.1", swap=-5), position(2, 2, "EURUSD", "-2.5", "1.2"))
    say(state, "MT5", routing(2, Book.C, 40), position(1, 1, "EURUSD", "0.4", "1.1", swap=-9))
    totals = state.engine.totals
    kept = {name: totals.column(name).copy() for name in (*INTEGERS, *FLOATS)}
    net = totals.net.copy()

    totals.sum_up(state.accounts, state.engine.cells)

    assert all(np.array_equal(kept[name], totals.column(name)) for name in kept)
    assert np.array_equal(net, totals.net)
    assert net.sum() == (40 - 250) * 10**6
