"""Passwords as a database keeps them: Argon2id verifiers with lock-out on SQLite, SCRAM verifiers for PostgreSQL.

The clear password is compared and forgotten; it is never stored, logged or sent to a server that would log it. Who may
sign in, and what is audited about it, is said in `commands.sessions`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import stringprep
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or_update

from dealerdesk.clock import SECOND_US
from dealerdesk.store.schema import local_passwords, staff

LENGTH_MIN = 12
LENGTH_MAX = 256
"""A longer one would only let somebody keep the processor busy."""
FAILURES_BEFORE_LOCK = 5
FIRST_LOCK_US = 60 * SECOND_US
LONGEST_LOCK_US = 3_600 * SECOND_US
ARGON2_MEMORY_KIB = 64 * 1024  # the second choice of RFC 9106: what a workstation can spare
ARGON2_PASSES = 3
ARGON2_LANES = 4
SALT_BYTES = 16
SCRAM_ITERATIONS = 4_096
"""What PostgreSQL itself takes. The verifier never leaves the server, whose file protection it rests on."""


class UnfitPassword(ValueError):  # noqa: N818 - it is an answer to a person, not a fault
    """The password may not be used; the text is the sentence for the person."""


class Outcome(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a look at a password came to. `failures` in a row, this one included; `locked_until_us` is 0 for not locked.

    `is_newly_locked` tells the failure that locked from the attempts made while it lasted.
    """

    outcome: Outcome
    failures: int = 0
    locked_until_us: int = 0
    is_newly_locked: bool = False


def refuse_unfit(password: str, *names: str) -> None:
    """Raises UnfitPassword for one that is too short, too long, or made of nothing but the person's names."""
    if len(password) < LENGTH_MIN:
        raise UnfitPassword(f"The password is shorter than {LENGTH_MIN} characters")
    if len(password) > LENGTH_MAX:
        raise UnfitPassword(f"The password is longer than {LENGTH_MAX} characters")
    if len(set(password)) < 4:
        raise UnfitPassword("The password repeats the same few characters")
    rest = _squeezed(password)
    for name in sorted((_squeezed(name) for name in names if name.strip()), key=len, reverse=True):
        rest = rest.replace(name, "")
    if not rest.strip("0123456789!?.-_"):
        raise UnfitPassword("The password is the person's own name")


def set_password(connection: Connection, who: str, password: str, now_us: int) -> None:
    """Keeps a verifier of `password` for a member of staff and forgets earlier failures (SQLite).

    Raises UnfitPassword, or KeyError when there is no such person.
    """
    name = connection.scalar(select(staff.c.name).where(staff.c.id == who))
    if name is None:
        raise KeyError(who)
    refuse_unfit(password, who, name, *name.split())
    fresh = {"verifier": verifier(password), "failures": 0, "locked_until_us": 0, "changed_us": now_us}
    statement = insert_or_update(local_passwords).values(staff=who, **fresh)
    connection.execute(statement.on_conflict_do_update(index_elements=[local_passwords.c.staff], set_=fresh))


def check_password(connection: Connection, who: str, password: str, now_us: int) -> Checked:
    """Compares, and counts the failure in the caller's transaction, which must be committed whatever the outcome.

    After five failures in a row the person is locked for a minute, then for twice as long with each further one, up to
    an hour. Attempts while it lasts do not count. A person who is not there takes as long as one who is.
    """
    row = connection.execute(select(local_passwords).where(local_passwords.c.staff == who)).first()
    is_right = _matches(password, row.verifier if row is not None else _nobodys_verifier())
    if row is None:
        return Checked(Outcome.WRONG)
    if now_us < row.locked_until_us:
        return Checked(Outcome.LOCKED, row.failures, row.locked_until_us)
    if is_right:
        if row.failures:
            _count(connection, who, 0, 0)
        return Checked(Outcome.RIGHT)
    failures = row.failures + 1
    locked_until_us = now_us + lock_us(failures) if failures >= FAILURES_BEFORE_LOCK else 0
    _count(connection, who, failures, locked_until_us)
    outcome = Outcome.LOCKED if locked_until_us else Outcome.WRONG
    return Checked(outcome, failures, locked_until_us, is_newly_locked=bool(locked_until_us))


