from __future__ import annotations

import hashlib
from decimal import Decimal

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.commands.canonical import canonical, leaf_hash, payload_hash
from dealerdesk.trading import Book


def test_members_stand_in_the_order_of_their_names_and_decimals_are_strings() -> None:
    assert canonical({"b": 1, "a": {"z": Decimal("1.50"), "y": "é"}}) == '{"a":{"y":"é","z":"1.50"},"b":1}'


def test_a_payload_has_one_spelling() -> None:
    body = SetBook(login=1001, book=Book.A, covered_percent=100)

    assert canonical(body) == '{"book":"A","covered_percent":100,"kind":"set_book","login":1001}'


def test_a_leaf_is_hashed_as_in_rfc_6962() -> None:
    # the RFC's own vector: the leaf hash of no bytes at all
    assert leaf_hash("") == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf_hash("x") == hashlib.sha256(b"\x00x").hexdigest()


def test_every_term_is_part_of_what_is_approved() -> None:
    terms = payload_hash("set_book", "MT5", '{"login":1}', 7)

    others = [
        payload_hash("set_group", "MT5", '{"login":1}', 7),
        payload_hash("set_book", "MT4", '{"login":1}', 7),
        payload_hash("set_book", "MT5", '{"login":2}', 7),
        payload_hash("set_book", "MT5", '{"login":1}', 8),
        payload_hash("set_book", "MT5", '{"login":1}', None),
    ]
    assert len({terms, *others}) == 6
    assert terms == payload_hash("set_book", "MT5", '{"login":1}', 7)
