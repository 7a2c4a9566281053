from __future__ import annotations

import numpy as np
import pytest

from dealerdesk.desk.numbers import MINUS
from dealerdesk.desk.table import Column, ColumnRows, Kind
from dealerdesk.desk.table.cells import CellTexts
from dealerdesk.desk.table.contents import Contents
from table.samples import COLUMNS, exposure


class Living(ColumnRows):
    """Rows whose structure counts its changes."""

    changes = 0

    def revision(self) -> int:
        return self.changes


def contents(rows: ColumnRows | None = None) -> Contents:
    made = Contents(COLUMNS)
    made.show(rows or exposure(), 0.0)
    return made


def keys(made: Contents) -> list[object]:
    return [made.rows.key(row) for row in made.order.tolist()]


def test_live_figures_sort_anew_at_most_once_a_second() -> None:
    net = np.array([1.0, 2.0])
    made = Contents(COLUMNS)
    made.sort = [("net", True)]
    made.show(ColumnRows({"net": net}), 0.0)
    assert keys(made) == [1, 0]
    net[:] = (9.0, 2.0)

    assert made.renew(0.4) == 0.6
    assert keys(made) == [1, 0]
    assert made.renew(1.0) is None
    assert keys(made) == [0, 1]


def test_without_sort_or_filter_nothing_waits() -> None:
    assert contents().renew(0.1) is None


def test_a_live_filter_lets_rows_in_once_a_second() -> None:
    net = np.array([1.0, -2.0])
    made = Contents(COLUMNS)
    made.set_filter("net", ">0")
    made.show(ColumnRows({"net": net}), 0.0)
    net[1] = 5.0
    made.renew(0.9)
    assert keys(made) == [0]
    made.renew(1.1)
    assert keys(made) == [0, 1]


def test_rows_that_are_gone_leave_at_once_and_new_ones_come_within_the_second() -> None:
    alive = np.array([True, True, False])
    rows = Living({"net": np.zeros(3)}, alive=alive)
    made = contents(rows)
    alive[:] = (False, True, True)
    rows.changes += 1

    assert made.renew(0.25) == 0.75
    assert keys(made) == [1]
    made.renew(1.0)
    assert keys(made) == [1, 2]


def test_fewer_rows_are_arranged_at_once_so_none_is_read_beyond_the_end() -> None:
    made = contents()
    made.rows = ColumnRows({"net": np.zeros(2)})
    made.renew(0.1)

    assert made.order.tolist() == [0, 1]


def test_a_click_sorts_figures_from_the_greatest_then_turns_then_ends() -> None:
    made = contents()
    made.click_sort("net", added=False)
    assert made.sort == [("net", True)]
    made.click_sort("net", added=False)
    assert made.sort == [("net", False)]
    made.click_sort("net", added=False)
    assert made.sort == []


def test_a_click_sorts_words_from_the_beginning_of_the_alphabet() -> None:
    made = contents()
    made.click_sort("symbol", added=False)

    assert made.sort == [("symbol", False)]


def test_shift_adds_a_column_to_the_sort_and_a_plain_click_starts_anew() -> None:
    made = contents()
    made.click_sort("book", added=False)
    made.click_sort("net", added=True)
    made.click_sort("net", added=True)
    assert made.sort == [("book", False), ("net", False)]
    made.click_sort("net", added=True)
    assert made.sort == [("book", False)]
    made.click_sort("level", added=False)
    assert made.sort == [("level", True)]


def test_the_foot_sums_all_and_above_it_the_filtered() -> None:
    made = contents()
    assert [(line.words, line.totals) for line in made.foot("symbols", CellTexts())] == [
        ("All 4 symbols", {"net": "+69.12"})
    ]
    made.set_filter("book", "B")
    made.arrange(1.0)

    assert [(line.words, line.totals) for line in made.foot("symbols", CellTexts())] == [
        ("2 of 4 symbols", {"net": "+32.35"}),
        ("All 4 symbols", {"net": "+69.12"}),
    ]


@pytest.mark.parametrize(("count", "words"), [(0, "0 commands"), (1, "1 command"), (2, "All 2 commands")])
def test_the_foot_names_one_row_in_the_singular(count: int, words: str) -> None:
    made = Contents(COLUMNS)
    made.show(ColumnRows({"symbol": ["a", "b"][:count], "book": ["A", "B"][:count], "net": np.zeros(count)}), 0.0)

    assert [line.words for line in made.foot("commands", CellTexts())] == [words]


def test_a_total_that_is_not_known_is_not_shown() -> None:
    class Unsummed(ColumnRows):
        def total(self, key: str, rows: object) -> float:
            return float("nan")

    made = Contents(COLUMNS)
    made.show(Unsummed({"net": np.ones(2)}), 0.0)

    assert made.foot("", CellTexts())[0].totals == {}


def test_a_table_without_totals_and_name_has_no_foot() -> None:
    assert Contents([Column("a", "A", Kind.NUMBER)]).foot("", CellTexts()) == []


def test_sort_and_filters_are_remembered_for_columns_that_still_exist() -> None:
    made = contents()
    made.sort = [("net", True)]
    made.filters = {"book": "B"}
    again = Contents(COLUMNS[:2])
    again.restore({**made.as_record(), "filters": {"book": "B", "net": ">0", "symbol": 5}})

    assert again.sort == [("net", True)]
    assert again.filters == {"net": ">0"}


def test_an_empty_filter_is_none() -> None:
    made = contents()
    made.set_filter("net", ">0")
    made.set_filter("net", "  ")

    assert made.filters == {}
    assert made.counts() == (4, 4)


def test_the_total_of_a_loss_reads_with_its_minus() -> None:
    made = contents(exposure(net=np.array([-1.0, -2.0, 0.0, 0.0])))

    assert made.foot("", CellTexts())[0].totals == {"net": f"{MINUS}3.00"}
