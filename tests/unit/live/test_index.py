from __future__ import annotations

import random

import numpy as np

from dealerdesk.live.index import IntIndex


def test_it_agrees_with_a_dict_through_ten_thousand_random_changes() -> None:
    chance, index, truth = random.Random(1), IntIndex(), {}
    for step in range(10_000):
        key = chance.randrange(3_000) * 1_000_003
        if key in truth and chance.random() < 0.6:
            assert index.pop(key) == truth.pop(key)
        elif key not in truth:
            index.put(key, step)
            truth[key] = step
    assert len(index) == len(truth)
    keys = np.arange(3_000) * 1_000_003
    assert index.get_many(keys).tolist() == [truth.get(key, -1) for key in keys.tolist()]
    assert all(index.get(key) == slot for key, slot in truth.items())


def test_many_keys_at_once_are_found_one_by_one() -> None:
    index = IntIndex()
    keys = np.random.default_rng(1).permutation(1 << 40 >> 25).astype(np.int64) << 25
    index.put_many(keys, np.arange(len(keys)))

    assert index.get_many(keys).tolist() == list(range(len(keys)))
    assert [index.get(int(key)) for key in keys[:100]] == list(range(100))


def test_an_unknown_key_is_minus_one_and_forgetting_it_changes_nothing() -> None:
    index = IntIndex()

    assert (index.get(5), index.pop(5), len(index)) == (-1, -1, 0)


def test_clearing_forgets_everything() -> None:
    index = IntIndex()
    index.put(5, 1)
    index.clear()

    assert (index.get(5), len(index)) == (-1, 0)
