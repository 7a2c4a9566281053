"""A digest depends on what a set holds, not on how it came to hold it."""

from __future__ import annotations

import numpy as np
import pytest
from platform_double import account, deal, position

from dealerdesk.bridges.digest import NEWS_MIN, Ledger, amounts, hash_row, hash_sum, set_key
from dealerdesk.bridges.protocol import Delta, Digest, Gone, RowSet


def test_the_vectorised_hash_is_the_sum_of_the_single_ones() -> None:
    keys, versions = [1, 2, -5, 2**62], [0, 7, 9, 2**40]

    expected = sum(hash_row(key, version) for key, version in zip(keys, versions, strict=True)) % 2**64

    assert hash_sum(np.array(keys), np.array(versions)) == expected


def test_the_hash_of_a_row_is_pinned_because_it_is_part_of_the_protocol() -> None:
    assert hash_row(1001, 0) == 0xC9E11F32AB73DE93
    assert set_key("1001/EURUSD") == -3297083244371716739


def test_an_empty_set_has_an_empty_digest() -> None:
    assert Ledger(RowSet.POSITION).digest() == Digest(0, 0, 0, "0" * 16)


def test_rows_loaded_together_and_one_by_one_give_the_same_digest() -> None:
    rows = [position(i, volume=i * 1_000_000) for i in range(1, 6)]
    at_once, single = Ledger(RowSet.POSITION), Ledger(RowSet.POSITION)

    at_once.load_rows(rows, [0, 0, 3, 0, 0])
    for row in reversed(rows):
        single.put(row.id, 3 if row.id == 3 else 0, row.volume, 0)

    assert at_once.digest() == single.digest()
    assert at_once.digest().rows == 5
    assert at_once.digest().volume == 15_000_000


def test_an_older_or_equal_version_changes_nothing() -> None:
    ledger = Ledger(RowSet.ACCOUNT)
    ledger.load_rows([account(1001, 500)], [10])
    before = ledger.digest()

    assert not ledger.put(1001, 10, 0, 900)
    assert not ledger.put(1001, 9, 0, 900)
    assert not ledger.remove(1001, 10)
    assert ledger.digest() == before


def test_a_row_that_goes_takes_its_share_with_it() -> None:
    ledger = Ledger(RowSet.POSITION)
    ledger.load_rows([position(1, 100), position(2, 50)], [0, 0])

    assert ledger.apply(Delta(5, 5, 0, Gone(RowSet.POSITION, 1)))
    assert (ledger.digest().rows, ledger.digest().volume) == (1, 50)
    assert not ledger.apply(Delta(6, 6, 0, Gone(RowSet.POSITION, 1)))


def test_a_row_may_come_back_after_it_went() -> None:
    ledger = Ledger(RowSet.POSITION)
    ledger.load_rows([position(1, 100)], [0])
    ledger.remove(1, 5)

    assert ledger.put(1, 6, 70, 0)
    assert (ledger.digest().rows, ledger.digest().volume) == (1, 70)


def test_many_new_rows_are_sorted_in_and_stay_found() -> None:
    ledger = Ledger(RowSet.POSITION)
    count = NEWS_MIN + 500
    for i in range(count):
        ledger.put(count - i, i + 1, 10, 0)

    assert len(ledger) == count
    assert all(ledger.remove(key, count + 1) for key in range(1, count + 1))
    assert ledger.digest() == Digest(0, 0, 0, "0" * 16)


def test_a_record_set_keeps_sums_and_no_rows() -> None:
    ledger = Ledger(RowSet.DEAL)

    assert ledger.apply(Delta(1, 1, 0, deal(1, profit=-250)))
    assert ledger.apply(Delta(2, 2, 0, deal(2, profit=100)))
    assert (ledger.digest().rows, ledger.digest().money) == (2, -150)
    assert not ledger.remove(1, 3)


@pytest.mark.parametrize(
    ("row", "expected"),
    [(position(1, 300), (300, 0)), (account(1, 777), (0, 777)), (deal(1, profit=5), (100_000_000, 5))],
)
def test_what_a_row_adds_to_the_sums(row: object, expected: tuple[int, int]) -> None:
    assert amounts(row) == expected  # type: ignore[arg-type]
