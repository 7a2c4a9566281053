"""Somebody signs in, then a desk opens; without a key at the bridges none does."""

from __future__ import annotations

from pathlib import Path

import keyring
import pytest

from dealerdesk import workstation
from dealerdesk.commands.signed_in import Session
from dealerdesk.config import ConfigError, Endpoint, FoundProfile, Profile
from dealerdesk.desk.access import Access
from dealerdesk.desk.app import SIGN_IN_AGAIN, Launch
from dealerdesk.trading import Platform

PROFILE = Profile(
    name="northwind",
    database_url="postgresql+psycopg://db.northwind.example/desk",
    endpoints=(Endpoint("MT5", Platform.MT5, "wss://bridge.northwind.example:8443"),),
)
FOUND = FoundProfile(Path("northwind.toml"), PROFILE)


def access_to(profile: Profile, staff: str = "dana") -> Access:
    return Access(profile, Session(staff=staff, name=staff, role="dealer", login=staff))


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workstation, "user_folder", lambda name: tmp_path / name)
    monkeypatch.setattr(keyring, "get_password", lambda _service, client: f"key of {client}")


@pytest.fixture
def launches(monkeypatch: pytest.MonkeyPatch) -> list[Launch]:
    made: list[Launch] = []
    monkeypatch.setattr(workstation, "run", lambda launch: made.append(launch) or 0)
    return made


def test_without_a_key_in_the_keyring_it_says_so_and_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_password", lambda _service, _client: None)

    with pytest.raises(ConfigError, match="keyring: no key of 'desk' for profile 'northwind'"):
        workstation.run_desk(FOUND)


def test_who_closes_the_door_opens_no_desk(monkeypatch: pytest.MonkeyPatch, launches: list[Launch]) -> None:
    monkeypatch.setattr(workstation, "sign_in", lambda _found: None)

    assert workstation.run_desk(FOUND) == 0
    assert launches == []


def test_the_desk_is_that_of_who_signed_in(monkeypatch: pytest.MonkeyPatch, launches: list[Launch]) -> None:
    offered: list[list[FoundProfile]] = []
    monkeypatch.setattr(workstation, "sign_in", lambda found: offered.append(found) or access_to(PROFILE))

    assert workstation.run_desk(FOUND) == 0
    assert offered == [[FOUND]]
    assert launches[0].access.session.staff == "dana"
    assert launches[0].credentials.key == "key of desk"


def test_who_signs_out_leaves_the_door_open_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    people = iter(["dana", "carol"])
    attended: list[str] = []

    def run(launch: Launch) -> int:
        attended.append(launch.access.session.staff)
        return SIGN_IN_AGAIN if len(attended) == 1 else 0

    monkeypatch.setattr(workstation, "find_profiles", lambda: [FOUND])
    monkeypatch.setattr(workstation, "sign_in", lambda _found: access_to(PROFILE, next(people)))
    monkeypatch.setattr(workstation, "run", run)

    assert workstation.run_desk() == 0
    assert attended == ["dana", "carol"]


def test_on_a_shared_database_the_desk_starts_no_hub(launches: list[Launch]) -> None:
    assert workstation.attend(access_to(PROFILE)) == 0
    assert launches[0].start_hub is None


def test_on_an_embedded_database_the_desk_brings_its_hub(launches: list[Launch], tmp_path: Path) -> None:
    own = Profile(name="own", database_url=f"sqlite:///{tmp_path / 'own.db'}", endpoints=())

    assert workstation.attend(access_to(own)) == 0
    assert launches[0].start_hub is not None
    assert launches[0].stop_children is not None
