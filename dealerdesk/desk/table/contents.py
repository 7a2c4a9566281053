"""What a table holds: its rows, the filters and the sort on them, and the order that follows. No widgets.

While figures are live the order is renewed at most once a second, so that nobody reads from a table that sorts itself
under their eyes; rows that are gone leave at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dealerdesk.desk import numbers
from dealerdesk.desk.table.cells import CellTexts
from dealerdesk.desk.table.column import Column
from dealerdesk.desk.table.order import SortKey, WordIndex, shown_rows, sorted_rows
from dealerdesk.desk.table.rows import ColumnRows, Index, Rows
from dealerdesk.desk.theme import Tone

RESORT_S = 1.0


@dataclass(frozen=True, slots=True)
class FootLine:
    """One line of the foot: a few words at the left, and the totals written as their columns write figures."""

    words: str
    totals: dict[str, str] = field(default_factory=dict)
    tone: Tone = Tone.NORMAL


class Contents:
    """Rows with their filters, sort and order."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.columns: Mapping[str, Column] = {column.key: column for column in columns}
        self.rows: Rows = ColumnRows({})
        self.filters: dict[str, str] = {}
        self.sort: list[SortKey] = []
        self.problems: dict[str, str] = {}
        self.order: Index = np.zeros(0, dtype=np.intp)
        self._every: Index = self.order
        self._words = WordIndex()
        self._arranged_s = 0.0
        self._seen: tuple[int, int] = (0, 0)

    def show(self, rows: Rows, now_s: float) -> None:
        """Takes other rows, or the same with another structure."""
        self.rows = rows
        self.arrange(now_s)

    def arrange(self, now_s: float) -> None:
        """Filters and sorts now."""
        rows, words = self.rows, self._words
        self._arranged_s = now_s
        self._seen = rows.revision(), rows.count()
        if not rows.count():
            self.order = self._every = np.zeros(0, dtype=np.intp)
            return
        shown, self.problems = shown_rows(rows, self.columns, self.filters, words)
        self._every = shown_rows(rows, self.columns, {}, words)[0] if self.filters else shown
        self.order = sorted_rows(rows, shown, self.columns, self.sort, words)

    def renew(self, now_s: float) -> float | None:
        """After figures changed: renews the order if it is time. Seconds until it will be, None when nothing waits."""
        revision, count = self.rows.revision(), self.rows.count()
        changed = (revision, count) != self._seen
        if count < self._seen[1] or now_s - self._arranged_s >= RESORT_S:
            if changed or self.sort or self.filters:
                self.arrange(now_s)
            return None
        if changed:
            self._drop_the_dead()
        if not (changed or self.sort or self.filters):
            return None
        return RESORT_S - (now_s - self._arranged_s)

    def _drop_the_dead(self) -> None:
        alive = self.rows.alive()
        if alive is None:
            return
        still = alive[self._every]
        # the same order as before stays the same array: only another one means work for the table
        if not still.all():
            self._every = self._every[still]
            self.order = self.order[alive[self.order]]

    def set_filter(self, key: str, text: str) -> None:
        """Sets or, with an empty text, takes away the filter of a column."""
        if text.strip():
            self.filters[key] = text
        else:
            self.filters.pop(key, None)

    def click_sort(self, key: str, added: bool) -> None:
        """A click on a heading: figures begin with the greatest, words with A; again turns; a third time ends it."""
        first = not self.columns[key].kind.is_words
        at = next((place for place, (sorted_key, _) in enumerate(self.sort) if sorted_key == key), None)
        if at is None:
            self.sort = [*(self.sort if added else []), (key, first)]
        elif self.sort[at][1] == first:
            turned = (key, not first)
            self.sort = [*self.sort[:at], turned, *self.sort[at + 1 :]] if added else [turned]
        else:
            self.sort = [*self.sort[:at], *self.sort[at + 1 :]] if added else []

    def counts(self) -> tuple[int, int]:
        """How many rows are shown, and how many there are."""
        return len(self.order), len(self._every)

    def foot(self, title: str, texts: CellTexts) -> list[FootLine]:
        """The totals: of the filtered where there is a filter, then of all. Empty when nothing is summed or named."""
        summed = [column for column in self.columns.values() if column.total]
        if not summed and not title:
            return []
        shown, every = self.counts()
        whole = numbers.counted(every, title).strip()
        lines = []
        if self.filters:
            words = f"{numbers.integer(shown)} of {whole}"
            lines.append(FootLine(words, self._totals(summed, self.order, texts)))
        words = f"All {whole}" if every > 1 else whole
        lines.append(FootLine(words, self._totals(summed, self._every, texts)))
        return lines

    def _totals(self, summed: Sequence[Column], at: Index, texts: CellTexts) -> dict[str, str]:
        if not self.rows.count():
            return {}
        made = {column.key: self.rows.total(column.key, at) for column in summed}
        return {key: texts.figure(self.columns[key], value) for key, value in made.items() if value == value}

    def as_record(self) -> dict[str, Any]:
        """What is remembered of sort and filters, as plain JSON values."""
        return {"sort": [list(key) for key in self.sort], "filters": dict(self.filters)}

    def restore(self, record: Mapping[str, Any]) -> None:
        """Takes over what was remembered, so far as its columns still exist."""
        sort, filters = record.get("sort"), record.get("filters")
        if isinstance(sort, list):
            pairs = [pair for pair in sort if isinstance(pair, list) and len(pair) == 2]
            self.sort = [(key, bool(descending)) for key, descending in pairs if key in self.columns]
        if isinstance(filters, dict):
            self.filters = {
                key: text for key, text in filters.items() if key in self.columns and isinstance(text, str) and text
            }
