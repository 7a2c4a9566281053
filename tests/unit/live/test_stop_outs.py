"""Which positions a stop-out closes, and when it stops."""

from __future__ import annotations

import pytest

from dealerdesk.live.shocks import Shocks
from dealerdesk.live.stop_outs import BY_ORDER, position_margins
from dealerdesk.live.stress import Outcome, outcome
from live.live_rows import position
from live.stressed_desk import PLATFORMS, bought, broker, closed_ids, falls, frozen, with_stop

USD = "USD"
# the index: 10 USD a point and lot, margin a hundredth of 1,000 USD × price ÷ 100
SMALL_LOSER = bought(1, "US100", "100", "100")
LARGE_LOSER = bought(2, "US100", "300", "100.50")
EURO = bought(3, "EURUSD", "5", "1.10")


def stress(rows: tuple, shocks: Shocks, balance: int) -> tuple[Outcome, object]:
    state = broker(*rows, balance=balance)
    book = frozen(state)
    return outcome(book, shocks, USD, True), book


def test_metatrader_closes_the_largest_loss_first_and_ctrader_what_uses_most_margin() -> None:
    # margin: US100 1,000 + 3,015, EURUSD 5,500 × shocked nothing = 5,500; together 9,515
    # US100 falls 2 %: −2,000 and −7,500; equity 13,000 − 9,500 = 3,500, level 36.8 %
    found, book = stress((SMALL_LOSER, LARGE_LOSER, EURO), falls("US100", 2), 1_300_000)

    # MetaTrader: without the 7,500 loser margin is 6,500, level 53.8 %; cTrader: without EURUSD 4,015, level 87.2 %
    assert closed_ids(book, found.closed, "MT5") == [2]
    assert closed_ids(book, found.closed, "cTrader") == [3]
    assert found.margin[book.known].tolist() == pytest.approx([6_500.0, 4_015.0])
    assert found.equity[book.known].tolist() == pytest.approx([3_500.0, 3_500.0])


def test_closing_goes_on_until_the_level_is_above_the_stop_out() -> None:
    # equity 11,000 − 9,500 = 1,500; MetaTrader: 9,515 (16 %) → 6,500 (23 %) → 5,500 (27 %) → 0
    # cTrader: 9,515 (16 %) → 4,015 (37 %) → 1,000 (150 %)
    found, book = stress((SMALL_LOSER, LARGE_LOSER, EURO), falls("US100", 2), 1_100_000)

    assert closed_ids(book, found.closed, "MT5") == [2, 1, 3]
    assert closed_ids(book, found.closed, "cTrader") == [3, 2]
    assert found.margin[book.known].tolist() == pytest.approx([0.0, 1_000.0])


def test_a_level_just_at_the_stop_out_is_stopped_and_just_above_it_is_not() -> None:
    # one lot of EURUSD uses 1,100; falls to 1.089 (−1 %): −1,100; margin in EUR at the shocked rate is 1,089
    at, _ = stress((bought(1, "EURUSD", "1", "1.10"),), falls("EURUSD", 1), 164_450)
    above, _ = stress((bought(1, "EURUSD", "1", "1.10"),), falls("EURUSD", 1), 164_451)

    assert at.equity[at.stopped].tolist() == pytest.approx([544.5, 544.5])
    assert not above.stopped.any()


def test_the_other_leg_of_a_hedge_needs_margin_again_once_the_first_is_closed() -> None:
    # bought 3 and sold 2 without hedged margin: 1 lot uncovered, 10 × 100.00 ÷ 100 = 10 USD
    rows = (bought(1, "US100", "3", "100"), position(2, 1, "US100", "-2", "100"))
    # −10 %: −300 + 200; equity 104 − 100 = 4, level 40 %; without the bought leg 2 lots sold need 20: 20 %
    found, book = stress(rows, falls("US100", 10), 10_400)

    assert closed_ids(book, found.closed, "MT5") == [1, 2]
    assert found.margin_before[book.known].tolist() == pytest.approx([10.0, 10.0])


def test_a_fully_hedged_account_without_margin_is_left_alone() -> None:
    rows = (bought(1, "US100", "3", "100"), position(2, 1, "US100", "-3", "90"))

    found, _ = stress(rows, falls("US100", 10), 10_000)
    assert found.equity[found.equity < 0].tolist() == pytest.approx([-200.0, -200.0])
    assert not found.stopped.any()


def test_a_stop_loss_frees_its_margin_before_the_stop_out_looks() -> None:
    first = with_stop(LARGE_LOSER, stop_loss="99.00")

    found, book = stress((SMALL_LOSER, first, EURO), falls("US100", 2), 1_300_000)
    assert sorted(found.closed.tolist()) == [BY_ORDER, BY_ORDER, 0, 0, 0, 0]
    assert found.margin_before[book.known].tolist() == pytest.approx([6_500.0, 6_500.0])
    assert not found.stopped.any()


def test_of_equal_losses_the_older_position_is_closed_first() -> None:
    twins = (bought(8, "US100", "100", "100"), bought(7, "US100", "100", "100"))

    # −2 %: −2,000 each; margin 2,000, equity 900: 45 %; one closed: 90 %
    found, book = stress(twins, falls("US100", 2), 490_000)
    assert [closed_ids(book, found.closed, server) for server in PLATFORMS] == [[7], [7]]


def test_margin_of_a_position_by_itself_knows_no_hedge() -> None:
    state = broker(bought(1, "US100", "3", "100"), position(2, 1, "US100", "-2", "100"))
    book = frozen(state)

    margins = position_margins(book, book.prices, book.held)
    assert sorted(margins.tolist()) == pytest.approx([20.0, 20.0, 30.0, 30.0])
