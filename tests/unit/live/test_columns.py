from __future__ import annotations

from typing import ClassVar

import numpy as np

from dealerdesk.live.columns import Table, TextOf


class Pets(Table):
    COLUMNS: ClassVar = {"age": "i8"}
    TEXTS: ClassVar = ("name",)
    age: np.ndarray
    age_at: memoryview
    name: list[str]


def test_a_freed_slot_is_taken_again_before_a_new_one() -> None:
    pets = Pets()
    first, second = pets.take(), pets.take()
    pets.release(first)

    assert pets.take() == first
    assert (pets.count, pets.living, second) == (2, 2, 1)


def test_growing_keeps_what_was_there_and_both_ways_to_see_it() -> None:
    pets = Pets(capacity=1)
    slot = pets.take()
    pets.age_at[slot] = 7
    pets.name[slot] = "Rex"
    pets.reserve(100)

    assert (pets.age[slot], pets.age_at[slot], pets.name[slot], len(pets.name)) == (7, 7, "Rex", 100)
    pets.age_at[slot] = 8
    assert pets.age[slot] == 8


def test_many_slots_at_once_use_the_freed_ones_first() -> None:
    pets = Pets()
    slots = pets.take_many(5)
    pets.release_many(slots[1:3])
    again = pets.take_many(3)

    assert sorted(again.tolist()) == [1, 2, 5]
    assert pets.living_slots().tolist() == [0, 1, 2, 3, 4, 5]


def test_text_of_codes_is_looked_up_row_by_row() -> None:
    texts = TextOf(np.array([1, 0, 1]), ["USD", "EUR"])

    assert list(texts) == ["EUR", "USD", "EUR"]
    assert texts[1:] == ["USD", "EUR"]


def test_a_copy_no_longer_follows_the_table() -> None:
    pets = Pets()
    first, second = pets.take(), pets.take()
    pets.age[first], pets.name[first] = 7, "Rex"
    copied = pets.copied()
    pets.age[first], pets.name[first] = 8, "Max"
    pets.release(second)

    assert (copied.age[first], copied.name[first]) == (7, "Rex")
    assert copied.living_slots().tolist() == [first, second]
    assert len(copied.age) == copied.count == 2
