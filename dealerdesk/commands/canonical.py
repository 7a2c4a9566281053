"""One spelling for one value: canonical JSON, and the hashes over it. No keys, no chains, no I/O."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

LEAF = b"\x00"
"""RFC 6962: a leaf's hash begins with a zero byte, so that it can never be taken for an inner node's."""

_encoder = msgspec.json.Encoder(order="deterministic")


def canonical(value: Any) -> str:
    """`value` as JSON without spaces, its members in the order of their names; decimals as strings."""
    return _encoder.encode(msgspec.to_builtins(value)).decode()


def payload_hash(kind: str, server: str, payload: str, expected_version: int | None) -> str:
    """SHA-256, hex, over everything that an approver agrees to: what, where, on which version of the row."""
    terms = canonical({"expected_version": expected_version, "kind": kind, "payload": payload, "server": server})
    return hashlib.sha256(terms.encode()).hexdigest()


def batch_hash(payload_hashes: Iterable[str]) -> str:
    """SHA-256, hex, over all that the approver of a batch agrees to; the hashes in order of the commands' ids."""
    return hashlib.sha256("\n".join(payload_hashes).encode()).hexdigest()


def leaf_hash(entry: str) -> str:
    """The RFC 6962 leaf hash, hex, of an audit entry's canonical JSON."""
    return hashlib.sha256(LEAF + entry.encode()).hexdigest()
