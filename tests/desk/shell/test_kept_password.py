"""Passwords in the system keyring, and what happens where there is none."""

from __future__ import annotations

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringError, PasswordDeleteError

from dealerdesk.desk import kept_password


class Ring:
    priority = 5

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.is_shut = False

    def get_password(self, service: str, name: str) -> str | None:
        self._look()
        return self.kept.get((service, name))

    def set_password(self, service: str, name: str, password: str) -> None:
        self._look()
        self.kept[(service, name)] = password

    def delete_password(self, service: str, name: str) -> None:
        if (service, name) not in self.kept:
            raise PasswordDeleteError(name)
        del self.kept[(service, name)]

    def _look(self) -> None:
        if self.is_shut:
            raise KeyringError("locked")


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    made = Ring()
    monkeypatch.setattr(keyring, "get_keyring", lambda: made)
    for name in ("get_password", "set_password", "delete_password"):
        monkeypatch.setattr(keyring, name, getattr(made, name))
    return made


def test_a_password_is_kept_by_profile_and_person_and_forgotten_again(ring: Ring) -> None:
    assert kept_password.is_possible()
    assert kept_password.keep("northwind", "dana", "green tea") == ""
    assert ring.kept == {("dealerdesk/northwind/staff", "dana"): "green tea"}
    assert kept_password.kept("northwind", "dana") == "green tea"
    assert kept_password.kept("training", "dana") is None

    kept_password.forget("northwind", "dana")
    kept_password.forget("northwind", "dana")
    assert ring.kept == {}


def test_a_keyring_that_stays_shut_is_said_and_nothing_breaks(ring: Ring) -> None:
    ring.is_shut = True

    assert kept_password.keep("northwind", "dana", "x") == "The keyring did not keep the password: locked"
    assert kept_password.kept("northwind", "dana") is None


def test_a_system_without_one_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_keyring", NoKeyring)

    assert not kept_password.is_possible()
