from __future__ import annotations

import numpy as np
import pytest

from dealerdesk.desk.table import Column, Kind
from dealerdesk.desk.table.filters import FilterError, figure_condition, word_condition

NAME = Column("name", "Name", Kind.TEXT)
BOOK = Column("book", "Book", Kind.BOOK)
NET = Column("net", "Net", Kind.SIGNED)
VALUES = np.array([-250.0, -0.004, 0.0, 4.996, 5.0, 15.0, 20.0, 1_500.0, np.nan])


def met(text: str, column: Column = NET, values: np.ndarray = VALUES) -> list[float]:
    return values[figure_condition(column, text)(values)].tolist()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (">15", [20.0, 1500.0]),
        (">=15", [15.0, 20.0, 1500.0]),
        ("<0", [-250.0, -0.004]),
        ("≤-0.004", [-250.0, -0.004]),
        ("5..20", [5.0, 15.0, 20.0]),
        ("..-1", [-250.0]),
        ("1k..", [1500.0]),
        ("=1.5k", [1500.0]),
        ("> 1 000", [1500.0]),
        (">1\u2009000", [1500.0]),
        ("=0.00", [-0.004, 0.0]),
        ("5", [4.996, 5.0]),
        ("5.000", [5.0]),
        ("\u2212250", [-250.0]),
        ("!=0", [-250.0, 4.996, 5.0, 15.0, 20.0, 1500.0]),
    ],
)
def test_a_typed_filter_finds_what_it_says(text: str, found: list[float]) -> None:
    assert met(text) == found


def test_what_is_not_known_meets_no_condition() -> None:
    for text in (">0", "<0", "!=5", "-1M..1M"):
        assert not np.isnan(met(text)).any()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x", "x is no figure"),
        (">", "> is no figure"),
        ("20..10", "20 is more than 10"),
        ("1..x", "x is no figure"),
    ],
)
def test_what_is_no_filter_is_said_in_words(text: str, said: str) -> None:
    with pytest.raises(FilterError, match=said):
        figure_condition(NET, text)


def test_ages_are_typed_with_their_unit() -> None:
    age = Column("age", "Age", Kind.AGE)
    ages = np.array([110.0, 1_800.0, 90_000.0, -1.0])

    assert met(">1s", age, ages) == [1_800.0, 90_000.0]
    assert met("1min..2min", age, ages) == [90_000.0]
    assert met("<500", age, ages) == [110.0, -1.0]
    with pytest.raises(FilterError, match="no age"):
        figure_condition(age, "old")


def test_times_are_typed_as_times_of_day_or_as_days() -> None:
    at = Column("at", "At", Kind.TIME)
    noon = 1_773_318_127_000_000  # 2026-03-12 12:22:07 UTC
    times = np.array([noon, noon + 3_600_000_000, noon + 86_400_000_000, 0])

    assert met(">12:22", at, times) == [noon + 3_600_000_000]
    assert met("=12:22", at, times) == [noon, noon + 86_400_000_000]
    assert met("12:00..12:30", at, times) == [noon, noon + 86_400_000_000]
    assert met("2026-03-13", at, times) == [noon + 86_400_000_000]
    assert met("2026-03-12..2026-03-13", at, times) == times[:3].tolist()
    with pytest.raises(FilterError, match="no time"):
        figure_condition(at, ">noon")
    with pytest.raises(FilterError, match="no day"):
        figure_condition(at, "2026-13-40")


def test_a_bar_is_filtered_by_the_size_it_shows() -> None:
    used = Column("used", "Limit used", Kind.BAR)

    assert met(">50", used, np.array([0.09, -0.57, 0.97])) == [-0.57, 0.97]


def test_words_are_found_anywhere_and_without_regard_to_case() -> None:
    assert word_condition(NAME, "weiss")("Jürgen WEIẞ")
    assert word_condition(NAME, "gold|oil")("Brent Oil")
    assert not word_condition(NAME, "gold|oil")("Silver")
    assert word_condition(NAME, "=oil")("OIL")
    assert not word_condition(NAME, "=oil")("Brent Oil")
    assert word_condition(NAME, "!oil")("Gold")


def test_books_are_listed() -> None:
    condition = word_condition(BOOK, "a, C")

    assert [book for book in "ABC" if condition(book)] == ["A", "C"]


def test_who_types_a_figure_without_spaces_finds_it_grouped_in_words() -> None:
    meets = word_condition(Column("title", "What"), "25000")

    assert meets("Correction of 25\u2009000.00 USD")
    assert not meets("Correction of 2\u2009500.00 USD")
