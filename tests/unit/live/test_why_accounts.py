from __future__ import annotations

from decimal import Decimal

import pytest

from dealerdesk.live.frame import compute
from dealerdesk.live.why_accounts import why_equity, why_level, why_margin, why_position, why_session
from live.live_rows import NOW, deal, desk, pair, position, result, say


def test_an_equity_is_explained_term_by_term() -> None:
    state = desk()
    say(state, "MT5", position(1, 2, "USDJPY", "1", "149.00", swap=-250), position(2, 2, "EURUSD", "-1", "1.11"))
    derivation = why_equity(state, compute(state, NOW), state.accounts.slot("MT5", 2) or 0)

    assert derivation.formula == "balance + credit + swap and commission + Σ floating results"
    assert [(term.label, round(term.value, 2)) for term in derivation.terms] == [
        ("balance", Decimal("10000.00")),
        ("credit", Decimal("0.00")),
        ("swap and commission of open positions", Decimal("-2.50")),
        ("MT5 position 1 USDJPY", Decimal("606.06")),
        ("MT5 position 2 EURUSD", Decimal("909.09")),
    ]
    assert derivation.roundings[-1].rounded == Decimal("11512.65")
    assert derivation.unit == "EUR"


def test_a_margin_names_positions_prices_leverage_and_rate() -> None:
    state = desk()
    say(state, "MT5", pair("EURUSD", 0, hedged=50_000))
    say(state, "MT5", position(1, 1, "EURUSD", "2", "1.09"), position(2, 1, "EURUSD", "-0.5", "1.10"))
    (term,) = why_margin(state, compute(state, NOW), 0).terms

    assert round(term.value, 2) == Decimal("1925.00")
    assert [item.label for item in term.inputs] == [
        *("lots", "open price", "lots", "open price"),
        *("uncovered", "covered", "leverage", "mid EURUSD"),
    ]


def test_a_level_is_equity_over_margin() -> None:
    state = desk()
    say(state, "MT5", position(1, 1, "EURUSD", "1", "1.10"))
    derivation = why_level(state, compute(state, NOW), 0)

    assert [part.figure for part in derivation.parts] == ["equity", "margin"]
    assert derivation.roundings[0].rounded == Decimal("909.09")


def test_without_margin_there_is_a_note_and_no_level() -> None:
    state = desk()

    assert why_level(state, compute(state, NOW), 0).note == "No margin is used, so there is no level."
    assert why_margin(state, compute(state, NOW), 0).note == "No open positions."


def test_a_session_shows_what_it_realised_and_where_it_began() -> None:
    state = desk()
    say(state, "MT5", result(1, "EURUSD", 1_000, 400), deal(1, "GBPUSD", 50))
    derivation = why_session(state, compute(state, NOW), 0)

    assert {term.label: term.value for term in derivation.terms[1:]} == {
        "realised on MT5 EURUSD": Decimal("10.00"),
        "floated at the start on MT5 EURUSD": Decimal("-4.00"),
        "realised on MT5 GBPUSD": Decimal("0.50"),
    }


def test_a_position_shows_what_its_platform_rounds() -> None:
    state = desk()
    say(state, "MT5", position(1, 1, "EURUSD", "0.01", "1.0999999"))
    derivation = why_position(state, compute(state, NOW), 0)

    assert [(one.label, one.rounded) for one in derivation.roundings] == [
        ("value at close, USD", Decimal("1100.00")),
        ("value at open, USD", Decimal("1100.00")),
        ("profit, USD", Decimal("0.00")),
    ]
    assert derivation.value == Decimal("0.0001")


def test_a_figure_that_needs_an_unknown_price_cannot_be_explained() -> None:
    state = desk()
    say(state, "MT5", pair("AUDUSD", 3), position(1, 1, "AUDUSD", "1", "0.65"))

    with pytest.raises(LookupError, match="no quote yet"):
        why_equity(state, compute(state, NOW), 0)
