"""Finds accounts, clients, symbols, panels and actions by what a person types, in milliseconds. No widgets.

Prefixes of words count, in any order: «kow mar» finds Maria Kowalski. Where that finds nothing, letters in order do:
«expo» and «xps» both find Exposure. What begins with the typed text comes first, then shorter texts.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

ACTION, ACCOUNT, CLIENT, SYMBOL = "action", "account", "client", "symbol"
"""The kinds of what can be found."""
EDGE = "\n"
"""Stands before and after every word of the folded texts, so that beginnings and whole words are found as they are."""
LOOSE_ENTRIES_MAX = 2_000
"""Letters in order are only looked for in indexes up to this size."""
LOOSE_RANK = 1_000
RANKED_PER_SHOWN = 40
"""So many times what is shown is found and ranked before the search is content."""
_WORD = re.compile(r"[^\s/·|_.-]+")


@dataclass(frozen=True, slots=True)
class Found:
    """Something the search can offer: `kind` and `key` say what it is, `title` and `detail` what is shown."""

    kind: str
    key: Hashable
    title: str
    detail: str = ""
    hint: str = ""


class Index:
    """The entries of one kind, searchable. Built once from all entries; a changed set is a new index."""

    def __init__(self, entries: Iterable[Found]) -> None:
        self._entries: Sequence[Found] = list(entries)
        self._folded = [_fold(entry) for entry in self._entries]
        # one text for all: a search is then a few runs of the C library's over a megabyte or two
        self._text = "\0".join(self._folded)
        self._starts: list[int] = []
        start = 0
        for folded in self._folded:
            self._starts.append(start)
            start += len(folded) + 1

    def __len__(self) -> int:
        return len(self._entries)

    def search(self, typed: str, limit: int) -> list[tuple[int, Found]]:
        """The best entries with their rank (smaller is better), at most `limit`."""
        words = [word.casefold() for word in _WORD.findall(typed)]
        if not words:
            return [(0, entry) for entry in self._entries[:limit]]
        # the others are only looked for where the rarest is
        rarest = min(words, key=self._count)
        others = [EDGE + word for word in words if word is not rarest]
        # whole words first: login 1001 must not drown among 1001000 and its like
        places = chain(self._rows_with(EDGE + rarest + EDGE), self._rows_with(EDGE + rarest))
        found: dict[int, tuple[int, Found]] = {}
        for row in places:
            folded = self._folded[row]
            if row not in found and all(other in folded for other in others):
                found[row] = (_rank(folded, words), self._entries[row])
                if len(found) >= limit * RANKED_PER_SHOWN:
                    break
        return sorted(found.values(), key=_by_rank)[:limit]

    def search_letters(self, typed: str, limit: int) -> list[tuple[int, Found]]:
        """Entries that hold the typed letters in their order; for small sets, where no word begins so."""
        letters = [re.escape(letter) for letter in typed.casefold() if not letter.isspace()]
        pattern = re.compile(".*?".join(letters), re.DOTALL)
        found = []
        for folded, entry in zip(self._folded, self._entries, strict=True):
            match = pattern.search(folded)
            if match is not None:
                found.append((LOOSE_RANK + match.end() - match.start(), entry))
        found.sort(key=_by_rank)
        return found[:limit]

    def _count(self, word: str) -> int:
        return self._text.count(EDGE + word)

    def _rows_with(self, part: str) -> Iterator[int]:
        position = self._text.find(part)
        while position >= 0:
            row = bisect_left(self._starts, position + 1) - 1
            yield row
            following = row + 1
            if following == len(self._starts):
                return
            position = self._text.find(part, self._starts[following])


def search_all(indexes: Sequence[Index], typed: str, limit: int) -> list[Found]:
    """The best of several indexes, best first; earlier indexes win between equals. Loose letters come last."""
    each = [(rank, place, found) for place, index in enumerate(indexes) for rank, found in index.search(typed, limit)]
    if not each and typed.strip():
        each = [
            (rank, place, found)
            for place, index in enumerate(indexes)
            if len(index) <= LOOSE_ENTRIES_MAX
            for rank, found in index.search_letters(typed, limit)
        ]
    each.sort(key=_by_rank_and_place)
    return [found for _, _, found in each[:limit]]


def _fold(entry: Found) -> str:
    return EDGE + EDGE.join(_WORD.findall(f"{entry.title} {entry.detail}".casefold())) + EDGE


def _rank(folded: str, words: Sequence[str]) -> int:
    """0 where the text begins with exactly these words, then by how far in the first lies and by length."""
    if folded.startswith(EDGE + EDGE.join(words) + EDGE):
        return 0
    place = folded.find(EDGE + words[0])
    return 1 + min(place, 90) + min(len(folded), 200) // 10


def _by_rank(item: tuple[int, Found]) -> int:
    return item[0]


def _by_rank_and_place(item: tuple[int, int, Found]) -> tuple[int, int]:
    return item[0], item[1]
