from __future__ import annotations

import numpy as np
import pytest

from dealerdesk.live.frame import compute
from dealerdesk.live.sums import View, kept_share, symbol_sums
from dealerdesk.trading import Book
from live.live_rows import NOW, desk, position, routing, say


def test_the_dealer_holds_the_opposite_of_what_is_kept() -> None:
    state = desk()
    say(
        state,
        "MT5",
        routing(1, Book.C, 40),
        position(1, 1, "EURUSD", "2", "1.09"),
        position(2, 2, "EURUSD", "-1", "1.1"),
    )
    frame = compute(state, NOW)
    clients = symbol_sums(state, frame, View.CLIENTS, "USD")
    dealer = symbol_sums(state, frame, View.DEALER, "USD")

    assert (clients.bought[0], clients.sold[0], clients.covered[0]) == (2.0, 1.0, pytest.approx(0.8))
    assert (dealer.bought[0], dealer.sold[0], dealer.covered[0]) == (1.0, pytest.approx(1.2), pytest.approx(0.8))
    assert dealer.floating[0] == pytest.approx(-0.6 * 2000)


def test_a_covered_book_leaves_the_dealer_nothing() -> None:
    state = desk()
    say(state, "MT5", routing(1, Book.A, 100), position(1, 1, "EURUSD", "2", "1.09"))
    sums = symbol_sums(state, compute(state, NOW), View.DEALER, "USD")

    assert (sums.bought[0], sums.sold[0], sums.positions[0], sums.accounts[0]) == (0, 0, 0, 0)


def test_the_books_share_a_symbol() -> None:
    state = desk()
    say(
        state,
        "MT5",
        routing(1, Book.A, 100),
        position(1, 1, "EURUSD", "2", "1.1"),
        position(2, 2, "EURUSD", "-1", "1.1"),
    )
    frame = compute(state, NOW)

    assert symbol_sums(state, frame, View.CLIENTS, "USD").book_net[:, 0].tolist() == [2.0, -1.0, 0.0]
    assert symbol_sums(state, frame, View.CLIENTS, "USD", book=0).sold[0] == 0.0


def test_the_kept_share_is_what_is_not_covered() -> None:
    assert kept_share(np.array([0, 30, 100])).tolist() == [1.0, 0.7, 0.0]
