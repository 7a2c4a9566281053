"""Rectangles on further monitors: nothing overlaps, nothing is left over."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect

from dealerdesk.desk.screens import slices, tiles

SHARES = st.lists(st.integers(1, 100), min_size=1, max_size=5)


def test_two_panels_share_a_monitor_by_their_heights() -> None:
    assert tiles(QRect(1920, 40, 1000, 1000), [100], [[60, 40]]) == [
        [QRect(1920, 40, 1000, 600), QRect(1920, 640, 1000, 400)]
    ]


@given(st.integers(0, 5_000), SHARES)
def test_the_slices_of_a_length_follow_each_other_to_its_end(length: int, shares: list[int]) -> None:
    parts = slices(length, shares)

    assert parts[0][0] == 0
    assert [begin + size for begin, size in parts[:-1]] == [begin for begin, _size in parts[1:]]
    assert sum(size for _begin, size in parts) == length


@given(st.integers(0, 4_000), st.integers(0, 3_000), st.lists(SHARES, min_size=1, max_size=4))
def test_tiles_cover_the_whole_monitor(width: int, height: int, columns: list[list[int]]) -> None:
    area = QRect(-1_920, 100, width, height)
    placed = tiles(area, [1] * len(columns), columns)

    assert sum(tile.width() * tile.height() for column in placed for tile in column) == width * height
    assert all(tile.isEmpty() or area.contains(tile) for column in placed for tile in column)
