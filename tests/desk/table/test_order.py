from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dealerdesk.desk.table import Coded, Column, ColumnRows, Kind
from dealerdesk.desk.table.order import Alphabet, WordIndex, dense_ranks, shown_rows, sorted_rows
from table.samples import COLUMNS, exposure

BY_KEY = {column.key: column for column in COLUMNS}


def order_of(*keys: tuple[str, bool], **changed: object) -> list[str]:
    rows = exposure(**changed)
    shown, _ = shown_rows(rows, BY_KEY, {}, WordIndex())
    return [str(rows.key(row)) for row in sorted_rows(rows, shown, BY_KEY, keys, WordIndex())]


def test_without_a_sort_rows_stay_as_they_came() -> None:
    assert order_of() == ["EURUSD", "XAUUSD", "GBPUSD", "US500"]


def test_figures_sort_by_value_and_words_by_the_alphabet() -> None:
    assert order_of(("net", True)) == ["GBPUSD", "EURUSD", "US500", "XAUUSD"]
    assert order_of(("net", False)) == ["XAUUSD", "US500", "EURUSD", "GBPUSD"]
    assert order_of(("symbol", False)) == ["EURUSD", "GBPUSD", "US500", "XAUUSD"]


def test_what_is_not_known_comes_last_either_way() -> None:
    assert order_of(("level", True))[-1] == "GBPUSD"
    assert order_of(("level", False))[-1] == "GBPUSD"


def test_bars_sort_by_their_size() -> None:
    assert order_of(("used", True)) == ["GBPUSD", "XAUUSD", "EURUSD", "US500"]


def test_a_second_column_sorts_within_the_first() -> None:
    assert order_of(("book", True), ("net", False)) == ["US500", "XAUUSD", "GBPUSD", "EURUSD"]


def test_equals_stay_in_source_order() -> None:
    level = np.array([5.0, 5.0, 5.0, 5.0])

    assert order_of(("level", True), level=level) == ["EURUSD", "XAUUSD", "GBPUSD", "US500"]


def test_unsigned_and_boolean_columns_sort_down_as_well() -> None:
    assert order_of(("level", True), level=np.array([1, 3, 2, 0], dtype=np.uint8))[0] == "XAUUSD"
    assert order_of(("level", True), level=np.array([False, False, True, False]))[0] == "GBPUSD"


@given(
    st.lists(
        st.tuples(
            st.integers(-3, 3),
            st.one_of(st.floats(-2, 2), st.just(float("nan"))),
            st.sampled_from(["gold", "Gold", "oil", ""]),
        ),
        max_size=40,
    ),
    st.tuples(st.booleans(), st.booleans(), st.booleans()),
)
def test_a_sort_over_three_columns_is_the_one_python_would_make(
    table: list[tuple[int, float, str]], down: tuple[bool, bool, bool]
) -> None:
    columns = {"a": Column("a", "A", Kind.INTEGER), "b": Column("b", "B", Kind.NUMBER), "c": Column("c", "C")}
    rows = ColumnRows(
        {
            "a": np.array([a for a, _, _ in table], dtype=np.int64),
            "b": np.array([b for _, b, _ in table], dtype=np.float64),
            "c": [c for _, _, c in table],
        }
    )
    shown = np.arange(len(table))
    expected = sorted(
        range(len(table)),
        key=lambda row: (
            table[row][0] * (-1 if down[0] else 1),
            math.isnan(table[row][1]),
            0.0 if math.isnan(table[row][1]) else table[row][1] * (-1 if down[1] else 1),
        ),
    )
    words = sorted({c for _, _, c in table}, key=lambda word: (word.casefold(), word))
    place = {word: (-1 if down[2] else 1) * n for n, word in enumerate(words)}
    expected.sort(
        key=lambda row: (
            table[row][0] * (-1 if down[0] else 1),
            math.isnan(table[row][1]),
            0.0 if math.isnan(table[row][1]) else table[row][1] * (-1 if down[1] else 1),
            place[table[row][2]],
        )
    )

    keys = [("a", down[0]), ("b", down[1]), ("c", down[2])]
    assert sorted_rows(rows, shown, columns, keys, WordIndex()).tolist() == expected


