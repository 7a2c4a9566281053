"""A service's password is in the keyring or nowhere."""

from __future__ import annotations

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked

from dealerdesk.store import service_passwords


class Memory(KeyringBackend):
    """A keyring in memory; `is_locked` makes it one that stays shut."""

    priority = 1.0

    def __init__(self, *, is_locked: bool = False) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.is_locked = is_locked

    def get_password(self, service: str, username: str) -> str | None:
        if self.is_locked:
            raise KeyringLocked("locked")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.is_locked:
            raise KeyringLocked("locked")
        self.kept[(service, username)] = password


def use(monkeypatch: pytest.MonkeyPatch, backend: KeyringBackend) -> None:
    monkeypatch.setattr(keyring, "set_password", backend.set_password)
    monkeypatch.setattr(keyring, "get_password", backend.get_password)


def test_a_keyring_keeps_it_by_profile_and_role(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Memory())

    assert service_passwords.keep("live", "dealerdesk_hub", "secret")
    assert service_passwords.kept("live", "dealerdesk_hub") == "secret"
    assert service_passwords.kept("demo", "dealerdesk_hub") is None


def test_a_keyring_that_stays_shut_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Memory(is_locked=True))

    assert not service_passwords.keep("live", "dealerdesk_hub", "secret")
    assert service_passwords.kept("live", "dealerdesk_hub") is None


def test_no_keyring_keeps_nothing() -> None:
    # the tests' own keyring takes everything and keeps nothing
    assert not service_passwords.keep("live", "dealerdesk_hub", "secret")
