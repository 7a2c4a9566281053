"""A proof fits one key, one connection and one direction."""

from __future__ import annotations

from msgspec.structs import replace

from dealerdesk.bridges.client_session import new_hello
from dealerdesk.bridges.handshake import bridge_proof, client_proof, matches, new_nonce
from dealerdesk.bridges.protocol import Challenge, Role
from dealerdesk.trading import Platform

CHALLENGE = Challenge(1, "MT4", Platform.MT4, "e1", "n" * 64, 0)
HELLO = new_hello("anna", Role.DESK, "c" * 64, (), True, None)
KEY = b"k" * 32


def test_a_proof_depends_on_everything_it_signs() -> None:
    proofs = {
        client_proof(KEY, CHALLENGE, HELLO),
        client_proof(b"other", CHALLENGE, HELLO),
        client_proof(KEY, replace(CHALLENGE, nonce="m" * 64), HELLO),
        client_proof(KEY, replace(CHALLENGE, epoch="e2"), HELLO),
        client_proof(KEY, replace(CHALLENGE, bridge="MT5"), HELLO),
        client_proof(KEY, CHALLENGE, replace(HELLO, nonce="d" * 64)),
        client_proof(KEY, CHALLENGE, replace(HELLO, client="boris")),
        client_proof(KEY, CHALLENGE, replace(HELLO, role=Role.HUB)),
        client_proof(KEY, CHALLENGE, replace(HELLO, term=1)),
        bridge_proof(KEY, CHALLENGE, HELLO),
    }

    assert len(proofs) == 10


def test_the_proof_is_pinned_because_it_is_part_of_the_protocol() -> None:
    assert client_proof(KEY, CHALLENGE, HELLO) == "66f0e8c3709f02104a210c8849d08f4c4e5ccc5add44bf08964d2c648a09904c"


def test_names_do_not_run_into_each_other() -> None:
    one = client_proof(KEY, replace(CHALLENGE, bridge="MT4x"), replace(HELLO, client="y"))
    other = client_proof(KEY, replace(CHALLENGE, bridge="MT4"), replace(HELLO, client="xy"))

    assert one != other


def test_matching_takes_any_text() -> None:
    assert matches("ab", "ab")
    assert not matches("ab", "")
    assert not matches("ab", "ä€")


def test_nonces_are_64_hex_digits_and_differ() -> None:
    assert len(new_nonce()) == 64
    assert new_nonce() != new_nonce()
