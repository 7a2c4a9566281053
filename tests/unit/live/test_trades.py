from __future__ import annotations

from dealerdesk.bridges.protocol import Gone, RowSet
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState
from live.live_rows import NOW, account, deal, desk, pair, position, result, say


def slot(state: LiveState, login: int) -> int:
    found = state.accounts.slot("MT5", login)
    assert found is not None
    return found


def test_a_position_of_an_unknown_account_waits_for_it() -> None:
    state = desk()
    say(state, "MT5", position(1, 77, "EURUSD", "1", "1.09"), deal(77, "EURUSD", 500))
    assert (state.waiting, state.positions.living) == (2, 0)
    say(state, "MT5", account(77))
    frame = compute(state, NOW)

    assert (state.waiting, state.positions.living) == (0, 1)
    assert (round(frame.floating[slot(state, 77)], 6), frame.realised[slot(state, 77)]) == (1000.0, 5.0)


def test_a_position_that_misses_both_waits_for_both() -> None:
    state = desk()
    say(state, "MT5", position(1, 77, "AUDUSD", "1", "0.65"), account(77))
    assert state.waiting == 1
    say(state, "MT5", pair("AUDUSD", 3))

    assert (state.waiting, state.positions.living) == (0, 1)


def test_a_waiting_position_that_closes_is_forgotten() -> None:
    state = desk()
    say(state, "MT5", position(1, 77, "EURUSD", "1", "1.09"), Gone(set=RowSet.POSITION, key=1), account(77))

    assert (state.waiting, state.positions.living) == (0, 0)


def test_swap_and_commission_of_open_positions_are_part_of_equity() -> None:
    state = desk()
    say(state, "MT5", position(1, 1, "EURUSD", "1", "1.10", swap=-250, commission=-700))

    assert round(compute(state, NOW).equity[slot(state, 1)], 6) == 10_000.0 - 9.5
    say(state, "MT5", position(1, 1, "EURUSD", "1", "1.10", swap=-300, commission=-700))
    assert round(compute(state, NOW).equity[slot(state, 1)], 6) == 10_000.0 - 10.0


def test_deals_add_to_the_session_and_a_result_sets_it() -> None:
    state = desk()
    say(state, "MT5", deal(1, "EURUSD", 1000, swap=-100, commission=-50), deal(1, "GBPUSD", 50))
    assert compute(state, NOW).session_pnl[slot(state, 1)] == 9.0
    say(state, "MT5", result(1, "EURUSD", 0, 300))

    assert compute(state, NOW).session_pnl[slot(state, 1)] == -2.5


def test_a_result_that_is_gone_is_zero() -> None:
    state = desk()
    say(state, "MT5", deal(1, "EURUSD", 1000))
    say(state, "MT5", Gone(set=RowSet.SESSION_RESULT, key="1/EURUSD"))

    assert compute(state, NOW).session_pnl[slot(state, 1)] == 0.0
    assert state.engine.cells.living == 0


def test_a_position_that_changes_its_side_is_opened_anew() -> None:
    state = desk()
    say(state, "MT5", position(1, 1, "EURUSD", "1", "1.09"), position(1, 1, "EURUSD", "-1", "1.09"))

    assert compute(state, NOW).net_volume.sum() == -(10**8)
    assert state.positions.living == 1


def test_closing_what_is_not_known_changes_nothing() -> None:
    state = desk()
    say(state, "MT5", Gone(set=RowSet.POSITION, key=404))

    assert state.positions.living == 0


def test_when_an_account_goes_its_positions_wait_for_its_return() -> None:
    state = desk()
    held = position(1, 1, "EURUSD", "1", "1.09")
    say(state, "MT5", held, deal(1, "EURUSD", 5), Gone(set=RowSet.ACCOUNT, key=1))
    assert (state.waiting, state.positions.living, state.engine.cells.living) == (1, 0, 0)
    say(state, "MT5", account(1))
    found = state.positions.slot("MT5", 1)
    assert found is not None

    assert state.position_row(found) == held
