"""Finds the files that ship with the program: fonts, styles, forms, the default profile. Reads nothing itself."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def asset(folder: str, name: str) -> Traversable:
    """The file `name` of `folder` (`resources` or `ui`): in the installed package, or beside it in a checkout."""
    package = files("dealerdesk")
    installed = package.joinpath(folder, name)
    if installed.is_file():
        return installed
    beside = Path(str(package)).parent / folder / name
    if not beside.is_file():
        raise FileNotFoundError(f"{folder}/{name}: not shipped with this installation of dealerdesk")
    return beside
