"""What a process is told when it starts: profiles on disk (TOML), and the one line a child reads from its parent.

Keys and passwords are never in a profile, an argument, a log or the environment: a person's are in the system
keyring, a child's come over its standard input. This module opens no connection.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import keyring
import msgspec
import platformdirs

from dealerdesk.trading import Platform

KEYRING_SERVICE = "dealerdesk"


class ConfigError(ValueError):
    """A configuration that cannot be used; the text names the file, the field and what was expected."""


class CannotStartError(RuntimeError):
    """What keeps a process from starting though it was told nothing wrong: a sentence for a person, and what to do."""


class Endpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A bridge: the name of its trading server, the platform, and its WebSocket address (wss, or ws on loopback)."""

    server: str
    platform: Platform
    url: str


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A client's name at the bridges, its role (desk, dealer, hub) and its key in hex."""

    client: str
    role: str
    key: str


class BridgeKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key that a bridge accepts: the role it opens, and the key in hex."""

    role: str
    key: str


class SimulatorConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One simulated trading server and its bridge; the same values give the same server, tick for tick."""

    server: str
    platform: Platform
    journal_dir: str
    keys: dict[str, BridgeKey]
    start_us: int
    seed: int = 1
    accounts: int = 1_700
    positions: int = 10_000
    symbols: int = 70
    ticks_per_second: float = 700.0
    speed: float = 1.0
    port: int = 0
    ticks_file: str | None = None


class HubConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The hub: the database it writes, the bridges it records, and its key there."""

    database_url: str
    endpoints: tuple[Endpoint, ...]
    credentials: Credentials


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One broker as a workstation sees it. `live` profiles must look different from demos."""

    name: str
    database_url: str
    endpoints: tuple[Endpoint, ...]
    staff: str
    role: str = "dealer"
    live: bool = False


def profiles_dir() -> Path:
    """Where this user's profiles are kept."""
    return platformdirs.user_config_path("dealerdesk") / "profiles"


def user_folder(profile: str) -> Path:
    """Where this user's preferences and window layouts for a profile are kept."""
    return platformdirs.user_config_path("dealerdesk") / "desks" / profile


def load_profile(path: Path) -> Profile:
    """The profile in a TOML file; raises ConfigError naming the field and what was expected."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Profile)
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such profile") from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error


def bridge_key(profile: str, client: str) -> str:
    """The hex key of `client` at the bridges of `profile`, from the system keyring; raises ConfigError if absent."""
    key = keyring.get_password(f"{KEYRING_SERVICE}/{profile}", client)
    if key is None:
        raise ConfigError(f"keyring: no key of {client!r} for profile {profile!r}")
    return key
