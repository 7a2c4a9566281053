"""Passwords that a person asked the system's keyring to keep, by profile and name. Everything here may block.

There is no other place to keep one: without a keyring the password is asked for each time.
"""

from __future__ import annotations

import keyring
import structlog
from keyring.errors import KeyringError

from dealerdesk.config import KEYRING_SERVICE

log = structlog.get_logger(__name__)


def is_possible() -> bool:
    """Whether this system has a keyring that keeps anything."""
    try:
        return float(keyring.get_keyring().priority) > 0
    except (KeyringError, RuntimeError) as error:
        log.warning("the keyring cannot be asked", error=str(error))
        return False


def kept(profile: str, person: str) -> str | None:
    """The password kept for a person at a profile; None when there is none or the keyring stays shut."""
    try:
        return keyring.get_password(_service(profile), person)
    except KeyringError as error:
        log.warning("the keyring did not open", error=str(error))
        return None


def keep(profile: str, person: str, password: str) -> str:
    """Keeps it; returns the sentence for the person when the keyring would not."""
    try:
        keyring.set_password(_service(profile), person, password)
    except KeyringError as error:
        return f"The keyring did not keep the password: {error}"
    return ""


def forget(profile: str, person: str) -> None:
    """Removes it, if it is there."""
    if kept(profile, person) is None:
        return
    try:
        keyring.delete_password(_service(profile), person)
    except KeyringError as error:
        log.warning("the keyring did not let go of a password", error=str(error))


def _service(profile: str) -> str:
    return f"{KEYRING_SERVICE}/{profile}/staff"
