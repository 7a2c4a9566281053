"""The quick tree against the RFC's own recursive definitions, for trees of any size up to 80 leaves."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from dealerdesk.commands import merkle
from dealerdesk.commands.merkle import Frontier

leaf_lists = st.integers(1, 80).map(lambda count: [hashlib.sha256(bytes([n])).digest() for n in range(count)])


def mth(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1: the root."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = largest_power_below(len(leaves))
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    """RFC 6962, 2.1.1: the audit path."""
    if len(leaves) == 1:
        return []
    k = largest_power_below(len(leaves))
    if index < k:
        return [*path(index, leaves[:k]), mth(leaves[k:])]
    return [*path(index - k, leaves[k:]), mth(leaves[:k])]


def subproof(first: int, leaves: list[bytes], is_whole: bool = True) -> list[bytes]:
    """RFC 6962, 2.1.2: the consistency proof."""
    if first == len(leaves):
        return [] if is_whole else [mth(leaves)]
    k = largest_power_below(len(leaves))
    if first <= k:
        return [*subproof(first, leaves[:k], is_whole), mth(leaves[k:])]
    return [*subproof(first - k, leaves[k:], False), mth(leaves[:k])]


def largest_power_below(count: int) -> int:
    power = 1
    while power * 2 < count:
        power *= 2
    return power


@given(leaf_lists, st.data())
def test_every_leaf_is_proved_as_the_rfc_defines_it(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    proof = merkle.inclusion_proof(index, leaves)

    assert merkle.root_of(leaves) == mth(leaves)
    assert proof == path(index, leaves)
    assert merkle.is_included(leaves[index], index, len(leaves), proof, mth(leaves))
    other = data.draw(st.integers(0, len(leaves) - 1).filter(lambda number: number != index)) if leaves[1:] else None
    if other is not None:
        assert not merkle.is_included(leaves[other], index, len(leaves), proof, mth(leaves))
        assert not merkle.is_included(leaves[index], other, len(leaves), proof, mth(leaves))


@given(leaf_lists, st.data())
def test_every_beginning_is_proved_as_the_rfc_defines_it(leaves: list[bytes], data: st.DataObject) -> None:
    first = data.draw(st.integers(1, len(leaves)))
    proof = merkle.consistency_proof(first, leaves)

    assert proof == subproof(first, leaves)
    assert merkle.is_beginning(first, mth(leaves[:first]), len(leaves), mth(leaves), proof)
    spot = data.draw(st.integers(0, first - 1))
    rewritten = [*leaves[:spot], b"\xff" * 32, *leaves[spot + 1 :]]
    assert not merkle.is_beginning(first, mth(rewritten[:first]), len(leaves), mth(leaves), proof)
    forged = merkle.consistency_proof(first, rewritten)
    assert not merkle.is_beginning(first, mth(leaves[:first]), len(leaves), mth(rewritten), forged)


@given(leaf_lists, st.data())
def test_a_tree_goes_on_from_its_frontier_as_if_it_had_never_stopped(leaves: list[bytes], data: st.DataObject) -> None:
    stop = data.draw(st.integers(0, len(leaves)))
    frontier = Frontier()
    for leaf in leaves[:stop]:
        frontier.append(leaf)
    resumed = Frontier(frontier.size, frontier.peaks)
    for leaf in leaves[stop:]:
        resumed.append(leaf)

    assert resumed.root() == mth(leaves)
    assert resumed.size == len(leaves)
