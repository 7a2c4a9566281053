"""How far an account is from its stop-out, and which price takes it there."""

from __future__ import annotations

import numpy as np
import pytest

from dealerdesk.live.frame import compute
from dealerdesk.live.margin_watch import NONE, first_to_close, position_margin, watch
from dealerdesk.live.state import LiveState
from dealerdesk.trading import Platform
from live.live_rows import NOW, account, desk, group, position, quotes, say, snapshot, thing


def indices() -> LiveState:
    """MT5 with US500 (bid 5,000, ask 5,001) and DE40 (20,000), 10 USD a point and lot; account 1 with 10,000 USD."""
    state = LiveState()
    snapshot(state, "MT5", thing("US500", 0), thing("DE40", 1), group(), account(1))
    state.apply_quotes("MT5", quotes((0, 500_000, 500_100), (1, 2_000_000, 2_000_000)), NOW)
    return state


def slot(state: LiveState, login: int) -> int:
    found = state.accounts.slot("MT5", login)
    assert found is not None
    return found


def test_equity_above_the_thresholds_is_what_is_left_to_lose() -> None:
    state = indices()
    say(state, "MT5", position(1, 1, "US500", "10", "5000"))
    seen, one = watch(state, compute(state, NOW)), slot(state, 1)

    # margin 10 × 10 × 5,000 ÷ 100 = 5,000; call at 100 %, stop-out at 50 %
    assert (seen.to_call[one], seen.to_stop_out[one]) == (5_000, 7_500)


def test_a_bought_index_must_fall_until_the_room_is_gone() -> None:
    state = indices()
    say(state, "MT5", position(1, 1, "US500", "10", "5000"))
    seen, one = watch(state, compute(state, NOW)), slot(state, 1)

    assert state.symbols.name[int(seen.symbol[one])] == "US500"
    assert (seen.percent[one], seen.price[one]) == (pytest.approx(-1.5), pytest.approx(4_925))


def test_a_sold_one_must_rise_and_closes_at_the_ask() -> None:
    state = indices()
    say(state, "MT5", position(1, 1, "US500", "-10", "5001"))
    seen, one = watch(state, compute(state, NOW)), slot(state, 1)

    # the room is 10,000 − 2,500.50; at 100 USD a point that is 74.995 points above the ask
    assert seen.price[one] == pytest.approx(5_001 + 74.995)
    assert seen.percent[one] == pytest.approx(74.995 / 5_001 * 100)


def test_of_two_symbols_the_one_that_needs_the_smaller_move_is_named() -> None:
    state = indices()
    say(state, "MT5", position(1, 1, "US500", "4", "5000"), position(2, 1, "DE40", "2", "20000"))
    seen, one = watch(state, compute(state, NOW)), slot(state, 1)

    assert state.symbols.name[int(seen.symbol[one])] == "DE40"
    # worth 200,000 and 400,000, margin 6,000: 7,000 are left
    assert (seen.percent[one], seen.together[one]) == (pytest.approx(-1.75), pytest.approx(7_000 / 6_000))


def test_at_its_stop_out_an_account_needs_no_move_any_more() -> None:
    state = indices()
    say(state, "MT5", position(1, 1, "US500", "10", "5080"))
    seen, one = watch(state, compute(state, NOW)), slot(state, 1)

    assert seen.to_stop_out[one] == pytest.approx(2_000 - 2_540)
    assert (seen.percent[one], seen.together[one], seen.price[one]) == (0, 0, 5_000)


def test_a_full_hedge_has_no_price_that_could_end_it() -> None:
    state = indices()
    say(state, "MT5", position(1, 1, "US500", "10", "5000"), position(2, 1, "US500", "-10", "5000"))
    say(state, "MT5", position(3, 1, "DE40", "0.01", "20000"))
    seen, one = watch(state, compute(state, NOW)), slot(state, 1)

    assert state.symbols.name[int(seen.symbol[one])] == "DE40"
    assert np.isnan(seen.percent[one])
    assert np.isnan(seen.price[one])


def test_without_positions_there_is_nothing_to_watch() -> None:
    state = indices()
    seen, one = watch(state, compute(state, NOW)), slot(state, 1)

    assert seen.symbol[one] == NONE
    assert np.isnan([seen.to_call[one], seen.to_stop_out[one], seen.percent[one], seen.together[one]]).all()


def test_results_are_in_the_accounts_own_currency() -> None:
    state = desk()
    say(state, "MT5", position(1, 2, "GBPUSD", "1", "1.25000"))
    seen, two = watch(state, compute(state, NOW)), slot(state, 2)

    # 125,000 USD are 113,636.36 EUR, margin 1,136.36 EUR
    assert seen.to_stop_out[two] == pytest.approx(10_000 - 568.18, abs=0.01)
    assert seen.percent[two] == pytest.approx(-(10_000 - 568.18) / 113_636.36 * 100, abs=1e-4)


def test_metatrader_closes_the_largest_loss_first_and_ctrader_what_binds_most_margin() -> None:
    state = indices()
    loser, heavy = position(1, 1, "US500", "1", "5050"), position(2, 1, "DE40", "2", "20000")
    say(state, "MT5", loser, heavy)
    frame, one = compute(state, NOW), slot(state, 1)
    everybody = np.ones(frame.count, np.bool_)

    by_loss = first_to_close(state, frame, everybody, {"MT5": Platform.MT5})
    by_margin = first_to_close(state, frame, everybody, {"MT5": Platform.CTRADER})
    assert (by_loss[one], by_margin[one]) == (state.positions.slot("MT5", 1), state.positions.slot("MT5", 2))


def test_only_accounts_that_were_asked_for_are_looked_at() -> None:
    state = indices()
    say(state, "MT5", position(1, 1, "US500", "1", "5050"))
    frame = compute(state, NOW)

    assert set(first_to_close(state, frame, np.zeros(frame.count, np.bool_), {}).tolist()) == {NONE}


def test_a_positions_own_margin_is_converted() -> None:
    state = desk()
    say(state, "MT5", position(1, 2, "GBPUSD", "1", "1.25000"))
    frame = compute(state, NOW)
    held = state.positions.living_slots()

    assert position_margin(state, frame, held).tolist() == [pytest.approx(1_000 * 1.25 / 1.1)]


def test_positions_of_symbols_that_came_after_the_frame_are_left_to_the_next_one() -> None:
    state = indices()
    say(state, "MT5", position(1, 1, "US500", "10", "5000"))
    frame, one = compute(state, NOW), slot(state, 1)
    say(state, "MT5", thing("GOLD", 2, currency="CHF"), position(2, 1, "GOLD", "-5", "2000"))
    everybody = np.ones(frame.count, np.bool_)

    assert state.symbols.name[int(watch(state, frame).symbol[one])] == "US500"
    assert first_to_close(state, frame, everybody, {})[one] == state.positions.slot("MT5", 1)
