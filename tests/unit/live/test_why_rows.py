from __future__ import annotations

from decimal import Decimal

from dealerdesk.live.dimensions import Dimension
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState
from dealerdesk.live.sums import View
from dealerdesk.live.why_rows import (
    EACH_POSITION_MAX,
    why_net_exposure,
    why_net_lots,
    why_row_floating,
    why_row_session,
)
from dealerdesk.trading import Book
from live.live_rows import NOW, deal, desk, position, routing, say


def world(positions: int = 2) -> LiveState:
    state = desk()
    say(state, "MT5", routing(1, Book.C, 40), deal(1, "EURUSD", 500))
    say(state, "MT5", *(position(number + 1, 1, "EURUSD", "1", "1.09") for number in range(positions)))
    return state


def test_few_positions_are_told_one_by_one() -> None:
    state = world()
    derivation = why_net_exposure(state, compute(state, NOW), Dimension.INSTRUMENT, "EURUSD")

    assert [term.label for term in derivation.terms] == ["MT5 position 1 EURUSD", "MT5 position 2 EURUSD"]
    assert derivation.value == Decimal(220_000)


def test_many_positions_are_told_by_symbol() -> None:
    state = world(EACH_POSITION_MAX + 1)
    derivation = why_net_lots(state, compute(state, NOW), Dimension.BOOK, "C")

    assert [(term.label, term.value) for term in derivation.terms] == [("MT5 EURUSD, 201 positions", Decimal(201))]


def test_the_dealer_sees_the_opposite_of_the_kept_share() -> None:
    state = world()
    frame = compute(state, NOW)

    assert why_net_lots(state, frame, Dimension.BOOK, "C", View.DEALER).value == Decimal("-1.2")
    assert why_row_floating(state, frame, Dimension.BOOK, "C", View.DEALER).value == Decimal("-1200")


def test_a_session_row_adds_what_was_realised() -> None:
    state = world()
    derivation = why_row_session(state, compute(state, NOW), Dimension.SERVER, "MT5")

    assert [(term.label, term.value) for term in derivation.terms[2:]] == [("realised, USD", Decimal(5))]
    assert derivation.value == Decimal(2005)


def test_a_currency_is_explained_by_its_legs() -> None:
    state = world()
    frame = compute(state, NOW)

    assert why_net_exposure(state, frame, Dimension.CURRENCY, "EUR").value == Decimal(220_000)
    assert why_net_exposure(state, frame, Dimension.CURRENCY, "USD").value == Decimal(-218_000)


def test_a_row_without_positions_says_so() -> None:
    state = desk()

    assert why_net_exposure(state, compute(state, NOW), Dimension.BOOK, "A").note == "No open positions."
