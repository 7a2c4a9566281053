"""A desk of one's own starts only with its key."""

from __future__ import annotations

from pathlib import Path

import keyring
import pytest

from dealerdesk import workstation
from dealerdesk.config import ConfigError, Endpoint, Profile
from dealerdesk.desk.app import Launch
from dealerdesk.trading import Platform

PROFILE = Profile(
    name="northwind",
    database_url="postgresql+psycopg://db.northwind.example/desk",
    endpoints=(Endpoint("MT5", Platform.MT5, "wss://bridge.northwind.example:8443"),),
    staff="dana",
)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workstation, "user_folder", lambda name: tmp_path / name)


def test_without_a_key_in_the_keyring_it_says_so_and_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_password", lambda _service, _client: None)

    with pytest.raises(ConfigError, match="keyring: no key of 'desk' for profile 'northwind'"):
        workstation.run_desk(PROFILE)


def test_on_a_shared_database_the_desk_starts_no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    launches: list[Launch] = []
    monkeypatch.setattr(keyring, "get_password", lambda _service, client: f"key of {client}")
    monkeypatch.setattr(workstation, "run", lambda launch: launches.append(launch) or 0)

    assert workstation.run_desk(PROFILE) == 0
    assert launches[0].start_hub is None
    assert launches[0].credentials.key == "key of desk"


def test_on_an_embedded_database_the_desk_brings_its_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    launches: list[Launch] = []
    monkeypatch.setattr(keyring, "get_password", lambda _service, client: f"key of {client}")
    monkeypatch.setattr(workstation, "run", lambda launch: launches.append(launch) or 0)
    own = Profile(name="own", database_url=f"sqlite:///{tmp_path / 'own.db'}", endpoints=(), staff="dana")

    assert workstation.run_desk(own) == 0
    assert launches[0].start_hub is not None
    assert launches[0].stop_children is not None
