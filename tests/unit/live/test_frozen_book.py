"""A book that no longer follows the live state."""

from __future__ import annotations

import numpy as np
import pytest

from dealerdesk.bridges.protocol import RowSet
from dealerdesk.live.frame import compute
from dealerdesk.trading import Book, OrderType
from live.live_rows import NOW, account, position, quotes, routing, say
from live.stressed_desk import bought, broker, frozen, order


def test_what_happens_after_it_was_frozen_does_not_change_it() -> None:
    state = broker(bought(1, "EURUSD", "1", "1.10"))
    book = frozen(state)

    say(state, "MT5", position(2, 1, "EURUSD", "5", "1.20"), account(1, balance=7), version=2)
    state.apply_quotes("MT5", quotes((0, 50_000, 50_000)), NOW)
    assert len(book.held) == 2
    assert book.settled[book.known].tolist() == [10_000.0, 10_000.0]
    assert book.prices.bid[0] == pytest.approx(1.10)


def test_its_figures_are_the_frames() -> None:
    state = broker(bought(1, "EURUSD", "1", "1.09"), position(2, 1, "US100", "-3", "104"))
    frame, book = compute(state, NOW), frozen(state)

    floating = book.by_account(book.profits_now)
    assert floating[book.known].tolist() == pytest.approx([1_120.0, 1_120.0])
    assert floating[: frame.count].tolist() == pytest.approx(frame.floating.tolist())
    needs = book.cell_needs[book.cell_slots]
    margin = book.in_own_currency(book.cells, book.cell_slots, needs, book.prices)
    assert margin.sum() == pytest.approx(np.nansum(frame.margin))


def test_a_server_that_is_still_loading_is_not_in_it() -> None:
    state = broker(bought(1, "EURUSD", "1", "1.10"), order(1, OrderType.BUY_STOP, "1.2"))
    state.begin_snapshot("cTrader", list(RowSet))

    book = frozen(state)
    assert len(book.held) == len(book.pending.price) == 1
    assert int(book.known.sum()) == 1


def test_the_kept_share_is_what_is_not_covered() -> None:
    state = broker()
    say(state, "MT5", routing(1, Book.C, 30))

    assert sorted(frozen(state).kept[frozen(state).known].tolist()) == pytest.approx([0.7, 1.0])


def test_a_currency_nobody_quotes_has_no_rate() -> None:
    book = frozen(broker())

    assert np.isnan(book.rate_to("XYZ", book.prices)).all()
    assert np.isnan(book.lot_notional("XYZ", book.prices)).all()
