"""What a machine is told once and its keyring keeps: keys at the bridges, the hub's password, the key of the seals.

It looks at what was typed before it is kept; asking without showing it is the command line's part.
"""

from __future__ import annotations

from collections.abc import Callable

from dealerdesk.config import ConfigError, keep_in_keyring

KEYS = ("desk", "dealer", "hub", "seal")
DATABASE = "database"
KEY_BYTES_MIN = 32


def put(profile: str, client: str, ask: Callable[[str], str]) -> None:
    """Asks for the secret of `client` and keeps it; raises ConfigError for what is none or cannot be kept."""
    from dealerdesk.store import service_passwords
    from dealerdesk.store.roles import HUB

    if client == DATABASE:
        password = ask(f"Password of {HUB}").strip()
        if not password or not service_passwords.keep(profile, HUB, password):
            raise ConfigError("keyring: the password was not kept: is there a keyring, and is it open?")
    elif client in KEYS:
        keep_in_keyring(profile, client, _checked(client, ask(f"Key of {client} (hex)").strip()))
    else:
        raise ConfigError(f"expected one of {', '.join(KEYS)} or {DATABASE}, got {client!r}")


def _checked(client: str, key: str) -> str:
    try:
        length = len(bytes.fromhex(key))
    except ValueError as error:
        raise ConfigError(f"the key of {client} is not hex: `openssl rand -hex 32` makes one") from error
    if length < KEY_BYTES_MIN:
        raise ConfigError(f"the key of {client} is too short: {KEY_BYTES_MIN} bytes or more, in hex")
    return key
