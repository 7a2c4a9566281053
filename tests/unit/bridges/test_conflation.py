"""Of each symbol the newest quote is sent, once to each client, and an older one never wins."""

from __future__ import annotations

import numpy as np
import pytest

from dealerdesk.bridges.conflation import SYMBOLS_MAX, QuoteBoard, QuoteFilter, QuoteView
from dealerdesk.bridges.protocol import ProtocolError
from dealerdesk.bridges.quotes import QuoteBatch, decode_quotes, encode_quotes


def shown(batches: list[QuoteBatch]) -> dict[int, tuple[int, int]]:
    return {
        int(i): (int(bid), batch.base_us + int(offset))
        for batch in batches
        for i, bid, offset in zip(batch.index, batch.bid, batch.offset_us, strict=True)
    }


def test_a_symbol_that_ticks_three_times_is_sent_once() -> None:
    board = QuoteBoard()
    view = QuoteView(board)
    board.publish([3, 5], [100, 500], [101, 501], 1_000)
    board.publish([3], [110], [111], 2_000)
    board.publish([3], [120], [121], 3_000)

    assert shown(view.take()) == {3: (120, 3_000), 5: (500, 1_000)}
    assert view.take() == []
    assert not view.has_news


def test_the_last_of_a_repeated_symbol_stands() -> None:
    board = QuoteBoard()
    board.publish([1, 1, 1], [10, 20, 30], [11, 21, 31], np.array([5, 6, 7]))

    assert shown(QuoteView(board).take()) == {1: (30, 7)}


def test_each_client_has_its_own_place() -> None:
    board = QuoteBoard()
    quick, slow = QuoteView(board), QuoteView(board)
    board.publish([0], [1], [2], 10)
    quick.take()
    board.publish([1], [3], [4], 20)

    assert set(shown(quick.take())) == {1}
    assert set(shown(slow.take())) == {0, 1}


def test_after_a_snapshot_every_symbol_comes_again() -> None:
    board = QuoteBoard()
    view = QuoteView(board)
    board.publish([0, 4], [1, 2], [2, 3], 10)
    view.take()
    view.forget()

    assert set(shown(view.take())) == {0, 4}


def test_quotes_hours_apart_keep_their_times() -> None:
    board = QuoteBoard()
    day_us = 86_400_000_000
    board.publish([0, 1, 2], [1, 2, 3], [2, 3, 4], np.array([day_us, 3 * day_us, 3 * day_us + 5]))

    batches = [decode_quotes(encode_quotes(batch)) for batch in QuoteView(board).take()]

    assert shown(batches) == {0: (1, day_us), 1: (2, 3 * day_us), 2: (3, 3 * day_us + 5)}


@pytest.mark.parametrize("index", [-1, SYMBOLS_MAX])
def test_an_impossible_symbol_is_refused_at_the_source(index: int) -> None:
    with pytest.raises(ValueError, match="symbol index"):
        QuoteBoard().publish([index], [1], [2], 0)


def batch(*quotes: tuple[int, int, int]) -> QuoteBatch:
    index, counter, bid = (np.array(column) for column in zip(*quotes, strict=True))
    return QuoteBatch(
        0, index.astype(np.uint32), counter.astype(np.uint32), np.zeros(len(index), np.uint32), bid, bid + 1
    )


def test_an_older_quote_does_not_pass_and_the_same_one_does() -> None:
    newest = QuoteFilter()
    newest.current(batch((0, 5, 100), (1, 9, 200)))

    passed = newest.current(batch((0, 4, 90), (1, 9, 200), (2, 1, 300)))

    assert passed.bid.tolist() == [200, 300]


def test_a_counter_that_wraps_is_still_newer() -> None:
    newest = QuoteFilter()
    newest.current(batch((0, 2**32 - 1, 100)))

    assert newest.current(batch((0, 0, 110))).bid.tolist() == [110]
    assert len(newest.current(batch((0, 2**32 - 1, 100)))) == 0


def test_an_impossible_symbol_is_refused_on_arrival() -> None:
    with pytest.raises(ProtocolError, match="symbol index 65536"):
        QuoteFilter().current(batch((SYMBOLS_MAX, 1, 1)))
