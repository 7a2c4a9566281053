from __future__ import annotations

import math

from dealerdesk.bridges.protocol import Delta, RowSet
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState
from dealerdesk.trading import Book
from live.live_rows import EVERYTHING, NOW, account, deal, desk, pair, position, quotes, result, routing, say, snapshot

BASE = (pair("EURUSD", 0), account(1), account(2, "EUR"))


def slot(state: LiveState, login: int) -> int:
    found = state.accounts.slot("MT5", login)
    assert found is not None
    return found


def loaded(*rows: object) -> LiveState:
    state = LiveState()
    snapshot(state, "MT5", *BASE, *rows)
    state.apply_quotes("MT5", quotes((0, 110_000, 110_000)), NOW)
    return state


def test_a_second_snapshot_replaces_the_first() -> None:
    state = loaded(position(1, 1, "EURUSD", "1", "1.09"), result(1, "EURUSD", 700, 0))
    snapshot(state, "MT5", *BASE, position(2, 2, "EURUSD", "-2", "1.20"))
    frame = compute(state, NOW)

    assert (state.positions.living, state.positions.slot("MT5", 1)) == (1, None)
    assert (frame.floating[slot(state, 1)], frame.session_pnl[slot(state, 1)]) == (0.0, 0.0)
    assert round(frame.floating[slot(state, 2)], 6) == round(20_000 / 1.1, 6)
    assert frame.net_volume.sum() == -2 * 10**8


def test_what_did_not_come_again_is_gone() -> None:
    state = loaded(position(1, 1, "EURUSD", "1", "1.09"), routing(1, Book.A, 100))
    snapshot(state, "MT5", pair("EURUSD", 0), account(1))

    assert state.accounts.slot("MT5", 2) is None
    assert state.accounts.living == 1
    assert state.accounts.book[slot(state, 1)] == 1


def test_a_snapshot_of_positions_leaves_accounts_and_results_alone() -> None:
    state = loaded(position(1, 1, "EURUSD", "1", "1.09"), result(1, "EURUSD", 700, 200))
    snapshot(state, "MT5", position(2, 1, "EURUSD", "1", "1.10"), sets=(RowSet.POSITION,))
    frame = compute(state, NOW)

    assert (round(frame.floating[slot(state, 1)], 6), round(frame.session_pnl[slot(state, 1)], 6)) == (0.0, 5.0)


def test_the_figures_of_a_server_are_unknown_while_it_loads_and_the_others_stay() -> None:
    state = loaded()
    snapshot(state, "MT4", pair("EURUSD", 0), account(1))
    state.begin_snapshot("MT5", EVERYTHING)
    frame = compute(state, NOW)
    other = state.accounts.slot("MT4", 1)

    assert math.isnan(frame.equity[slot(state, 1)])
    assert frame.equity[other] == 10_000.0
    assert not state.ready("MT5")


def test_changes_that_arrive_during_a_snapshot_follow_it() -> None:
    state = loaded()
    state.begin_snapshot("MT5", (RowSet.POSITION,))
    state.apply("MT5", Delta(seq=1, version=1, time_us=NOW, row=position(5, 1, "EURUSD", "1", "1.09")))
    assert state.positions.living == 0
    state.end_snapshot("MT5", 0)

    assert state.positions.living == 1
    assert round(compute(state, NOW).floating[slot(state, 1)], 6) == 1000.0


def test_positions_may_come_before_their_accounts_and_symbols() -> None:
    state = LiveState()
    snapshot(state, "MT5", position(1, 1, "EURUSD", "1", "1.09"), result(1, "EURUSD", 100, 0), *BASE)
    state.apply_quotes("MT5", quotes((0, 110_000, 110_000)), NOW)

    assert (state.waiting, state.positions.living) == (0, 1)
    assert round(compute(state, NOW).session_pnl[slot(state, 1)], 6) == 1001.0


def test_a_chunk_that_repeats_a_position_counts_it_once() -> None:
    state = LiveState()
    state.begin_snapshot("MT5", EVERYTHING)
    for row in BASE:
        state.load("MT5", [row], [0])
    twice = [position(1, 1, "EURUSD", "1", "1.09"), position(1, 1, "EURUSD", "3", "1.09")]
    state.load("MT5", twice, [0, 0])
    state.end_snapshot("MT5", 0)

    assert compute(state, NOW).net_volume.sum() == 3 * 10**8


def test_deals_of_the_past_are_already_in_the_results() -> None:
    state = loaded(result(1, "EURUSD", 700, 0), deal(1, "EURUSD", 700))

    assert compute(state, NOW).realised[slot(state, 1)] == 7.0


def test_a_dropped_server_leaves_no_row() -> None:
    state = desk()
    say(state, "MT5", position(1, 1, "EURUSD", "1", "1.09"), deal(1, "EURUSD", 5))
    state.drop("MT5")

    assert (state.accounts.living, state.positions.living, state.symbols.living, state.engine.cells.living) == (
        0,
        0,
        0,
        0,
    )
    assert compute(state, NOW).totals().accounts == 0
