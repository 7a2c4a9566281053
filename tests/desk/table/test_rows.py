from __future__ import annotations

import math

import numpy as np

from dealerdesk.desk.table import Coded, ColumnRows, Rows
from table.samples import exposure


class Doubled(Rows):
    """Keys 0, 2, 4, … with nothing but what every table must give."""

    def count(self) -> int:
        return 5

    def column(self, key: str) -> np.ndarray:
        return np.arange(5.0)

    def key(self, row: int) -> int:
        return 2 * row


def test_a_code_reads_as_its_label_and_a_negative_one_as_nothing() -> None:
    codes = Coded(np.array([1, -1]), ("gold", "silver"))

    assert [codes.text(0), codes.text(1)] == ["silver", ""]


def test_rows_that_say_no_more_are_all_alive_fresh_and_found_by_looking() -> None:
    rows = Doubled()

    assert (rows.alive(), rows.stale(), rows.revision()) == (None, None, 0)
    assert rows.row_of(6) == 3
    assert rows.row_of(7) is None


def test_a_total_leaves_out_what_is_not_known() -> None:
    rows = exposure()

    assert rows.total("level", np.array([0, 1, 2])) == 208.0
    assert math.isnan(rows.total("book", np.array([0])))


def test_ready_rows_are_numbered_unless_they_have_keys() -> None:
    assert ColumnRows({"a": np.zeros(3)}).key(2) == 2
    assert ColumnRows({"a": ["x", "y"]}).count() == 2
    assert ColumnRows({"a": Coded(np.zeros(4, dtype=int), ["x"])}).count() == 4
    assert exposure().row_of("GBPUSD") == 2
    assert ColumnRows({}).count() == 0
