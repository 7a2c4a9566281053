from __future__ import annotations

import math

import pytest

from dealerdesk.live.frame import compute
from dealerdesk.live.rates import Leg
from live.live_rows import NOW, account, desk, pair, quotes, say, snapshot


def test_the_pair_itself_its_inverse_and_the_way_through_usd() -> None:
    rates = compute(desk(), NOW).rates

    assert rates.rate("EUR", "USD") == 1.1
    assert rates.rate("USD", "EUR") == 1 / 1.1
    assert rates.rate("EUR", "JPY") == pytest.approx(165.0)
    assert rates.rate("GBP", "GBP") == 1.0
    assert rates.path("EUR", "JPY") == (Leg(0, False), Leg(2, False))
    assert rates.path("JPY", "USD") == (Leg(2, True),)


def test_without_a_way_the_rate_is_unknown_and_the_path_a_refusal() -> None:
    state = desk()
    say(state, "MT5", account(3, "PLN"))
    rates = compute(state, NOW).rates

    assert math.isnan(rates.rate("PLN", "USD"))
    with pytest.raises(LookupError, match="no rate from PLN to USD"):
        rates.path("PLN", "USD")


def test_a_cross_is_preferred_as_soon_as_it_is_quoted() -> None:
    state = desk()
    say(state, "MT5", pair("EURJPY", 3, digits=3))
    through_usd = compute(state, NOW).rates.rate("EUR", "JPY")
    state.apply_quotes("MT5", quotes((3, 170_000, 170_000)), NOW)

    assert through_usd == pytest.approx(165.0)
    assert compute(state, NOW).rates.rate("EUR", "JPY") == 170.0


def test_a_fresh_server_goes_before_a_stale_one() -> None:
    state = desk()
    snapshot(state, "MT4", pair("EURUSD", 0))
    state.apply_quotes("MT4", quotes((0, 120_000, 120_000)), NOW)
    before = compute(state, NOW).rates.rate("EUR", "USD")
    state.set_stale("MT5", NOW)

    assert (before, compute(state, NOW).rates.rate("EUR", "USD")) == (1.1, 1.2)
    state.set_stale("MT5", None)
    assert compute(state, NOW).rates.rate("EUR", "USD") == 1.1


def test_the_mid_is_between_bid_and_ask() -> None:
    state = desk()
    state.apply_quotes("MT5", quotes((0, 110_000, 110_010)), NOW)

    assert compute(state, NOW).rates.rate("EUR", "USD") == pytest.approx(1.10005, rel=1e-15)


def test_at_supposed_mids_the_same_pairs_are_used() -> None:
    frame = compute(desk(), NOW)
    supposed = frame.rates.at(frame.mid * 2)

    assert supposed.rate("EUR", "USD") == 2.2
    assert supposed.rate("EUR", "JPY") == pytest.approx(2.2 * 300.0)
    assert frame.rates.rate("EUR", "USD") == 1.1
