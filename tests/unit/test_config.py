"""A profile that cannot be used says which field of which file, and what was expected."""

from __future__ import annotations

from pathlib import Path

import pytest

from dealerdesk.config import ConfigError, load_profile

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
