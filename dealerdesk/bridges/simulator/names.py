"""Given and family names by country, in the scripts that their bearers use; `people.py` picks from them.

They stand in `resources/people.txt`, a country a line: code, share of the clients, deposit currencies by preference,
given names | family names, where an underscore is a blank within a name. The names are the countries' common ones; any
likeness to a person is chance.
"""

from __future__ import annotations

from dataclasses import dataclass

from dealerdesk.assets import asset


@dataclass(frozen=True, slots=True)
class Country:
    """An ISO 3166 code, its weight among clients, and names; `family_first` where the family name is written first."""

    code: str
    weight: int
    currencies: tuple[str, ...]
    given: tuple[str, ...]
    family: tuple[str, ...]
    family_first: bool
    joiner: str


FAMILY_FIRST = frozenset({"CN", "HK", "TW", "JP", "KR", "VN", "HU"})
UNSPACED = frozenset({"CN", "HK", "TW", "KR"})


def _country(line: str) -> Country:
    code, weight, currencies, names = line.split(" ", 3)
    given, family = (tuple(name.replace("_", " ") for name in part.split()) for part in names.split("|"))
    joiner = "" if code in UNSPACED else " "
    return Country(code, int(weight), tuple(currencies.split(",")), given, family, code in FAMILY_FIRST, joiner)


COUNTRIES = tuple(map(_country, asset("resources", "people.txt").read_text("utf-8").splitlines()))
