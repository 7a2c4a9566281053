"""The seals of the audit log: what one says, its signature, and the short code of it that fits on paper. No database.

A seal states the tree of all entries up to it and names the seal before it by its hash, so that whoever holds one seal
outside the database holds everything before it. Who has the signing key can seal anything: that earlier seals lie
elsewhere is what makes a rewritten history visible.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from dealerdesk.commands.canonical import canonical
from dealerdesk.commands.merkle import HASH_BYTES

KEY_BYTES = 32
SIGNATURE_BYTES = 64
HEX = frozenset("0123456789abcdef")
CODE_SIZE_BYTES, CODE_ROOT_BYTES, CODE_CHECK_BYTES = 5, 13, 2
CODE_CHARACTERS = (CODE_SIZE_BYTES + CODE_ROOT_BYTES + CODE_CHECK_BYTES) * 8 // 5


class SealError(ValueError):
    """A seal, key or code that cannot be one; the text says what was expected."""


class Statement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is signed: the first `tree_size` entries have `root`. `key` is the signer's public key in hex, `previous`
    the hash of the seal before (empty for the first, number 1), `sealed_us` the sealer's clock."""

    database: str
    key: str
    number: int
    previous: str
    root: str
    sealed_us: int
    tree_size: int


class Seal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A statement as it was signed, letter for letter. `frontier`: the tree's perfect subtrees, to check what comes
    after even when what came before is broken; it is worth nothing unless it gives the statement's root."""

    statement: str
    signature: str
    frontier: tuple[str, ...] = ()


class Code(msgspec.Struct, frozen=True):
    """A checkpoint as it is written down: how many entries, and the first bytes of their root in hex."""

    tree_size: int
    root_begins: str


def new_key() -> str:
    """A fresh signing key in hex."""
    return Ed25519PrivateKey.generate().private_bytes_raw().hex()


def public_key(key: str) -> str:
    """The public half, in hex, of a signing key; raises SealError for what is no key."""
    return _private(key).public_key().public_bytes_raw().hex()


def sign(statement: Statement, key: str) -> tuple[str, str]:
    """The statement's text and its signature in hex; raises SealError for what is no key."""
    text = canonical(statement)
    return text, _private(key).sign(text.encode()).hex()


def statement_hash(text: str) -> str:
    """SHA-256, hex, of a signed statement: how the next seal names it."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_statement(text: str) -> Statement:
    """What a seal says; raises SealError when it is no statement, or is spelled otherwise than they are."""
    try:
        statement = msgspec.json.decode(text, type=Statement)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise SealError(f"expected a seal's statement: {error}") from error
    if canonical(statement) != text:
        raise SealError("expected a seal's statement in its canonical spelling")
    if statement.number < 1 or not 0 <= statement.tree_size < 1 << 8 * CODE_SIZE_BYTES:
        raise SealError("expected a seal's number and tree size to be counts")
    if not is_hex(statement.root, HASH_BYTES):
        raise SealError("expected a seal's root to be a SHA-256 hash in hex")
    return statement


def is_signed(text: str, signature: str, public: str) -> bool:
    """Whether the holder of the key to `public` (hex) signed this text."""
    if not is_hex(signature, SIGNATURE_BYTES) or not is_hex(public, KEY_BYTES):
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        key.verify(bytes.fromhex(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def is_hex(text: str, size: int) -> bool:
    """Whether a text is `size` bytes in lower-case hex: one spelling, so that nothing can be changed unseen."""
    return len(text) == 2 * size and HEX.issuperset(text)


def code_of(tree_size: int, root: str) -> str:
    """The checkpoint as a line to print or write down: eight groups of four letters and digits."""
    said = tree_size.to_bytes(CODE_SIZE_BYTES, "big") + bytes.fromhex(root)[:CODE_ROOT_BYTES]
    letters = base64.b32encode(said + _check(said)).decode()
    return "-".join(letters[start : start + 4] for start in range(0, CODE_CHARACTERS, 4))


def read_code(written: str) -> Code:
    """The checkpoint that was written down; raises SealError when a letter was misread."""
    letters = "".join(written.upper().replace("-", "").split())
    # the alphabet has no 0, 1 and 8: a person who reads them saw a letter
    letters = letters.replace("0", "O").replace("1", "I").replace("8", "B")
    if len(letters) != CODE_CHARACTERS:
        raise SealError(f"expected a checkpoint code of {CODE_CHARACTERS} characters, got {len(letters)}")
    try:
        said = base64.b32decode(letters)
    except ValueError as error:
        raise SealError("expected a checkpoint code of letters and the digits 2 to 7") from error
    said, check = said[:-CODE_CHECK_BYTES], said[-CODE_CHECK_BYTES:]
    if check != _check(said):
        raise SealError("the checkpoint code was misread or miswritten: its last letters do not fit the others")
    return Code(int.from_bytes(said[:CODE_SIZE_BYTES], "big"), said[CODE_SIZE_BYTES:].hex())


def _check(said: bytes) -> bytes:
    # a CRC, unlike a piece of a hash, notices every single misread letter
    return binascii.crc_hqx(said, 0).to_bytes(CODE_CHECK_BYTES, "big")


def _private(key: str) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key))
    except ValueError as error:
        # the text of the error must not repeat what might be part of a key
        raise SealError(f"expected a signing key of {KEY_BYTES} bytes in hex") from error
