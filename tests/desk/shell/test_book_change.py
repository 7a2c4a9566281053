"""The words and rules before anybody is asked."""

from __future__ import annotations

import pytest

from dealerdesk.desk.book_change import Standing, body, consequence, missing, standing
from dealerdesk.desk.numbers import MINUS
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState
from dealerdesk.trading import Book

from .conftest import NOW_US

ADA = Standing("MT5", 101, "Ada Abel", Book.B, 0, 7, 1, 220_010.0)


def test_the_standing_is_read_from_the_live_state(state: LiveState) -> None:
    now = standing(state, compute(state, NOW_US), "MT5", 101)

    assert now is not None
    assert (now.name, now.book, now.covered_percent, now.version, now.positions) == ("Ada Abel", Book.B, 0, 0, 1)
    assert now.net_usd == pytest.approx(220_010.0)


def test_an_account_that_is_not_there_has_no_standing(state: LiveState) -> None:
    assert standing(state, compute(state, NOW_US), "MT5", 999) is None


def test_a_covers_all_b_nothing_and_c_what_is_said() -> None:
    assert body(101, Book.A, 40).covered_percent == 100
    assert body(101, Book.B, 40).covered_percent == 0
    assert body(101, Book.C, 40).covered_percent == 40


def test_what_is_missing_is_said_one_thing_at_a_time() -> None:
    assert missing(ADA, None, "why") == "Choose a book: A, B or C."
    assert missing(ADA, body(101, Book.B, 0), "why") == "The account is in book B already."
    assert missing(ADA, body(101, Book.A, 0), "   ") == "Write the reason."
    assert missing(ADA, body(101, Book.A, 0), "wins too much") == ""


def test_another_share_of_c_is_a_change() -> None:
    in_c = Standing("MT5", 101, "Ada Abel", Book.C, 40, 7, 1, 0.0)

    assert missing(in_c, body(101, Book.C, 40), "why") == "The account is in book C with 40 % covered already."
    assert missing(in_c, body(101, Book.C, 60), "why") == ""


def test_the_consequence_says_what_the_dealer_would_keep() -> None:
    words = consequence(ADA, body(101, Book.C, 25))

    assert words.startswith("B → C with 25 % covered. 1 open position, net +220.0 k USD")
    assert f"from {MINUS}220.0 k to {MINUS}165.0 k USD" in words


def test_without_positions_only_the_future_changes() -> None:
    flat = Standing("MT5", 101, "Ada Abel", Book.B, 0, 7, 0, 0.0)

    assert "No open positions" in consequence(flat, body(101, Book.A, 0))
