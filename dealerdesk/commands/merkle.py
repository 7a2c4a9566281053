"""The tree over the audit's leaves as RFC 6962 draws it: roots, and proofs of what is in it and what it grew from.

Pure functions of hashes; nothing here knows what a leaf says. A tree of any size is carried on from its frontier, the
roots of its perfect subtrees, so a root costs a handful of hashes and a proof one pass over the leaves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator

NODE = b"\x01"
EMPTY_ROOT = hashlib.sha256(b"").digest()
HASH_BYTES = 32

Range = tuple[int, int]
"""The leaves from the first number to before the second: a subtree."""


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node over its two subtrees."""
    return hashlib.sha256(NODE + left + right).digest()


class Frontier:
    """A tree that grows at its right edge; `peaks` are the roots of its perfect subtrees, largest first."""

    def __init__(self, size: int = 0, peaks: Iterable[bytes] = ()) -> None:
        """Raises ValueError for peaks that no tree of that size has."""
        self.size = size
        self.peaks = list(peaks)
        if size < 0 or len(self.peaks) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves does not have {len(self.peaks)} perfect subtrees")
        if any(len(peak) != HASH_BYTES for peak in self.peaks):
            raise ValueError("a subtree's root is not a SHA-256 hash")

    def append(self, leaf: bytes) -> None:
        """Adds a leaf's hash at the right."""
        size, peaks, sha256 = self.size, self.peaks, hashlib.sha256
        self.size = size + 1
        while size & 1:
            leaf = sha256(NODE + peaks.pop() + leaf).digest()
            size >>= 1
        peaks.append(leaf)

    def root(self) -> bytes:
        """The root of the tree as it stands."""
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in self.peaks[-2::-1]:
            root = node_hash(peak, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root of a whole tree."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The subtrees whose roots prove that leaf `index` is in the tree of `size`; nearest first.

    Raises ValueError for a leaf that is not in it.
    """
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    start, end, path = 0, size, list[Range]()
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    return path[::-1]


def consistency_ranges(first: int, size: int) -> list[Range]:
    """The subtrees whose roots prove that the tree of `first` leaves is the beginning of that of `size`.

    Raises ValueError where there is nothing to prove it from.
    """
    if not 0 < first <= size:
        raise ValueError(f"a tree of {first} leaves is no beginning of a tree of {size}")
    start, end, path = 0, size, list[Range]()
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    if start:
        path.append((start, end))
    return path[::-1]


def peak_ranges(size: int) -> list[Range]:
    """The perfect subtrees of a tree, largest first: what its frontier holds the roots of."""
    ranges, start = list[Range](), 0
    while start < size:
        width = 1 << (size - start).bit_length() - 1
        ranges.append((start, start + width))
        start += width
    return ranges


def roots_of(ranges: Collection[Range], leaves: Iterable[bytes]) -> dict[Range, bytes]:
    """The roots of those of these subtrees that the tree has, in one pass over all its leaves."""
    wanted, ends = set(ranges), {end for _, end in ranges}
    found, frontier = dict[Range, bytes](), Frontier()
    for leaf in leaves:
        if frontier.size + 1 in ends:
            found |= {part: root for part, root in _completed(frontier, leaf) if part in wanted}
        frontier.append(leaf)
    start, root = frontier.size, b""
    for width, peak in _from_the_right(frontier):
        start, root = start - width, node_hash(peak, root) if root else peak
        if (start, frontier.size) in wanted:
            found[start, frontier.size] = root
    return found


def inclusion_proof(index: int, leaves: Collection[bytes]) -> list[bytes]:
    """The proof that leaf `index` is in the tree of these leaves."""
    ranges = inclusion_ranges(index, len(leaves))
    roots = roots_of(ranges, leaves)
    return [roots[part] for part in ranges]


def consistency_proof(first: int, leaves: Collection[bytes]) -> list[bytes]:
    """The proof that the first `first` leaves are the beginning of these."""
    ranges = consistency_ranges(first, len(leaves))
    roots = roots_of(ranges, leaves)
    return [roots[part] for part in ranges]


def is_included(leaf: bytes, index: int, size: int, proof: Collection[bytes], root: bytes) -> bool:
    """Whether the proof shows that `leaf` stands at `index` of the tree with this size and root."""
    if not 0 <= index < size:
        return False
    ranges = inclusion_ranges(index, size)
    if len(ranges) != len(proof):
        return False
    known = dict(zip(ranges, proof, strict=True)) | {(index, index + 1): leaf}
    return _root(0, size, known) == root


def is_beginning(first: int, first_root: bytes, size: int, root: bytes, proof: Collection[bytes]) -> bool:
    """Whether the proof shows that the tree of `first` leaves and `first_root` grew into that of `size` and `root`."""
    if not 0 < first <= size:
        return False
    ranges = consistency_ranges(first, size)
    if len(ranges) != len(proof):
        return False
    known = dict(zip(ranges, proof, strict=True))
    if sum(end - start for start, end in ranges) < size:
        # the old tree is itself a subtree of the new one: its root is known, and so not in the proof
        known[0, first] = first_root
    return _root(0, first, known) == first_root and _root(0, size, known) == root


def _split(size: int) -> int:
    """The size of the left subtree: the largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _root(start: int, end: int, known: dict[Range, bytes]) -> bytes:
    """The root of a subtree from those of subtrees that make it up."""
    if (start, end) in known:
        return known[start, end]
    middle = start + _split(end - start)
    return node_hash(_root(start, middle, known), _root(middle, end, known))


def _completed(frontier: Frontier, leaf: bytes) -> Iterator[tuple[Range, bytes]]:
    """The perfect subtrees that `leaf` is the last of, smallest first."""
    start, end, root = frontier.size, frontier.size + 1, leaf
    yield (start, end), root
    for width, peak in _from_the_right(frontier):
        if width != end - start:
            return
        start, root = start - width, node_hash(peak, root)
        yield (start, end), root


def _from_the_right(frontier: Frontier) -> Iterator[tuple[int, bytes]]:
    """The perfect subtrees as (leaves, root), smallest first."""
    size = frontier.size
    for peak in reversed(frontier.peaks):
        width = size & -size
        yield width, peak
        size -= width
