"""Finding by what a person types."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from dealerdesk.desk.search import Found, Index, search_all


def people(*names: str) -> Index:
    return Index(Found("client", place, name, "PL") for place, name in enumerate(names))


def titles(index: Index, typed: str) -> list[str]:
    return [found.title for found in search_all([index], typed, 10)]


def test_beginnings_of_words_find_in_any_order() -> None:
    index = people("Maria Kowalski", "Kora Marks", "Jan Nowak")

    assert titles(index, "kow mar") == ["Maria Kowalski"]
    assert titles(index, "MAR") == ["Maria Kowalski", "Kora Marks"]


def test_a_whole_login_comes_before_longer_ones_that_begin_like_it() -> None:
    index = Index(Found("account", login, f"MT5 {login}") for login in (100_100, 100_101, 1001, 10_012))

    assert search_all([index], "1001", 10)[0].key == 1001


def test_a_rare_word_is_found_among_thousands_that_share_the_other_one() -> None:
    index = Index(Found("client", n, f"Jan Nowak {n}") for n in range(5_000))

    assert titles(index, "jan 4321") == ["Jan Nowak 4321"]


def test_letters_in_order_find_where_no_word_begins_so() -> None:
    index = Index([Found("action", "panel:exposure", "Exposure"), Found("action", "panel:quotes", "Quotes")])

    assert titles(index, "xps") == ["Exposure"]


def test_loose_letters_are_not_looked_for_among_thousands_of_names() -> None:
    index = Index(Found("client", n, f"Jan Nowak {n}") for n in range(2_001))

    assert titles(index, "jnwk") == []


def test_nothing_typed_lists_the_first_entries_in_their_order() -> None:
    assert titles(people("Zoe", "Ada"), "  ") == ["Zoe", "Ada"]


def test_outside_characters_are_plain_text_to_the_search() -> None:
    index = people("A.*(B[", "Jürgen Weiß")

    assert titles(index, "a.*(b[") == ["A.*(B["]
    assert titles(index, "JÜRGEN WEISS") == ["Jürgen Weiß"]


def test_an_earlier_index_wins_between_equals() -> None:
    symbols = Index([Found("symbol", ("MT5", "EURUSD"), "EURUSD")])
    accounts = Index([Found("account", ("MT5", 1), "EURUSD")])

    assert [found.kind for found in search_all([symbols, accounts], "eurusd", 5)] == ["symbol", "account"]


class CountingIndex(Index):
    """Counts the entries that a search looks at one by one; all else is the C library's."""

    looked_at = 0

    def _rows_with(self, part: str) -> Iterator[int]:
        for row in super()._rows_with(part):
            self.looked_at += 1
            yield row


@pytest.mark.parametrize(
    ("typed", "looked_at_max"),
    [
        *((typed, 1_120) for typed in ("7", "70", "704", "maria 7", "mt5 703", "kow mar 7")),
        ("maria 744999", 2),
        ("zzz", 0),
    ],
)
def test_a_keystroke_over_45_000_accounts_looks_at_few_of_them(typed: str, looked_at_max: int) -> None:
    index = CountingIndex(Found("account", n, f"MT5 {700_000 + n}", f"Maria Kowalski {n % 97}") for n in range(45_000))

    search_all([index], typed, 14)

    assert index.looked_at <= looked_at_max


def test_a_keystroke_over_45_000_accounts_takes_at_most_ten_milliseconds_of_cpu() -> None:
    index = Index(Found("account", n, f"MT5 {700_000 + n}", f"Maria Kowalski {n % 97}") for n in range(45_000))
    spent = []
    for typed in ("7", "70", "704", "maria 7", "mt5 703", "kow mar 7", "zzz"):
        best = float("inf")
        for _ in range(5):
            start = time.process_time()
            search_all([index], typed, 14)
            best = min(best, time.process_time() - start)
        spent.append(best)

    assert max(spent) <= 0.010
