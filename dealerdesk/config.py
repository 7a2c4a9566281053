"""What a process is told when it starts: profiles on disk (TOML), and the one line a child reads from its parent.

Keys and passwords are never in a profile, an argument, a log or the environment: a person's are in the system
keyring, a child's come over its standard input. This module opens no connection.
"""

from __future__ import annotations

import os
import platform
import re
import secrets
import tomllib
from dataclasses import dataclass
from pathlib import Path

import keyring
import msgspec
import platformdirs
from keyring.errors import KeyringError

from dealerdesk.trading import Platform

KEYRING_SERVICE = "dealerdesk"
SEAL_KEY_BYTES = 32
PASSWORD_IN_URL = re.compile(r"://[^/@?]*:[^/@?]+@|[?&]password=", re.IGNORECASE)


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
    """The hub: the database it writes, the bridges it records, and its key there.

    `holder` is the name under which it holds the lease; one that is started again with the same configuration follows
    its own earlier self at once, since whoever starts it knows that that has ended. `seal_key` (hex) signs the seals
    of the audit log, which is not sealed without one; `checkpoints` and `checkpoints_copy` are the files that each
    seal is added to, empty for none. With `database_password` the hub signs in under its own login of a team's
    database, and only to a server for which `database_ca` vouches.
    """

    database_url: str
    endpoints: tuple[Endpoint, ...]
    credentials: Credentials
    holder: str = msgspec.field(default_factory=lambda: f"{platform.node()}-{secrets.token_hex(4)}")
    seal_key: str = ""
    checkpoints: str = ""
    checkpoints_copy: str = ""
    database_password: str = ""
    database_ca: str = ""


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One broker as a workstation sees it. `live` profiles must look different from demos.

    `database_ca` is the file of the certificates that may vouch for the database's server; `checkpoints_copy`
    a second file, best on another machine, that the hub adds each seal of the audit log to. `staff` only fills the name
    in at sign-in, and `role` is read and not used: who one is, and as what, is said by the database.
    """

    name: str
    database_url: str
    endpoints: tuple[Endpoint, ...]
    staff: str = ""
    role: str = ""
    live: bool = False
    broker: str = ""
    database_ca: str = ""
    checkpoints_copy: str = ""

    @property
    def title(self) -> str:
        """The broker's name as people say it, or the profile's."""
        return self.broker or self.name

    @property
    def kind(self) -> str:
        """LIVE or DEMO."""
        return "LIVE" if self.live else "DEMO"

    @property
    def is_embedded(self) -> bool:
        """Whether the database is a file of this machine, with nobody beside who could enforce anything."""
        return self.database_url.startswith("sqlite")


@dataclass(frozen=True, slots=True)
class FoundProfile:
    """A profile's file with what is in it, or with the sentence that says why it cannot be used."""

    path: Path
    profile: Profile | None
    trouble: str = ""


class Secret:
    """A password in memory, in one place, from which it can be taken away again; it never shows itself."""

    def __init__(self, password: str) -> None:
        self._password: str | None = password

    def read(self) -> str:
        """The password; raises PermissionError once it has been forgotten."""
        if self._password is None:
            raise PermissionError("the desk is locked: nobody is signed in")
        return self._password

    def change(self, password: str) -> None:
        """It is another one from now on."""
        self._password = password

    def forget(self) -> None:
        """From now on nobody can read it here."""
        self._password = None

    @property
    def is_known(self) -> bool:
        """Whether it has not been forgotten yet."""
        return self._password is not None

    def __repr__(self) -> str:
        return f"Secret({'known' if self.is_known else 'forgotten'})"


def profiles_dir() -> Path:
    """Where this user's profiles are kept."""
    return platformdirs.user_config_path("dealerdesk") / "profiles"


def user_folder(profile: str) -> Path:
    """Where this user's preferences and window layouts for a profile are kept."""
    return platformdirs.user_config_path("dealerdesk") / "desks" / profile


def load_profile(path: Path) -> Profile:
    """The profile in a TOML file; raises ConfigError naming the field and what was expected."""
    try:
        profile = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Profile)
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: no such profile") from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    if PASSWORD_IN_URL.search(profile.database_url):
        raise ConfigError(f"{path}: database_url: a password stands in it; take it out, it is asked for at sign-in")
    return profile


def find_profiles() -> list[FoundProfile]:
    """This user's profiles by the name of their files, those that cannot be used included."""
    return [_found(path) for path in sorted(profiles_dir().glob("*.toml"))]


def _found(path: Path) -> FoundProfile:
    try:
        return FoundProfile(path, load_profile(path))
    except (ConfigError, OSError) as error:
        return FoundProfile(path, None, str(error))


def bridge_key(profile: str, client: str) -> str:
    """The hex key of `client` at the bridges of `profile`: what the service manager handed over, else what is in the
    system keyring; raises ConfigError if neither has it."""
    key = handed_over(f"{client}-key") or _from_keyring(profile, client)
    if key is None:
        raise ConfigError(
            f"keyring: no key of {client!r} for profile {profile!r}: `dealerdesk key --profile {profile} {client}` asks"
            " for it"
        )
    return key


def seal_key(profile: str) -> str:
    """The hex key with which the hub of `profile` signs the audit log's seals: handed over, or from the keyring, where
    it is made on first use. Raises ConfigError without either."""
    key = handed_over("seal-key") or _from_keyring(profile, "seal")
    if key is None:
        key = secrets.token_hex(SEAL_KEY_BYTES)
        keep_in_keyring(profile, "seal", key)
    return key


def handed_over(name: str) -> str:
    """A service's secret from the folder that the service manager made for this one start (systemd's credentials, which
    no other user can read); empty when there is none."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    file = Path(folder) / name
    return file.read_text("utf-8").strip() if folder and file.is_file() else ""


def keep_in_keyring(profile: str, name: str, secret: str) -> None:
    """Keeps a key of this machine's for `profile`; raises ConfigError where there is no keyring."""
    try:
        keyring.set_password(f"{KEYRING_SERVICE}/{profile}", name, secret)
    except (KeyringError, RuntimeError) as error:
        raise ConfigError(_no_keyring(error)) from error


def _from_keyring(profile: str, name: str) -> str | None:
    try:
        return keyring.get_password(f"{KEYRING_SERVICE}/{profile}", name)
    except (KeyringError, RuntimeError) as error:
        raise ConfigError(_no_keyring(error)) from error


def _no_keyring(error: Exception) -> str:
    why = str(error).partition(".")[0]
    return (
        f"keyring: this system has none that opens ({why}). On a desktop unlock or install one;"
        " a service is handed its secrets by systemd (docs/operations.md, «The hub»)"
    )
