"""A profile that cannot be used says which field of which file, and what was expected."""

from __future__ import annotations

from pathlib import Path

import keyring
import pytest
from keyring.errors import NoKeyringError

from dealerdesk import config
from dealerdesk.config import ConfigError, Secret, bridge_key, find_profiles, handed_over, load_profile, seal_key

GOOD = """
name = "northwind"
database_url = "sqlite:////tmp/northwind.db"
staff = "dana"
role = "head_dealer"

[[endpoints]]
server = "MT5"
platform = "mt5"
url = "wss://bridge.northwind.example:8443"
"""


def test_a_profile_names_its_database_and_its_bridges(tmp_path: Path) -> None:
    path = tmp_path / "northwind.toml"
    path.write_text(GOOD)

    profile = load_profile(path)

    assert profile.endpoints[0].server == "MT5"
    assert not profile.live


def test_a_missing_profile_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml: no such profile"):
        load_profile(tmp_path / "nowhere.toml")


def test_an_unknown_platform_is_named_with_its_field(tmp_path: Path) -> None:
    path = tmp_path / "northwind.toml"
    path.write_text(GOOD.replace('"mt5"', '"mt6"'))

    with pytest.raises(
        ConfigError, match=r"northwind\.toml: Invalid enum value 'mt6' - at `\$.endpoints\[0\].platform`"
    ):
        load_profile(path)


def test_a_key_in_a_profile_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "northwind.toml"
    path.write_text('key = "c0ffee"\n' + GOOD)

    with pytest.raises(ConfigError, match="contains unknown field `key`"):
        load_profile(path)


def test_the_sealing_key_is_made_on_first_use_and_kept_in_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: dict[tuple[str, str], str] = {}
    monkeypatch.setattr(keyring, "get_password", lambda service, name: kept.get((service, name)))
    monkeypatch.setattr(keyring, "set_password", lambda service, name, key: kept.update({(service, name): key}))

    first = seal_key("northwind")

    assert kept == {("dealerdesk/northwind", "seal"): first}
    assert len(bytes.fromhex(first)) == 32
    assert seal_key("northwind") == first
    assert seal_key("contoso") != first


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://dana:secret@db.example/desk",
        "postgresql://:secret@db.example/desk",
        "postgresql://db.example/desk?password=secret",
    ],
)
def test_a_password_in_a_profile_is_refused_without_being_repeated(tmp_path: Path, url: str) -> None:
    path = tmp_path / "northwind.toml"
    path.write_text(GOOD.replace("sqlite:////tmp/northwind.db", url))

    with pytest.raises(ConfigError, match="a password stands in it") as refused:
        load_profile(path)
    assert "secret" not in str(refused.value)


def test_who_one_is_need_not_stand_in_a_profile(tmp_path: Path) -> None:
    path = tmp_path / "northwind.toml"
    path.write_text('broker = "Northwind Markets"\nlive = true\ndatabase_ca = "/etc/ca.crt"\n' + GOOD)
    path.write_text(path.read_text().replace('staff = "dana"\nrole = "head_dealer"\n', ""))

    profile = load_profile(path)

    assert (profile.staff, profile.role) == ("", "")
    assert (profile.title, profile.kind, profile.database_ca) == ("Northwind Markets", "LIVE", "/etc/ca.crt")


def test_all_profiles_are_found_those_that_cannot_be_used_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "profiles_dir", lambda: tmp_path)
    (tmp_path / "b.toml").write_text(GOOD)
    (tmp_path / "a.toml").write_text("name = 3")

    first, second = find_profiles()

    assert first.profile is None
    assert "a.toml" in first.trouble
    assert second.profile is not None
    assert second.profile.title == "northwind"


def test_a_secret_is_in_one_place_and_does_not_show_itself() -> None:
    secret = Secret("green tea leaves")
    assert secret.read() == "green tea leaves"
    assert f"{secret} {secret!r}" == "Secret(known) Secret(known)"

    secret.forget()

    assert not secret.is_known
    with pytest.raises(PermissionError, match="nobody is signed in"):
        secret.read()


def refuse(*_: str) -> str:
    raise NoKeyringError("No recommended backend was available. Install one.")


def test_a_machine_without_a_keyring_is_told_so_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_password", refuse)

    with pytest.raises(ConfigError, match="this system has none that opens"):
        bridge_key("northwind", "hub")
    with pytest.raises(ConfigError, match="this system has none that opens"):
        seal_key("northwind")


def test_a_service_takes_what_its_manager_hands_over_and_asks_no_keyring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyring, "get_password", refuse)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "hub-key").write_text("0a1b\n")
    (tmp_path / "seal-key").write_text("2c3d\n")

    assert (bridge_key("northwind", "hub"), seal_key("northwind")) == ("0a1b", "2c3d")
    assert handed_over("database-password") == ""