def test_many_columns_do_not_overflow_the_sort() -> None:
    size = 3_000
    chance = np.random.default_rng(7)
    columns = {f"c{n}": Column(f"c{n}", "C", Kind.NUMBER) for n in range(8)}
    data = {key: np.round(chance.normal(size=size), 3) for key in columns}
    rows = ColumnRows(data)

    order = sorted_rows(rows, np.arange(size), columns, [(key, False) for key in columns], WordIndex())

    assert order.tolist() == np.lexsort([data[key] for key in reversed(columns)]).tolist()


def test_among_few_distinct_values_each_further_column_decides() -> None:
    size = 2_000
    chance = np.random.default_rng(8)
    columns = {key: Column(key, key, Kind.INTEGER) for key in "abc"}
    data = {key: chance.integers(0, 4, size) for key in columns}

    order = sorted_rows(
        ColumnRows(data), np.arange(0, size, 2), columns, [(key, False) for key in columns], WordIndex()
    )

    taken = [data[key][::2] for key in reversed(columns)]
    assert order.tolist() == (2 * np.lexsort(taken)).tolist()


def test_ranks_are_dense_and_equals_share_one() -> None:
    assert dense_ranks(np.array([2.0, 1.0, 2.0, np.nan, np.nan])).tolist() == [1, 0, 1, 2, 2]


def test_filters_on_several_columns_all_hold() -> None:
    rows = exposure()
    shown, problems = shown_rows(rows, BY_KEY, {"book": "B,C", "net": "<100"}, WordIndex())

    assert [rows.key(row) for row in shown] == ["XAUUSD", "US500"]
    assert problems == {}


def test_a_filter_that_cannot_be_read_is_told_and_the_others_hold() -> None:
    shown, problems = shown_rows(exposure(), BY_KEY, {"net": "abc", "book": "A"}, WordIndex())

    assert len(shown) == 1
    assert problems["net"].startswith("abc is no figure")


def test_rows_that_are_gone_are_not_shown() -> None:
    rows = ColumnRows({"net": np.arange(4.0)}, alive=np.array([True, False, True, False]))

    assert shown_rows(rows, BY_KEY, {}, WordIndex())[0].tolist() == [0, 2]


def test_codes_are_filtered_and_sorted_by_their_labels() -> None:
    columns = {"g": Column("g", "Group")}
    rows = ColumnRows({"g": Coded(np.array([2, 0, -1, 1]), ("real\\b", "demo\\a", "Real\\a"))})
    words = WordIndex()

    assert sorted_rows(rows, np.arange(4), columns, [("g", False)], words).tolist() == [2, 3, 0, 1]
    assert shown_rows(rows, columns, {"g": "real"}, words)[0].tolist() == [0, 1]
    assert shown_rows(rows, columns, {"g": "!real"}, words)[0].tolist() == [2, 3]


def test_kept_places_are_made_anew_when_the_words_change() -> None:
    words, names = WordIndex(), ["b", "a", "c"]
    assert words.places("name", names, 3, 0).tolist() == [1, 0, 2]
    assert words.matches(Column("name", "Name"), "a", names, 3, 0).tolist() == [False, True, False]

    names[0] = "d"
    assert words.places("name", names, 3, 1).tolist() == [2 + 1, 0, 2]
    assert words.matches(Column("name", "Name"), "d", names, 3, 1).tolist() == [True, False, False]


def test_an_alphabet_forgets_words_that_are_long_gone() -> None:
    alphabet = Alphabet()
    for start in range(0, 20_000, 1_000):
        alphabet.places([f"{n:06d}" for n in range(start, start + 1_000)], 1_000)

    assert len(alphabet._places) < 6_000
