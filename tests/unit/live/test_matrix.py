from __future__ import annotations

import random

import numpy as np

from dealerdesk.live.matrix import BLOCK_ROWS, TAIL_MIN, Block, RowMatrix


def product(block: Block, vector: np.ndarray) -> np.ndarray:
    out = np.zeros(BLOCK_ROWS)
    block.multiply(vector, out)
    return out


def test_it_agrees_with_a_dense_matrix_through_many_changes_and_packings() -> None:
    chance, block = random.Random(2), Block()
    dense, uses = np.zeros((BLOCK_ROWS, 50)), np.zeros((BLOCK_ROWS, 50), np.int64)
    for _ in range(20 * TAIL_MIN):
        row, column, change = chance.randrange(300), chance.randrange(1, 50), float(chance.randrange(-9, 10))
        coming = -1 if uses[row, column] and chance.random() < 0.4 else 1
        block.add(row, column, change, coming)
        uses[row, column] += coming
        dense[row, column] = dense[row, column] + change if uses[row, column] else 0.0
    vector = np.arange(50.0)

    assert np.array_equal(product(block, vector), dense @ vector)


def test_an_entry_without_contributors_is_exactly_zero_and_its_price_may_be_unknown() -> None:
    block = Block()
    block.add(3, 7, 0.1, 1)
    block.add(3, 7, 0.2, 1)
    block.add(3, 7, -0.1, -1)
    block.add(3, 7, -0.2, -1)
    vector = np.full(10, np.nan)
    vector[0] = 0.0

    assert product(block, vector)[3] == 0.0


def test_a_freed_place_is_used_by_the_next_entry_of_its_row() -> None:
    block = Block()
    block.fill(np.array([2]), np.array([5]), np.array([1.0]), np.array([1]))
    block.add(2, 5, -1.0, -1)
    block.add(2, 6, 4.0, 1)

    assert block.count == 1
    assert product(block, np.arange(10.0))[2] == 24.0


def test_packing_keeps_every_entry_in_row_order() -> None:
    block = Block()
    for row in (9, 1, 5):
        block.add(row, 1, float(row), 1)
    block.pack()

    assert block.packed == block.count == 3
    assert block.entries()[0].tolist() == [1, 5, 9]


def test_rows_are_counted_through_the_blocks() -> None:
    matrix = RowMatrix()
    matrix.reserve(BLOCK_ROWS + 1)
    matrix.blocks[1].add(0, 1, 2.0, 1)

    out = matrix.multiply(np.array([0.0, 3.0]), 2 * BLOCK_ROWS)

    assert (out[BLOCK_ROWS], out.sum(), matrix.entry_count()) == (6.0, 6.0, 1)
