"""What is personal, encrypted under each client's own key: who destroys the key erases it everywhere it was written.

A token is what stands in commands, contacts and audit entries instead of the value. The audit's hashes are over the
token, so erasure breaks no chain. Who may have a key is said elsewhere, and destroyed it is by a command alone. What
the database server's log and backups still hold of a key is for their keeper to let go.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from dealerdesk.commands.records import Refused
from dealerdesk.store.schema import subject_keys

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
TOKEN_PREFIX = "dd1."
VALUE_BYTES_MAX = 4_096
NAME_CHARS_MAX = 128
SEALED_NAME_CHARS_MAX = 724
"""The token of so many characters of four bytes each."""
SEALED_CONTACT_CHARS_MAX = 4_000


class TokenError(ValueError):
    """A token that cannot be read with this key, for this client and field."""


def new_key() -> str:
    """A fresh key in hex."""
    return secrets.token_hex(KEY_BYTES)


def protect(key: str, client_id: int, field: str, value: str) -> str:
    """The token for a value: `dd1.` and base64url of nonce, ciphertext and tag (AES-256-GCM).

    It opens only for this client and field. The same value gives another token each time. Raises Refused for a value
    that is too long.
    """
    return _sealed(key, client_id, field, value, secrets.token_bytes(NONCE_BYTES))


def protect_alike(key: str, client_id: int, field: str, value: str) -> str:
    """The same, but the same value gives the same token each time, so that who sees two of them sees that they are one.

    The nonce follows from all that is sealed: no two values share one but by the accident that random ones have too.
    """
    sealed = b"\0".join((_bound_to(client_id, field), value.encode()))
    nonce = hmac.new(bytes.fromhex(key), sealed, hashlib.sha256).digest()[:NONCE_BYTES]
    return _sealed(key, client_id, field, value, nonce)


def reveal(key: str, client_id: int, field: str, token: str) -> str:
    """The value behind a token; raises TokenError for another key, client or field, or for what is no token."""
    if not is_token(token):
        raise TokenError("expected a token")
    sealed = base64.urlsafe_b64decode(token.removeprefix(TOKEN_PREFIX))
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return AESGCM(bytes.fromhex(key)).decrypt(nonce, rest, _bound_to(client_id, field)).decode()
    except (InvalidTag, ValueError) as error:
        raise TokenError("the token is of another key, client or field, or was changed") from error


def is_token(text: str) -> bool:
    """Whether a text is shaped like a token; only its key tells whether it is one."""
    if not text.startswith(TOKEN_PREFIX):
        return False
    try:
        sealed = base64.b64decode(text.removeprefix(TOKEN_PREFIX), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    return NONCE_BYTES + TAG_BYTES <= len(sealed) <= NONCE_BYTES + TAG_BYTES + VALUE_BYTES_MAX


def is_sealed(text: str, chars_max: int) -> bool:
    """Whether a text is shaped like a token of so many characters, to the letter as the database looks at it."""
    return len(text) <= chars_max and _sealed_text.fullmatch(text) is not None


def key_of(connection: Connection, client_id: int, now_us: int) -> str:
    """The client's key in hex, made when there is none; raises Refused when an erasure has destroyed it.

    On PostgreSQL people get it from a procedure instead, which records that they did.
    """
    insert = insert_sqlite if connection.dialect.name == "sqlite" else insert_postgresql
    fresh = {"client_id": client_id, "key": new_key(), "made_us": now_us, "destroyed_us": None}
    connection.execute(insert(subject_keys).values(**fresh).on_conflict_do_nothing())
    key: str | None = connection.scalar(select(subject_keys.c.key).where(subject_keys.c.client_id == client_id))
    if key is None:
        raise Refused(f"Client {client_id} has been erased: nothing more can be kept of them")
    return key


def _sealed(key: str, client_id: int, field: str, value: str, nonce: bytes) -> str:
    said = value.encode()
    if len(said) > VALUE_BYTES_MAX:
        raise Refused(f"That is longer than {VALUE_BYTES_MAX:,} bytes")
    sealed = AESGCM(bytes.fromhex(key)).encrypt(nonce, said, _bound_to(client_id, field))
    return TOKEN_PREFIX + base64.urlsafe_b64encode(nonce + sealed).decode()


def _bound_to(client_id: int, field: str) -> bytes:
    return f"dealerdesk/{client_id}/{field}".encode()


_sealed_text = re.compile(r"dd1\.(?:[A-Za-z0-9_-]{4}){9,}(?:[A-Za-z0-9_-]{4}|[A-Za-z0-9_-]{3}=|[A-Za-z0-9_-]{2}==)")
