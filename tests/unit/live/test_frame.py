from __future__ import annotations

import numpy as np
import pytest

from dealerdesk.live.frame import compute, position_floating, position_prices, winners_losers
from dealerdesk.live.state import LiveState
from live.live_rows import NOW, account, deal, desk, pair, position, quotes, result, say


def slot(state: LiveState, login: int) -> int:
    found = state.accounts.slot("MT5", login)
    assert found is not None
    return found


def test_one_account_written_out() -> None:
    state = desk()
    state.apply_quotes("MT5", quotes((0, 110_000, 110_020)), NOW)
    say(state, "MT5", position(1, 1, "EURUSD", "1", "1.09"), position(2, 1, "EURUSD", "-0.4", "1.12"))
    frame, one = compute(state, NOW), slot(state, 1)
    mid = 1.10010

    assert frame.floating[one] == pytest.approx(1_000 + 40_000 * (1.12 - 1.1002))
    assert frame.equity[one] == pytest.approx(10_000 + frame.floating[one])
    assert frame.margin[one] == pytest.approx(0.6 * 1000 * mid)
    assert frame.level[one] == pytest.approx(frame.equity[one] / (0.6 * 1000 * mid) * 100)
    assert frame.free_margin[one] == pytest.approx(frame.equity[one] - 600 * mid)
    assert (frame.net_lots[one], frame.gross_lots[one]) == (pytest.approx(0.6), pytest.approx(1.4))
    assert frame.net_usd[one] == pytest.approx(60_000 * mid)
    assert frame.gross_usd[one] == pytest.approx(140_000 * mid)


def test_profit_goes_into_the_deposit_currency_by_the_best_pair() -> None:
    state = desk()
    say(state, "MT5", position(1, 2, "USDJPY", "1", "149.00"))
    frame = compute(state, NOW)

    assert frame.floating[slot(state, 2)] == pytest.approx(100_000 / 150 / 1.1)
    assert frame.usd_rate[slot(state, 2)] == pytest.approx(1.1)


def test_an_account_with_a_position_that_has_no_price_is_unknown_and_left_out_of_totals() -> None:
    state = desk()
    say(state, "MT5", pair("AUDUSD", 3), position(1, 1, "AUDUSD", "1", "0.65"))
    frame = compute(state, NOW)
    totals = frame.totals()

    assert np.isnan(frame.equity[slot(state, 1)])
    assert (totals.accounts, totals.unknown) == (1, 1)
    assert totals.equity == pytest.approx(11_000)


def test_an_account_without_a_way_to_its_currency_is_unknown() -> None:
    state = desk()
    say(state, "MT5", account(3, "PLN"), position(1, 3, "EURUSD", "1", "1.09"))
    frame = compute(state, NOW)

    assert np.isnan(frame.floating[slot(state, 3)])
    assert frame.rates_to("XXX").tolist() == [pytest.approx(np.nan, nan_ok=True)] * len(state.currencies)


def test_a_position_closes_at_the_bid_when_bought_and_at_the_ask_when_sold() -> None:
    state = desk()
    state.apply_quotes("MT5", quotes((0, 110_000, 110_020)), NOW)
    say(state, "MT5", position(1, 1, "EURUSD", "1", "1.09"), position(2, 1, "EURUSD", "-1", "1.09"))
    frame = compute(state, NOW)
    slots = np.array([state.positions.slot("MT5", 1), state.positions.slot("MT5", 2)])

    assert position_prices(state, frame, slots).tolist() == [1.1, 1.1002]
    assert position_floating(state, frame, slots) == pytest.approx([1000, -1020])


def test_a_session_counts_from_where_it_began() -> None:
    state = desk()
    say(state, "MT5", position(1, 1, "EURUSD", "1", "1.09"), result(1, "EURUSD", 2_000, 30_000), deal(1, "EURUSD", 500))

    assert compute(state, NOW).session_pnl[slot(state, 1)] == pytest.approx(1_000 + 25 - 300)


def test_winners_and_losers_of_the_session_come_largest_first() -> None:
    state = desk()
    say(
        state,
        "MT5",
        account(3),
        account(4),
        *(deal(login, "EURUSD", made) for login, made in ((1, 5), (2, 9), (3, -7))),
    )
    winners, losers = winners_losers(state, compute(state, NOW), 5)

    assert state.accounts.login[winners].tolist() == [2, 1]
    assert state.accounts.login[losers].tolist() == [3]


def test_a_frame_keeps_its_prices_when_the_market_moves_on() -> None:
    state = desk()
    frame = compute(state, NOW)
    state.apply_quotes("MT5", quotes((0, 120_000, 120_000)), NOW)

    assert (frame.bid[0], frame.mid[0], frame.time_us) == (1.1, 1.1, NOW)
