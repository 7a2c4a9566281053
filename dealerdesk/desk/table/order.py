"""Which rows are shown and in what order: filters and a sort over several columns, in numpy.

A sort is total: rows that compare equal stay in source order, so nothing jumps about between equals. NaN comes last
either way. Words are sorted by their place in the alphabet, kept from one sort to the next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from dealerdesk.desk.table.column import Column, Kind
from dealerdesk.desk.table.filters import FilterError, WordCondition, figure_condition, word_condition
from dealerdesk.desk.table.rows import Coded, Index, Mask, Rows, Values

SortKey = tuple[str, bool]
"""A column and whether it descends."""


class Alphabet:
    """The places of words in the alphabet, for one column. Grows as words are met; one look-up a word."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def places(self, words: Sequence[str], count: int) -> npt.NDArray[np.int64]:
        """The place of each of the first `count` words; smaller is earlier."""
        if len(self._places) > 2 * count + 1024:
            self._places.clear()
        try:
            return self._look_up(words, count)
        except KeyError:
            self._learn(words[:count])
            return self._look_up(words, count)

    def _look_up(self, words: Sequence[str], count: int) -> npt.NDArray[np.int64]:
        return np.fromiter(map(self._places.__getitem__, words[:count]), np.int64, count)

    def _learn(self, words: Sequence[str]) -> None:
        known = sorted(self._places.keys() | set(words), key=lambda word: (word.casefold(), word))
        self._places = {word: place for place, word in enumerate(known)}


class Answers(dict[str, bool]):
    """Which words meet a condition; each is asked once."""

    def __init__(self, condition: WordCondition) -> None:
        super().__init__()
        self._condition = condition

    def __missing__(self, word: str) -> bool:
        answer = self[word] = self._condition(word)
        return answer

    def of(self, words: Sequence[str], count: int) -> Mask:
        """The answer for each of the first `count` words."""
        if len(self) > 2 * count + 1024:
            self.clear()
        return np.fromiter(map(self.__getitem__, words[:count]), np.bool_, count)


@dataclass(frozen=True, slots=True)
class Known:
    """What was worked out for a list of words. The list itself is kept: an id may be given to another after it."""

    words: Sequence[str]
    revision: int
    values: npt.NDArray[Any]

    def holds_for(self, words: Sequence[str], count: int, revision: int) -> bool:
        return self.words is words and self.revision == revision and len(self.values) == count


class WordIndex:
    """What is kept of the word columns of one table between sorts and filters, while the rows' revision stands."""

    def __init__(self) -> None:
        self._alphabets: dict[str, Alphabet] = {}
        self._places: dict[str, Known] = {}
        self._answers: dict[tuple[str, str], Answers] = {}
        self._matches: dict[tuple[str, str], Known] = {}

    def places(self, key: str, values: Sequence[str] | Coded, count: int, revision: int) -> npt.NDArray[np.int64]:
        """The alphabetical place of each row's word."""
        if isinstance(values, Coded):
            places = np.append(self.places(key, values.labels, len(values.labels), revision), -1)
            return np.asarray(places[values.codes[:count]])
        kept = self._places.get(key)
        if kept is None or not kept.holds_for(values, count, revision):
            alphabet = self._alphabets.setdefault(key, Alphabet())
            kept = self._places[key] = Known(values, revision, alphabet.places(values, count))
        return kept.values

    def matches(self, column: Column, text: str, values: Sequence[str] | Coded, count: int, revision: int) -> Mask:
        """Which rows' words meet a typed filter."""
        name = (column.key, text)
        if name not in self._answers:
            self._forget_former_filters(column.key)
            self._answers[name] = Answers(word_condition(column, text))
        answers = self._answers[name]
        if isinstance(values, Coded):
            met = np.append(self.matches(column, text, values.labels, len(values.labels), revision), answers[""])
            return np.asarray(met[values.codes[:count]], dtype=np.bool_)
        kept = self._matches.get(name)
        if kept is None or not kept.holds_for(values, count, revision):
            kept = self._matches[name] = Known(values, revision, answers.of(values, count))
        return np.asarray(kept.values, dtype=np.bool_)

    def _forget_former_filters(self, key: str) -> None:
        for former in [name for name in self._answers if name[0] == key]:
            del self._answers[former]
            self._matches.pop(former, None)