def has_password(connection: Connection, who: str) -> bool:
    """Whether the person can sign in with one (SQLite)."""
    return connection.scalar(select(local_passwords.c.staff).where(local_passwords.c.staff == who)) is not None


def lock_us(failures: int) -> int:
    """How long so many failures in a row lock a person, µs."""
    doublings = min(failures - FAILURES_BEFORE_LOCK, 16)
    return min(FIRST_LOCK_US << doublings, LONGEST_LOCK_US)


def verifier(password: str) -> str:
    """An Argon2id verifier with a fresh salt, in the usual `$argon2id$…` notation."""
    kept = Argon2id(
        salt=secrets.token_bytes(SALT_BYTES),
        length=32,
        iterations=ARGON2_PASSES,
        lanes=ARGON2_LANES,
        memory_cost=ARGON2_MEMORY_KIB,
    )
    return kept.derive_phc_encoded(_bytes(password))


def change_own_login(connection: Connection, password: str) -> None:
    """Changes the password of the login that is connected (PostgreSQL); only its verifier reaches the server.

    Raises UnfitPassword.
    """
    login = connection.exec_driver_sql("SELECT session_user").scalar_one()
    refuse_unfit(password, str(login))
    # ALTER ROLE takes no parameters; a verifier is base64, '$' and ':' and cannot end the text it stands in
    connection.exec_driver_sql(f"ALTER ROLE SESSION_USER PASSWORD '{scram_verifier(password)}'")


def scram_verifier(password: str, salt: bytes | None = None, iterations: int = SCRAM_ITERATIONS) -> str:
    """The SCRAM-SHA-256 verifier (RFC 5803) as PostgreSQL keeps it."""
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", _bytes(saslprep(password)), salt, iterations)
    stored = hashlib.sha256(_hmac(salted, b"Client Key")).digest()
    parts = (_base64(salt), _base64(stored), _base64(_hmac(salted, b"Server Key")))
    return "SCRAM-SHA-256${}:{}${}:{}".format(iterations, *parts)


def saslprep(text: str) -> str:
    """A password as both ends of SCRAM take it (RFC 4013); one that the rules forbid stays as it is, as in libpq."""
    if text.isascii():
        return text
    mapped = "".join(
        " " if stringprep.in_table_c12(letter) else letter for letter in text if not stringprep.in_table_b1(letter)
    )
    prepared = unicodedata.normalize("NFKC", mapped)
    return prepared if prepared and _is_allowed(prepared) else text


def _is_allowed(text: str) -> bool:
    forbidden = (
        stringprep.in_table_c12,
        stringprep.in_table_c21_c22,
        stringprep.in_table_c3,
        stringprep.in_table_c4,
        stringprep.in_table_c5,
        stringprep.in_table_c6,
        stringprep.in_table_c7,
        stringprep.in_table_c8,
        stringprep.in_table_c9,
        stringprep.in_table_a1,
    )
    if any(is_in(letter) for letter in text for is_in in forbidden):
        return False
    right_to_left = [stringprep.in_table_d1(letter) for letter in text]
    if not any(right_to_left):
        return True
    return right_to_left[0] and right_to_left[-1] and not any(stringprep.in_table_d2(letter) for letter in text)


def _count(connection: Connection, who: str, failures: int, locked_until_us: int) -> None:
    connection.execute(
        update(local_passwords)
        .where(local_passwords.c.staff == who)
        .values(failures=failures, locked_until_us=locked_until_us)
    )


def _matches(password: str, kept: str) -> bool:
    try:
        Argon2id.verify_phc_encoded(_bytes(password), kept)
    except InvalidKey:
        return False
    return True


@cache
def _nobodys_verifier() -> str:
    return verifier(secrets.token_hex(SALT_BYTES))


def _bytes(password: str) -> bytes:
    # half a surrogate pair, pasted from somewhere, is a wrong password and not a fault
    return password.encode("utf-8", "surrogatepass")


def _hmac(key: bytes, words: bytes) -> bytes:
    return hmac.digest(key, words, "sha256")


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _squeezed(text: str) -> str:
    return "".join(text.casefold().split())
