"""What the book of now would have made of the past, in numbers written out."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dealerdesk.live.value_at_risk import (
    PriceHistory,
    ValueAtRisk,
    needed,
    returns_of,
    risk_at,
    value_at_risk,
)
from dealerdesk.trading import Book
from live.live_rows import account, position, routing, say
from live.stressed_desk import bought, broker, frozen

DAY_US = 86_400_000_000
NAN = math.nan


def history(**prices: list[float]) -> PriceHistory:
    count = len(next(iter(prices.values()), []))
    arrays = {name: np.array(values) for name, values in prices.items()}
    return PriceHistory(DAY_US, np.arange(1, count + 1) * DAY_US, arrays)


def walk(returns: list[float], start: float = 1.0) -> list[float]:
    """Prices with these returns."""
    return [start, *(start * np.cumprod(1 + np.array(returns))).tolist()]


def hundred(worst: list[float]) -> list[float]:
    """A hundred returns: the given ones and +0.1 % for the rest."""
    return [*worst, *([0.001] * (100 - len(worst)))]


def test_so_many_observations_are_needed_that_five_lie_in_the_tail() -> None:
    assert (needed(0.95), needed(0.99)) == (100, 500)


def test_value_at_risk_is_the_edge_of_the_tail_and_shortfall_its_mean() -> None:
    outcomes = np.array([-50.0, -40.0, -30.0, -20.0, -10.0, *range(95)])

    assert risk_at(outcomes, 0.95) == (10.0, 30.0)
    assert all(map(math.isnan, risk_at(outcomes, 0.99)))


def test_one_observation_too_few_is_no_figure() -> None:
    assert math.isnan(risk_at(np.zeros(99), 0.95)[0])
    assert risk_at(np.zeros(100), 0.95)[0] == 0.0


def test_returns_skip_moments_when_nothing_was_recorded_and_bridge_single_gaps() -> None:
    past = returns_of(history(EURUSD=[1.0, NAN, 1.1, 1.1], US100=[100.0, NAN, NAN, 120.0]))

    assert past.instruments == ("EURUSD", "US100")
    assert past.matrix == pytest.approx(np.array([[0.1, 0.0], [0.0, 0.2]]))
    assert (past.from_us, past.until_us) == (DAY_US, 4 * DAY_US)


def test_an_instrument_that_came_later_or_went_below_nought_is_left_out() -> None:
    past = returns_of(history(EURUSD=[1.0, 1.1], NEW=[NAN, 5.0], WTI=[18.27, -37.63]))

    assert (past.instruments, past.left_out) == (("EURUSD",), ("NEW", "WTI"))


def test_the_kept_book_is_revalued_by_exposure_times_return() -> None:
    state = broker(bought(1, "EURUSD", "1", "1.10"))
    say(state, "MT5", routing(1, Book.A, 100))
    say(state, "cTrader", routing(1, Book.C, 40))

    # one lot is 110,000 USD; the broker is short 60 % of it in C: 66,000; EURUSD rising is its loss
    found = value_at_risk(frozen(state), history(EURUSD=walk(hundred([0.05, 0.04, 0.03, 0.02, 0.01]))))
    a, b, c = found.books
    assert found.observations == 100
    assert c.var[0] == pytest.approx(660.0)
    assert c.shortfall[0] == pytest.approx(66_000 * 0.03)
    assert math.isnan(c.var[1])
    assert (a.var[0], b.var[0]) == (0.0, 0.0)
    assert found.total.var[0] == pytest.approx(660.0)


def test_the_risk_of_all_books_knows_that_they_offset() -> None:
    state = broker()
    say(state, "MT5", bought(1, "EURUSD", "1", "1.10"), routing(1, Book.C, 0))
    say(state, "cTrader", position(1, 1, "EURUSD", "-1", "1.10"))

    found = value_at_risk(frozen(state), history(EURUSD=walk(hundred([0.05] * 5 + [-0.05] * 5))))
    assert [book.var[0] for book in found.books] == pytest.approx([0.0, 5_500.0, 5_500.0])
    assert found.total.var[0] == pytest.approx(0.0)


def test_clients_are_listed_by_what_they_may_lose_on_their_own_side() -> None:
    state = broker()
    say(state, "MT5", account(2, client=20), account(3, client=30), account(4, client=20))
    say(state, "MT5", bought(1, "EURUSD", "1", "1.10", login=2), bought(2, "EURUSD", "1", "1.10", login=4))
    say(state, "MT5", bought(3, "EURUSD", "3", "1.10", login=3), routing(3, Book.A, 100))

    found = value_at_risk(frozen(state), history(EURUSD=walk(hundred([-0.01] * 5))))
    assert [client.client_id for client in found.clients] == [30, 20]
    assert [client.risk.var[0] for client in found.clients] == pytest.approx([3_300.0, 2_200.0])
    assert found.clients[1].gross == pytest.approx(220_000.0)


def test_what_has_no_history_is_named_with_its_share() -> None:
    state = broker(bought(1, "EURUSD", "1", "1.10"), bought(2, "US100", "30", "100"))

    found = value_at_risk(frozen(state), history(EURUSD=walk(hundred([]))))
    assert found.left_out == ("US100",)
    # 2 × 30,000 of 2 × 140,000
    assert found.left_out_share == pytest.approx(30_000 / 140_000)


def test_without_any_history_there_is_no_figure_and_it_says_so() -> None:
    found: ValueAtRisk = value_at_risk(frozen(broker(bought(1, "EURUSD", "1", "1.10"))), history())

    assert found.observations == 0
    assert math.isnan(found.total.var[0])
    assert found.clients == ()
    assert found.left_out_share == 1.0


def test_an_instrument_without_a_quote_now_is_left_out_and_named() -> None:
    state = broker(bought(1, "EURUSD", "1", "1.10"), bought(2, "US100", "1", "100"))
    for server in ("MT5", "cTrader"):
        slot = state.symbols.slot(server, "US100")
        assert slot is not None
        state.symbols.bid[slot] = state.symbols.ask[slot] = NAN
    prices = {"EURUSD": walk(hundred([-0.01] * 5)), "US100": walk(hundred([-0.02] * 5), 100.0)}
    found = value_at_risk(frozen(state), history(**prices))

    assert found.left_out == ("US100",)
    assert not math.isnan(found.total.var[0])
    assert not math.isnan(found.left_out_share)
    assert not math.isnan(found.clients[0].risk.var[0])