def shown_rows(
    rows: Rows, columns: Mapping[str, Column], filters: Mapping[str, str], words: WordIndex
) -> tuple[Index, dict[str, str]]:
    """The living rows that meet every filter, in source order; and for each filter that cannot be read, why."""
    count, revision = rows.count(), rows.revision()
    alive = rows.alive()
    mask = np.ones(count, dtype=np.bool_) if alive is None else np.array(alive[:count], dtype=np.bool_)
    problems: dict[str, str] = {}
    for key, text in filters.items():
        column = columns.get(key)
        if column is None or not text.strip():
            continue
        values = rows.column(key)
        if not isinstance(values, np.ndarray):
            mask &= words.matches(column, text, values, count, revision)
            continue
        try:
            mask &= figure_condition(column, text)(values[:count])
        except FilterError as problem:
            problems[key] = str(problem)
    return np.flatnonzero(mask), problems


def sorted_rows(
    rows: Rows, shown: Index, columns: Mapping[str, Column], keys: Sequence[SortKey], words: WordIndex
) -> Index:
    """`shown` (in source order) sorted by several columns, the first the most significant."""
    known = [(columns[key], descending) for key, descending in keys if key in columns]
    if not known or not len(shown):
        return shown
    places = _places(rows, *known[0], shown, words)
    order = np.argsort(places)
    starts = run_starts(places[order])
    for column, descending in known[1:]:
        tied = _tied(starts)
        if not len(tied):
            break
        ranks = dense_ranks(_places(rows, column, descending, shown, words)[order[tied]])
        _refine(order, starts, tied, ranks)
    # equals go by their place in the source; a fast unstable sort may be used because that makes every row unique
    tied = _tied(starts)
    _refine(order, starts, tied, order[tied])
    return np.asarray(shown[order])


def run_starts(ordered: npt.NDArray[Any]) -> Mask:
    """Where, in sorted values, a value begins that is not the one before it. NaN equals NaN here."""
    starts = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=starts[1:])
    if ordered.dtype.kind == "f":
        starts[1:] &= ~np.isnan(ordered[:-1])
    return starts


def dense_ranks(values: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """The rank of each value from 0; equal values share one, NaN the last."""
    order = np.argsort(values)
    ranks = np.empty(len(values), dtype=np.int64)
    ranks[order] = np.cumsum(run_starts(values[order])) - 1
    return ranks


def _tied(starts: Mask) -> Index:
    """The positions of an order that share their value with a neighbour."""
    alone = starts.copy()
    alone[:-1] &= starts[1:]
    return np.flatnonzero(~alone)


def _refine(order: Index, starts: Mask, tied: Index, ranks: npt.NDArray[np.integer[Any]]) -> None:
    """Sorts the tied positions of an order within their runs by the ranks (from 0) of another column, in place."""
    if not len(tied):
        return
    runs = np.cumsum(starts[tied]) - 1
    places = runs * (int(ranks.max()) + 1) + ranks
    within = np.argsort(places)
    order[tied] = order[tied][within]
    starts[tied] |= run_starts(places[within])


def _places(rows: Rows, column: Column, descending: bool, shown: Index, words: WordIndex) -> npt.NDArray[Any]:
    values, kin = _comparable(rows, column, words), rows.kin()
    if kin is not None:
        # sorted as the row it belongs to, and kept after it by its place in the source
        values = values[kin]
    if len(shown) != len(values):
        values = values[shown]
    return _turned(values) if descending else values


def _comparable(rows: Rows, column: Column, words: WordIndex) -> npt.NDArray[Any]:
    values: Values = rows.column(column.key)
    count = rows.count()
    if not isinstance(values, np.ndarray):
        return words.places(column.key, values, count, rows.revision())
    numbers = values[:count]
    if numbers.dtype.kind in "ub":
        numbers = numbers.astype(np.int64)
    if column.kind is Kind.BAR:
        return np.abs(numbers)
    return numbers


def _turned(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    # ~ turns an integer about without overflow at the least one; NaN stays NaN and so stays last
    turned: npt.NDArray[Any] = ~values if values.dtype.kind == "i" else -values
    return turned
