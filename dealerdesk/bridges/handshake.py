"""How the two ends of a bridge connection prove that they hold the same key, without sending it. No I/O.

Each side signs both nonces, the bridge's name and epoch and the client's name, role and term; the label keeps one
side's proof from being played back as the other's.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable

import msgspec

from dealerdesk.bridges.protocol import Challenge, Hello

NONCE_BYTES = 32
NONCE_HEX_MIN = 32

NonceSource = Callable[[], str]

_encoder = msgspec.json.Encoder()


def new_nonce() -> str:
    """A fresh random nonce in hex."""
    return secrets.token_hex(NONCE_BYTES)


def client_proof(key: bytes, challenge: Challenge, hello: Hello) -> str:
    """What `hello.mac` must be."""
    return _sign(key, "client", challenge, hello)


def bridge_proof(key: bytes, challenge: Challenge, hello: Hello) -> str:
    """What `welcome.mac` must be."""
    return _sign(key, "bridge", challenge, hello)


def matches(expected: str, given: str) -> bool:
    """Compares two proofs in a time that does not tell where they differ."""
    return hmac.compare_digest(expected.encode(), given.encode())


def _sign(key: bytes, label: str, challenge: Challenge, hello: Hello) -> str:
    # a JSON array, so that no name can run into the next
    signed = _encoder.encode(
        [label, challenge.bridge, challenge.epoch, challenge.nonce, hello.nonce, hello.client, hello.role, hello.term]
    )
    return hmac.new(key, signed, hashlib.sha256).hexdigest()
