"""A hash index from integers to slots in two flat arrays: a fifth of the memory of a dict. Holds no rows itself.

Open addressing with linear probing; at most two thirds full. One key takes about half a microsecond, many keys at
once go through numpy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

EMPTY = -1
GONE = -2
MIX = 0x9E3779B97F4A7C15
WORD = (1 << 64) - 1
FILL_MAX = 2 / 3
BITS_MIN = 6


class IntIndex:
    """Keys are integers from 0 to 2^63 − 1, slots from 0 to 2^31 − 1."""

    def __init__(self) -> None:
        self._living = 0
        self._resize(BITS_MIN)

    def __len__(self) -> int:
        return self._living

    def get(self, key: int) -> int:
        """The slot of `key`, or −1."""
        keys, mask = self._keys_at, self._mask
        place = ((key * MIX) & WORD) >> self._shift
        while True:
            found = keys[place]
            if found == key:
                return self._slots_at[place]
            if found == EMPTY:
                return -1
            place = (place + 1) & mask

    def put(self, key: int, slot: int) -> None:
        """`key` now leads to `slot`; the key must not be there yet."""
        if self._used >= self._limit:
            self._make_room(1)
        keys, mask = self._keys_at, self._mask
        place = ((key * MIX) & WORD) >> self._shift
        while keys[place] != EMPTY:
            place = (place + 1) & mask
        keys[place] = key
        self._slots_at[place] = slot
        self._used += 1
        self._living += 1

    def pop(self, key: int) -> int:
        """Forgets `key` and returns its slot, or −1 when it was not there."""
        keys, mask = self._keys_at, self._mask
        place = ((key * MIX) & WORD) >> self._shift
        while (found := keys[place]) != key:
            if found == EMPTY:
                return -1
            place = (place + 1) & mask
        keys[place] = GONE
        self._living -= 1
        return self._slots_at[place]

    def get_many(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """The slots of `keys`, −1 where unknown."""
        slots = np.full(len(keys), -1, np.int64)
        pending = np.arange(len(keys))
        places = self._places(keys)
        while len(pending):
            found = self._keys[places]
            hit = found == keys[pending]
            slots[pending[hit]] = self._slots[places[hit]]
            going = ~hit & (found != EMPTY)
            pending = pending[going]
            places = (places[going] + 1) & self._mask
        return slots

    def put_many(self, keys: NDArray[np.int64], slots: NDArray[np.int64]) -> None:
        """Adds keys that are all different and not there yet."""
        self._make_room(len(keys))
        self._insert(keys, slots)

    def clear(self) -> None:
        """Forgets everything."""
        self._living = 0
        self._resize(BITS_MIN)

    def _insert(self, keys: NDArray[np.int64], slots: NDArray[np.int64]) -> None:
        self._used += len(keys)
        self._living += len(keys)
        places = self._places(keys)
        while len(keys):
            free = self._keys[places] == EMPTY
            self._keys[places[free]] = keys[free]
            # two keys may want one place: whoever was written last has it, the other one walks on
            settled = self._keys[places] == keys
            self._slots[places[settled]] = slots[settled]
            keys, slots = keys[~settled], slots[~settled]
            places = (places[~settled] + 1) & self._mask

    def _places(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        mixed = keys.astype(np.uint64) * np.uint64(MIX)
        return (mixed >> np.uint64(self._shift)).astype(np.int64)

    def _make_room(self, more: int) -> None:
        if self._used + more <= self._limit:
            return
        held = self._keys >= 0
        keys, slots = self._keys[held], self._slots[held].astype(np.int64)
        bits = BITS_MIN
        while (1 << bits) * FILL_MAX < 1.25 * (len(keys) + more):
            bits += 1
        self._living = 0
        self._resize(bits)
        self._insert(keys, slots)

    def _resize(self, bits: int) -> None:
        self._shift = 64 - bits
        self._mask = (1 << bits) - 1
        self._limit = int((1 << bits) * FILL_MAX)
        self._used = 0
        self._keys = np.full(1 << bits, EMPTY, np.int64)
        self._slots = np.zeros(1 << bits, np.int32)
        self._keys_at = memoryview(self._keys)  # type: ignore[arg-type]
        self._slots_at = memoryview(self._slots)  # type: ignore[arg-type]
