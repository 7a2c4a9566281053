"""What is typed once is looked at before the keyring keeps it."""

from __future__ import annotations

import keyring
import pytest
from keyring.errors import NoKeyringError

from dealerdesk.config import ConfigError
from dealerdesk.secret_entry import put

KEY = "0f" * 32


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], str]:
    kept: dict[tuple[str, str], str] = {}
    monkeypatch.setattr(keyring, "get_password", lambda service, name: kept.get((service, name)))
    monkeypatch.setattr(keyring, "set_password", lambda service, name, secret: kept.update({(service, name): secret}))
    return kept


def test_a_key_is_kept_under_its_clients_name(ring: dict[tuple[str, str], str]) -> None:
    put("northwind", "hub", lambda _what: f" {KEY} ")

    assert ring == {("dealerdesk/northwind", "hub"): KEY}


def test_the_hubs_password_is_kept_where_the_hub_looks_for_it(ring: dict[tuple[str, str], str]) -> None:
    put("northwind", "database", lambda _what: "p75tp-865bq")

    assert ring == {("dealerdesk/northwind/services", "dealerdesk_hub"): "p75tp-865bq"}


@pytest.mark.parametrize(
    ("client", "typed", "words"),
    [
        ("desk", "not a key", "the key of desk is not hex: `openssl rand -hex 32` makes one"),
        ("desk", "abcd", "the key of desk is too short: 32 bytes or more"),
        ("door", KEY, "expected one of desk, dealer, hub, seal or database, got 'door'"),
        ("database", "", "the password was not kept"),
    ],
)
def test_what_is_no_secret_is_not_kept(ring: dict[tuple[str, str], str], client: str, typed: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        put("northwind", client, lambda _what: typed)

    assert ring == {}


def test_without_a_keyring_it_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: str) -> None:
        raise NoKeyringError("No recommended backend was available. Install one.")

    monkeypatch.setattr(keyring, "set_password", refuse)

    with pytest.raises(ConfigError, match=r"none that opens \(No recommended backend was available\)"):
        put("northwind", "desk", lambda _what: KEY)
