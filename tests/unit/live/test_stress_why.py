"""A stress test can say why."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dealerdesk.live.stress import StressResult, run
from dealerdesk.live.stress_why import why_company, why_compensation, why_equity_after, why_level_after
from live.live_rows import pair, say
from live.stressed_desk import bought, broker, falls, frozen, with_stop

ROWS = (
    bought(1, "US100", "100", "100"),
    bought(2, "US100", "300", "100.50"),
    bought(3, "EURUSD", "5", "1.10"),
)


def stressed(*rows: object, balance: int, percent: float = 2, protected: bool = True) -> tuple[StressResult, int]:
    state = broker(*rows, balance=balance)
    slot = state.accounts.slot("MT5", 1)
    assert slot is not None
    return run(frozen(state), falls("US100", percent), "USD", protected), slot


def test_equity_after_is_the_sum_of_what_was_settled_and_of_each_position() -> None:
    result, slot = stressed(*ROWS, balance=1_300_000)

    why = why_equity_after(result, result.given, slot)
    assert why.value == Decimal("3500")
    assert [(term.label, term.value) for term in why.terms] == [
        ("balance", Decimal("13000")),
        ("credit", Decimal(0)),
        ("swap and commission", Decimal(0)),
        ("MT5 position 1 US100, stays open", Decimal("-2000")),
        ("MT5 position 2 US100, stopped out as number 1", Decimal("-7500")),
        ("MT5 position 3 EURUSD, stays open", Decimal(0)),
    ]


def test_the_level_says_each_closing_in_turn() -> None:
    result, slot = stressed(*ROWS, balance=1_100_000)

    why = why_level_after(result, result.given, slot)
    assert [part.figure for part in why.parts] == [
        "margin level before the stop-out looks",
        "margin level after closing MT5 position 2",
        "margin level after closing MT5 position 1",
        "margin level after closing MT5 position 3",
    ]
    margins = [next(each.value for each in part.inputs if each.label == "margin") for part in why.parts]
    assert [round(margin, 2) for margin in margins] == [9515, 6500, 5500, 0]
    assert "stop-out at 50 %, largest loss first" in why.formula
    assert why.parts[-1].note == "No margin is used, so there is no level."


def test_its_last_margin_is_the_one_the_run_computed() -> None:
    result, slot = stressed(*ROWS, balance=1_300_000)

    last = why_level_after(result, result.given, slot)
    assert float(last.value) == pytest.approx(result.given.equity[slot] / result.given.margin[slot] * 100)


def test_a_position_closed_by_its_own_order_says_so() -> None:
    result, slot = stressed(with_stop(ROWS[0], stop_loss="99"), balance=1_300_000)

    assert why_equity_after(result, result.given, slot).terms[-1].label.endswith("closed by its own order")


def test_compensation_is_credit_less_equity_or_says_why_there_is_none() -> None:
    result, slot = stressed(*ROWS, balance=500_000)
    paid = why_compensation(result, result.given, slot)
    assert [(term.label, term.value) for term in paid.terms][:3] == [
        ("balance", Decimal(-5_000)),
        ("swap and commission", Decimal(0)),
        ("MT5 position 1 US100, stopped out as number 2", Decimal(2_000)),
    ]
    assert paid.value == Decimal(4_500)
    assert float(paid.value) == pytest.approx(result.given.compensation[slot])

    unprotected, _ = stressed(*ROWS, balance=500_000, protected=False)
    calm, _ = stressed(*ROWS, balance=100_000_000)
    rich, _ = stressed(*ROWS, balance=1_100_000)
    left, _ = stressed(*ROWS, balance=1_300_000)
    notes = [why_compensation(each, each.given, slot).note for each in (unprotected, calm, rich, left)]
    assert notes == [
        "This run supposes no negative balance protection.",
        "The account is not stopped out, so nothing is compensated.",
        "The balance stays at nought or above.",
        "Positions are still open after the stop-out: only an empty account is compensated.",
    ]


def test_what_the_company_wins_is_the_sum_of_its_books() -> None:
    result, _ = stressed(*ROWS, balance=500_000)

    why = why_company(result, result.given)
    assert float(why.value) == pytest.approx(result.given.books.company_after.sum())
    # the jump costs each client 8,000 of the 9,500: position 2 was 1,500 down before it
    assert float(why.value) == pytest.approx(2 * (8_000 - 4_500))


def test_an_account_nobody_knows_the_price_of_is_not_explained() -> None:
    state = broker(*ROWS, balance=1_300_000)
    say(state, "MT5", pair("EURGBP", 5), bought(9, "EURGBP", "1", "0.85"))
    result = run(frozen(state), falls("US100", 2))

    with pytest.raises(LookupError, match="MT5 1 has a price or rate that nobody knows"):
        why_equity_after(result, result.given, state.accounts.slot("MT5", 1) or 0)
