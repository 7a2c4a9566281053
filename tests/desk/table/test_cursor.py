from __future__ import annotations

import numpy as np
import pytest

from dealerdesk.desk.table import ColumnRows
from dealerdesk.desk.table.cursor import Cursor
from table.samples import exposure

ROWS = exposure()
ORDER = np.array([2, 0, 3, 1])  # GBPUSD, EURUSD, US500, XAUUSD


@pytest.fixture
def cursor() -> Cursor:
    return Cursor()


def test_the_first_step_down_lands_on_the_first_row(cursor: Cursor) -> None:
    assert cursor.step(1, ROWS, ORDER)
    assert cursor.key == "GBPUSD"


def test_steps_stop_at_the_ends(cursor: Cursor) -> None:
    cursor.step(100, ROWS, ORDER)
    assert cursor.key == "XAUUSD"
    assert not cursor.step(1, ROWS, ORDER)
    cursor.step(-100, ROWS, ORDER)
    assert cursor.key == "GBPUSD"


def test_the_current_key_stays_when_the_order_changes_under_it(cursor: Cursor) -> None:
    cursor.move_to(1, ROWS, ORDER)

    assert cursor.position(ROWS, ORDER[::-1]) == 2
    assert cursor.key == "EURUSD"


def test_a_range_is_selected_from_the_anchor(cursor: Cursor) -> None:
    cursor.move_to(1, ROWS, ORDER)
    cursor.step(2, ROWS, ORDER, extend=True)
    assert cursor.selected(ROWS, ORDER) == ["EURUSD", "US500", "XAUUSD"]
    cursor.step(-3, ROWS, ORDER, extend=True)
    assert cursor.selected(ROWS, ORDER) == ["GBPUSD", "EURUSD"]
    cursor.step(1, ROWS, ORDER)
    assert cursor.selected(ROWS, ORDER) == ["EURUSD"]


def test_rows_are_added_and_taken_out_one_by_one(cursor: Cursor) -> None:
    cursor.move_to(0, ROWS, ORDER)
    cursor.toggle(3, ROWS, ORDER)
    assert cursor.selected(ROWS, ORDER) == ["GBPUSD", "XAUUSD"]
    cursor.toggle(0, ROWS, ORDER)
    assert cursor.keys == {"XAUUSD"}


def test_all_rows_shown_are_selected(cursor: Cursor) -> None:
    cursor.select_all(ROWS, ORDER[:2])

    assert cursor.selected(ROWS, ORDER) == ["GBPUSD", "EURUSD"]


def test_a_key_that_is_not_there_cannot_be_made_current(cursor: Cursor) -> None:
    assert cursor.set_key("XAUUSD", ROWS)
    assert not cursor.set_key("NOSUCH", ROWS)
    assert cursor.row(ROWS) is None
    assert cursor.selected(ROWS, ORDER) == []


def test_a_row_that_went_away_leaves_its_place_to_the_next_move(cursor: Cursor) -> None:
    alive = np.array([True, True, True, True])
    rows = ColumnRows({"net": np.zeros(4)}, alive=alive)
    order = np.arange(4)
    cursor.move_to(2, rows, order)
    assert cursor.position(rows, order) == 2
    alive[2] = False

    assert cursor.row(rows) is None
    assert cursor.step(1, rows, np.array([0, 1, 3]))
    assert cursor.key == 3


def test_a_row_found_at_another_place_is_still_the_current_one(cursor: Cursor) -> None:
    cursor.set_key("US500", ROWS)
    moved = ColumnRows({"net": np.zeros(2)}, keys=("US500", "EURUSD"))

    assert cursor.row(moved) == 0


def test_an_empty_table_has_nowhere_to_go(cursor: Cursor) -> None:
    assert not cursor.step(1, ColumnRows({}), np.zeros(0, dtype=int))
    assert cursor.key is None
