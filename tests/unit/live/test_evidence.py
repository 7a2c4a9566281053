from __future__ import annotations

from decimal import Decimal

import pytest

from dealerdesk.live.evidence import Evidence, exact, minor
from dealerdesk.live.frame import compute
from live.live_rows import NOW, desk, pair, position, quotes, say


def test_a_price_is_quoted_as_it_was_sent_with_its_moment() -> None:
    state = desk()
    state.apply_quotes("MT5", quotes((0, 110_123, 110_131), time_us=NOW + 7), NOW)
    found = Evidence(state, compute(state, NOW + 9)).price(0, "mid")

    assert (found.value, found.unit) == (Decimal("1.10127"), "USD")
    assert (found.source.id, found.source.time_us) == ("MT5 EURUSD quote", NOW + 7)


def test_a_symbol_without_a_quote_is_refused_with_a_sentence() -> None:
    state = desk()
    say(state, "MT5", pair("AUDUSD", 3))

    with pytest.raises(LookupError, match="MT5 AUDUSD has no quote yet"):
        Evidence(state, compute(state, NOW)).price(3, "bid")


def test_a_cross_rate_names_the_pairs_it_went_through() -> None:
    state = desk()
    rate, inputs = Evidence(state, compute(state, NOW)).rate("EUR", "JPY")

    assert rate == Decimal("165.00")
    assert [item.source.id for item in inputs] == ["MT5 EURUSD quote", "MT5 USDJPY quote"]


def test_amounts_and_prices_are_exact() -> None:
    state = desk()
    say(state, "MT5", position(1, 1, "EURUSD", "-0.07", "1.09123"))
    evidence = Evidence(state, compute(state, NOW))

    assert evidence.volume(0).value == Decimal("-0.07")
    assert evidence.open_price(0).value == Decimal("1.09123")
    assert minor(state, 0, 1234567) == Decimal("12345.67")
    assert exact(0.1) == Decimal("0.1")


def test_an_account_is_called_as_everywhere_else() -> None:
    state = desk()

    assert Evidence(state, compute(state, NOW)).account_name(0) == "MT5 1"
