import pickle
from typing import ClassVar

import numpy as np
import pytest

from dealerdesk.bridges.simulator.columns import Columns


class Pairs(Columns):
    SPEC: ClassVar = {"left": np.int64, "right": np.int16}


def filled() -> Pairs:
    table = Pairs(2)
    table.extend(3, left=np.array([10, 20, 30]), right=np.array([1, 2, 3]))
    return table


def test_a_freed_slot_is_used_again_and_its_old_values_are_gone():
    table = filled()
    table.remove(1)
    assert len(table) == 2
    assert table.add(left=40) == 1
    assert (table.left[1], table.right[1]) == (40, 0)
    assert len(table) == 3


def test_a_table_grows_beyond_its_capacity_and_keeps_its_rows():
    table = Pairs(1)
    for number in range(500):
        assert table.add(left=number) == number
    assert table.column("left").tolist() == list(range(500))


def test_dead_rows_are_not_found():
    table = filled()
    table.remove(0)
    assert table.find("left", 10) is None
    assert table.find("left", 30) == 2
    assert table.slots().tolist() == [1, 2]


def test_a_copy_closes_the_gaps_and_does_not_follow():
    table = filled()
    table.remove(1)
    copy = table.copy()
    table.left[0] = 99
    assert copy.column("left").tolist() == [10, 30]


def test_a_slot_cannot_be_freed_twice():
    table = filled()
    table.remove(1)
    with pytest.raises(ValueError, match="slot 1 is not in use"):
        table.remove(1)


def test_a_pickled_table_goes_on_with_the_same_free_slots():
    table = filled()
    table.remove(1)
    twin = pickle.loads(pickle.dumps(table))
    assert [twin.add(left=5), twin.add(left=6)] == [table.add(left=5), table.add(left=6)] == [1, 3]
    assert twin.column("left").tolist() == table.column("left").tolist()
