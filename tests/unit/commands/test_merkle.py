"""The tree against certificate-transparency's own reference: eight leaves, and what was published for them."""

from __future__ import annotations

import hashlib

import pytest

from dealerdesk.commands import merkle
from dealerdesk.commands.merkle import Frontier

INPUTS = (
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)
LEAVES = [hashlib.sha256(b"\x00" + bytes.fromhex(text)).digest() for text in INPUTS]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
"""The root of the first 0, 1, … 8 leaves."""

INCLUSION = [
    (1, 1, ()),
    (
        1,
        8,
        (
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ),
    ),
    (
        6,
        8,
        (
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ),
    ),
    (3, 3, ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",)),
    (
        2,
        5,
        (
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ),
    ),
]
"""Leaves are counted from 1 here, as they were published."""

CONSISTENCY = [
    (1, 1, ()),
    (
        1,
        8,
        (
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ),
    ),
    (
        6,
        8,
        (
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ),
    ),
    (
        2,
        5,
        (
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ),
    ),
]


def test_the_tree_has_the_published_root_at_every_size() -> None:
    frontier = Frontier()
    roots = [frontier.root().hex()]
    for leaf in LEAVES:
        frontier.append(leaf)
        roots.append(frontier.root().hex())

    assert tuple(roots) == ROOTS
    assert merkle.root_of(LEAVES).hex() == ROOTS[8]


@pytest.mark.parametrize(("leaf", "size", "proof"), INCLUSION)
def test_proofs_of_inclusion_are_the_published_ones(leaf: int, size: int, proof: tuple[str, ...]) -> None:
    hashes = [bytes.fromhex(text) for text in proof]

    assert merkle.inclusion_proof(leaf - 1, LEAVES[:size]) == hashes
    assert merkle.is_included(LEAVES[leaf - 1], leaf - 1, size, hashes, bytes.fromhex(ROOTS[size]))


@pytest.mark.parametrize(("first", "size", "proof"), CONSISTENCY)
def test_proofs_of_consistency_are_the_published_ones(first: int, size: int, proof: tuple[str, ...]) -> None:
    hashes = [bytes.fromhex(text) for text in proof]
    before, after = bytes.fromhex(ROOTS[first]), bytes.fromhex(ROOTS[size])

    assert merkle.consistency_proof(first, LEAVES[:size]) == hashes
    assert merkle.is_beginning(first, before, size, after, hashes)


def test_a_proof_of_another_leaf_place_size_or_root_shows_nothing() -> None:
    proof, root = merkle.inclusion_proof(5, LEAVES), bytes.fromhex(ROOTS[8])

    assert merkle.is_included(LEAVES[5], 5, 8, proof, root)
    assert not merkle.is_included(LEAVES[4], 5, 8, proof, root)
    assert not merkle.is_included(LEAVES[5], 4, 8, proof, root)
    assert not merkle.is_included(LEAVES[5], 5, 6, proof, root)
    assert not merkle.is_included(LEAVES[5], 5, 8, proof[:-1], root)
    assert not merkle.is_included(LEAVES[5], 5, 8, [*proof, root], root)
    assert not merkle.is_included(LEAVES[5], 5, 8, proof, bytes.fromhex(ROOTS[7]))
    assert not merkle.is_included(LEAVES[5], 8, 8, proof, root)
    assert not merkle.is_included(LEAVES[5], -1, 8, proof, root)


def test_an_inner_node_cannot_pass_as_a_leaf() -> None:
    pair = merkle.node_hash(LEAVES[0], LEAVES[1])
    two = [pair, merkle.node_hash(LEAVES[2], LEAVES[3])]

    assert merkle.root_of(two) == merkle.root_of(LEAVES[:4])
    assert hashlib.sha256(b"\x00" + LEAVES[0] + LEAVES[1]).digest() != pair


def test_a_history_that_was_rewritten_is_not_the_beginning() -> None:
    proof = merkle.consistency_proof(6, LEAVES)
    before, after = bytes.fromhex(ROOTS[6]), bytes.fromhex(ROOTS[8])

    assert not merkle.is_beginning(6, bytes.fromhex(ROOTS[5]), 8, after, proof)
    assert not merkle.is_beginning(6, before, 8, bytes.fromhex(ROOTS[7]), proof)
    assert not merkle.is_beginning(5, before, 8, after, proof)
    assert not merkle.is_beginning(6, before, 8, after, proof[:-1])
    assert not merkle.is_beginning(8, after, 6, before, [])
    assert not merkle.is_beginning(0, bytes.fromhex(ROOTS[0]), 8, after, [])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (8, 8), (-1, 8)])
def test_there_is_no_proof_for_a_leaf_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(ValueError, match=f"leaf {index} is not in a tree of {size}"):
        merkle.inclusion_proof(index, LEAVES[:size])


@pytest.mark.parametrize(("first", "size"), [(0, 8), (9, 8)])
def test_there_is_no_proof_that_a_tree_grew_from_nothing_or_from_more(first: int, size: int) -> None:
    with pytest.raises(ValueError, match=f"a tree of {first} leaves is no beginning of a tree of {size}"):
        merkle.consistency_proof(first, LEAVES[:size])


def test_a_frontier_that_no_tree_has_is_refused() -> None:
    with pytest.raises(ValueError, match="a tree of 3 leaves does not have 1 perfect subtrees"):
        Frontier(3, [LEAVES[0]])
    with pytest.raises(ValueError, match="not a SHA-256 hash"):
        Frontier(1, [b"short"])
