"""What a jump does to the book, in numbers written out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dealerdesk.live.shocks import Shock, Shocks, Target
from dealerdesk.live.state import LiveState
from dealerdesk.live.stress import StressResult, curve, run
from dealerdesk.trading import Book
from live.live_rows import account, pair, position, quotes, routing, say
from live.stressed_desk import bought, broker, falls, frozen, with_stop

A, B, C = range(3)
TEN_LOTS = bought(1, "EURUSD", "10", "1.10")


def in_books(state: LiveState, mt5: tuple[Book, int], ctrader: tuple[Book, int]) -> None:
    for server, (book, covered) in (("MT5", mt5), ("cTrader", ctrader)):
        say(state, server, routing(1, book, covered))


def stress(state: LiveState, shocks: Shocks, protected: bool = True, currency: str = "USD") -> StressResult:
    return run(frozen(state), shocks, currency, protected)


def test_the_company_wins_what_clients_lose_on_the_share_it_keeps() -> None:
    state = broker(TEN_LOTS, balance=100_000_000)
    in_books(state, (Book.A, 100), (Book.C, 30))

    # 10 lots × 100,000 × 0.011 = 11,000 lost by each client
    books = stress(state, falls("EURUSD", 1)).given.books
    assert books.clients.tolist() == pytest.approx([-11_000.0, 0.0, -11_000.0])
    assert books.company_before.tolist() == pytest.approx([0.0, 0.0, 7_700.0])
    assert books.company_after.tolist() == pytest.approx([0.0, 0.0, 7_700.0])
    assert books.accounts.tolist() == [1, 0, 1]


def test_the_reverse_of_a_shock_is_in_the_same_run() -> None:
    state = broker(TEN_LOTS, balance=100_000_000)

    result = stress(state, falls("EURUSD", 1))
    assert result.given.books.company_before[B] == pytest.approx(22_000.0)
    assert result.reversed.books.company_before[B] == pytest.approx(-22_000.0)


def test_a_gap_through_a_balance_is_paid_by_the_company_in_every_book() -> None:
    # the balance is 10,000; the fall of 2 % costs 22,000: stopped out at the gap with 12,000 below nought
    state = broker(TEN_LOTS, balance=1_000_000)
    in_books(state, (Book.A, 100), (Book.B, 0))

    found = stress(state, falls("EURUSD", 2)).given
    assert int(found.stopped.sum()) == 2
    assert found.books.negative.tolist() == pytest.approx([12_000.0, 12_000.0, 0.0])
    assert found.books.compensation.tolist() == pytest.approx([12_000.0, 12_000.0, 0.0])
    assert found.books.company_before.tolist() == pytest.approx([0.0, 22_000.0, 0.0])
    assert found.books.company_after.tolist() == pytest.approx([-12_000.0, 10_000.0, 0.0])


def test_without_protection_the_client_owes_it() -> None:
    found = stress(broker(TEN_LOTS), falls("EURUSD", 2), protected=False).given

    assert found.books.negative[B] == pytest.approx(24_000.0)
    assert found.books.compensation[B] == 0.0
    assert found.books.company_after[B] == pytest.approx(44_000.0)


def test_credit_that_is_lost_is_compensated_too_because_it_was_never_the_clients() -> None:
    state = broker(TEN_LOTS)
    row = account(1, balance=900_000)
    lent = type(row)(**{name: getattr(row, name) for name in row.__struct_fields__} | {"credit": 1_500_000})
    say(state, "MT5", lent, version=2)

    # 9,000 + 15,000 − 22,000 = 2,000 of equity, level 18.6 %; closed, the balance is 13,000 below nought
    found = stress(state, falls("EURUSD", 2)).given
    slot = state.accounts.slot("MT5", 1)
    assert found.equity[slot] == pytest.approx(2_000.0)
    assert found.negative[slot] == 0.0
    assert found.compensation[slot] == pytest.approx(13_000.0)


def test_called_accounts_are_at_their_call_but_not_stopped_out() -> None:
    # margin 11,000 × 0.98 = 10,780 at the shocked rate; equity 32,000 − 22,000 = 10,000: 92.8 %
    result = stress(broker(TEN_LOTS, balance=3_200_000), falls("EURUSD", 2))

    assert int(result.given.called.sum()) == 2
    assert not result.given.stopped.any()
    assert (result.called_now, result.below_now) == (0, 0)


def test_accounts_that_are_called_already_are_counted_apart() -> None:
    # margin is 11,000 of 10,000 equity: 90.9 %
    result = stress(broker(TEN_LOTS), Shocks((Shock(Target.EVERYTHING, "", 0.0),)))

    assert (result.called_now, result.below_now) == (2, 0)


def test_an_account_with_a_price_nobody_knows_is_unknown_and_counts_nowhere() -> None:
    state = broker(TEN_LOTS, balance=100_000_000)
    say(state, "MT5", pair("EURGBP", 5), bought(9, "EURGBP", "1", "0.85"))

    found = stress(state, falls("EURUSD", 1)).given
    slot = state.accounts.slot("MT5", 1)
    assert int(found.unknown.sum()) == 1
    assert found.unknown[slot]
    assert math.isnan(found.equity[slot])
    assert found.books.clients.tolist() == pytest.approx([0.0, -11_000.0, 0.0])
    assert found.books.accounts[B] == 1


def test_an_account_whose_currency_has_no_rate_is_unknown_only_if_it_holds_something() -> None:
    state = broker()
    say(state, "MT5", account(2, "PLN"), account(3, "PLN"), bought(9, "EURUSD", "1", "1.10", login=3))

    assert int(stress(state, falls("EURUSD", 1)).given.unknown.sum()) == 1


def test_an_account_whose_groups_limits_nobody_knows_is_unknown() -> None:
    state = broker(TEN_LOTS, balance=100_000_000)
    state.accounts.stop_out[state.accounts.slot("MT5", 1)] = math.nan

    found = stress(state, falls("EURUSD", 1)).given
    assert int(found.unknown.sum()) == 1
    assert found.books.accounts[B] == 1


def test_exposure_is_the_brokers_own_and_shrinks_with_what_is_closed() -> None:
    state = broker(TEN_LOTS, position(2, 1, "US100", "-1", "100"), balance=1_000_000)
    in_books(state, (Book.C, 50), (Book.A, 100))

    found = stress(state, falls("EURUSD", 2)).given
    slot = state.symbols.slot("MT5", "EURUSD")
    index = state.symbols.slot("MT5", "US100")
    # half of ten lots at 1.078, sold by the broker, and half of an index bought; equity below nought leaves nothing
    assert found.exposure_before[slot] == pytest.approx(-539_000.0)
    assert found.exposure_after[slot] == 0.0
    assert found.exposure_before[index] == pytest.approx(500.0)
    assert found.exposure_after[index] == 0.0
    assert found.company[slot] == pytest.approx(11_000.0)
    assert found.company.sum() == pytest.approx(found.books.company_before.sum())


def test_closings_by_orders_and_by_stop_outs_are_counted_apart() -> None:
    rows = (with_stop(bought(1, "EURUSD", "1", "1.10"), stop_loss="1.09"), bought(2, "EURUSD", "10", "1.10"))

    found = stress(broker(*rows), falls("EURUSD", 2)).given
    assert found.closed_by_order == 2
    assert found.closed_by_stop_out == 2


def test_money_is_converted_at_the_shocked_rates() -> None:
    state = broker(account(2, "EUR", balance=100_000_000), bought(5, "US100", "10", "100", login=2))

    # the index loses 10 % = 1,000 USD, at 1.32 (EUR +20 %) 757.58 EUR
    shocks = Shocks((Shock(Target.INSTRUMENT, "US100", -10.0), Shock(Target.CURRENCY, "EUR", 20.0)))
    found = stress(state, shocks).given
    assert found.pnl[state.accounts.slot("MT5", 2)] == pytest.approx(-1_000 / 1.32)
    assert found.books.clients[B] == pytest.approx(-2_000.0)


def test_a_book_without_positions_is_nought_everywhere() -> None:
    state = LiveState()
    state.apply_quotes("MT5", quotes(), 0)

    found = stress(state, falls("EURUSD", 1)).given
    assert np.all(found.books.clients == 0)
    assert found.closed_by_stop_out == 0


def test_the_curve_goes_from_the_whole_reverse_through_nothing_to_the_whole_shock() -> None:
    # the balance of 10,000 is gone beyond −0.91 %: from there on the company pays what it wins
    result = stress(broker(TEN_LOTS), falls("EURUSD", 2))

    found = curve(result)
    assert found.factors.tolist() == pytest.approx([-1, -0.8, -0.6, -0.4, -0.2, 0, 0.2, 0.4, 0.6, 0.8, 1])
    assert found.before.tolist() == pytest.approx([8_800.0 * step for step in range(-5, 6)])
    assert found.after[-3:].tolist() == pytest.approx([20_000.0, 20_000.0, 20_000.0])
    assert found.stopped.tolist() == [0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2]
