"""What ships with the program is found in a checkout, and what does not is named."""

from __future__ import annotations

import pytest

from dealerdesk.assets import asset
from dealerdesk.config import load_profile


def test_the_model_profile_ships_and_loads() -> None:
    profile = load_profile(asset("resources", "profile.toml"))  # type: ignore[arg-type]

    assert profile.name == "northwind"
    assert not profile.live


def test_the_typeface_ships_with_its_licence() -> None:
    assert "OFL-1.1" in asset("resources", "fonts/LICENSE-Inter.txt").read_text("utf-8")


def test_a_file_that_does_not_ship_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"resources/none\.txt: not shipped"):
        asset("resources", "none.txt")
