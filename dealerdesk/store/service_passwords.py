"""The passwords of the hub and the migrator in the keyring of the machine they run on, by profile.

There is no other place to keep one: without a keyring they are asked for.
"""

from __future__ import annotations

import keyring
from keyring.errors import KeyringError

from dealerdesk.config import KEYRING_SERVICE


def keep(profile: str, role: str, password: str) -> bool:
    """Whether the keyring keeps it now."""
    try:
        keyring.set_password(_service(profile), role, password)
        return keyring.get_password(_service(profile), role) == password
    except (KeyringError, RuntimeError):
        return False


def kept(profile: str, role: str) -> str | None:
    """The password of a service's role; None when the keyring has none or stays shut."""
    try:
        return keyring.get_password(_service(profile), role)
    except (KeyringError, RuntimeError):
        return None


def _service(profile: str) -> str:
    return f"{KEYRING_SERVICE}/{profile}/services"
