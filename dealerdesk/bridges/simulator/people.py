"""Who a client is: country, name, profile, registration and introducer follow from (seed, client id) alone.

So the same person has accounts on several servers without the servers knowing of each other. Everything is drawn by
hashing, many clients at once; there is no order of drawing to keep.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from dealerdesk.bridges.simulator.names import COUNTRIES, Country
from dealerdesk.clock import DAY_US
from dealerdesk.trading import Client

Int64s = NDArray[np.int64]
UInt64s = NDArray[np.uint64]
Floats = NDArray[np.float64]


class Profile(IntEnum):
    """How a client trades."""

    CASUAL = 0
    SWING = 1
    SCALPER = 2
    NEWS_TRADER = 3
    MARTINGALE = 4
    LATENCY_ARBITRAGE = 5
    BONUS_PAIR = 6

    @property
    def words(self) -> str:
        return self.name.lower().replace("_", " ")


PROFILE_SHARES = (0.64, 0.14, 0.08, 0.04, 0.06, 0.02, 0.02)
INTRODUCED_SHARE = 0.35
INTRODUCERS = tuple(f"IB-{number}" for number in range(301, 341))
"""Introducing brokers' codes; the first ones bring most of the clients."""
REGISTERED_DAYS_MEAN = 420
REGISTERED_DAYS_MAX = 2_500
SECOND_NAME_SHARE = 0.6

_COUNTRY, _GIVEN, _SECOND, _SECOND_GIVEN, _FAMILY, _PROFILE, _DAYS, _HOUR, _INTRODUCED, _INTRODUCER = range(10)
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_LAST = np.uint64(0x94D049BB133111EB)


def chance(seed: int, ids: Int64s, field: int) -> Floats:
    """A uniform number in [0, 1) for each id, independent between fields and seeds (splitmix64)."""
    with np.errstate(over="ignore"):
        offset = (seed * 0x632BE59BD9B4E019 + field * 0xD1342543DE82EF95) % 2**64
        z = ids.astype(np.uint64) * _GOLDEN + np.uint64(offset)
        for _ in range(2):
            z = (z ^ (z >> np.uint64(30))) * _FIRST
            z = (z ^ (z >> np.uint64(27))) * _LAST
            z ^= z >> np.uint64(31)
    uniform: Floats = (z >> np.uint64(11)).astype(np.float64) / 2**53
    return uniform


@dataclass(frozen=True, slots=True)
class People:
    """Parallel columns, one element a client; `country` indexes COUNTRIES, `introducer` is 0 for none or its number."""

    id: Int64s
    country: Int64s
    profile: Int64s
    registered_us: Int64s
    introducer: Int64s
    seed: int

    def names(self) -> list[str]:
        """The clients' names as they write them."""
        draws = [chance(self.seed, self.id, field) for field in (_GIVEN, _SECOND, _SECOND_GIVEN, _FAMILY)]
        rows = zip(self.country.tolist(), *(draw.tolist() for draw in draws), strict=True)
        return [_name(COUNTRIES[country], *rest) for country, *rest in rows]

    def clients(self) -> list[Client]:
        """The clients as rows."""
        rows = zip(
            self.id.tolist(),
            self.names(),
            self.country.tolist(),
            self.profile.tolist(),
            self.registered_us.tolist(),
            self.introducer.tolist(),
            strict=True,
        )
        return [
            Client(
                id=number,
                name=name,
                country=COUNTRIES[country].code,
                profile=_PROFILE_WORDS[profile],
                registered_us=registered_us,
                introducer=introducer_code(introducer),
            )
            for number, name, country, profile, registered_us, introducer in rows
        ]


def introducer_code(number: int) -> str:
    """The code of an introducing broker by its number; "" for 0."""
    return INTRODUCERS[number - 1] if number else ""


def people(seed: int, ids: Int64s, before_us: int) -> People:
    """The persons behind `ids`; all registered on some day before the day of `before_us`."""
    days = 1 + np.minimum(-np.log1p(-chance(seed, ids, _DAYS)) * REGISTERED_DAYS_MEAN, REGISTERED_DAYS_MAX)
    start_of_day = before_us // DAY_US * DAY_US
    seconds = (chance(seed, ids, _HOUR) * 86_400).astype(np.int64)
    introduced = chance(seed, ids, _INTRODUCED) < INTRODUCED_SHARE
    introducer = 1 + (chance(seed, ids, _INTRODUCER) ** 2 * len(INTRODUCERS)).astype(np.int64)
    return People(
        id=ids,
        country=_pick(_COUNTRY_SHARES, chance(seed, ids, _COUNTRY)),
        profile=_pick(_PROFILE_SHARES, chance(seed, ids, _PROFILE)),
        registered_us=start_of_day - days.astype(np.int64) * DAY_US + seconds * 1_000_000,
        introducer=np.where(introduced, introducer, 0),
        seed=seed,
    )


def _pick(shares: Floats, draws: Floats) -> Int64s:
    """The index that each draw falls into, by cumulated shares."""
    return np.minimum(np.searchsorted(shares, draws, side="right"), len(shares) - 1)


def _cumulated(weights: Sequence[float]) -> Floats:
    total = np.cumsum(np.array(weights, np.float64))
    shares: Floats = total / total[-1]
    return shares


_COUNTRY_SHARES = _cumulated([country.weight for country in COUNTRIES])
_PROFILE_SHARES = _cumulated(PROFILE_SHARES)
_PROFILE_WORDS = tuple(profile.words for profile in Profile)


def _name(country: Country, given: float, second: float, second_given: float, family: float) -> str:
    place = int(given * len(country.given))
    first = country.given[place]
    # men's and women's names take turns in the lists
    other = country.given[2 * int(second_given * len(country.given) / 2) + place % 2]
    if second < SECOND_NAME_SHARE and other != first and country.joiner:
        first = f"{first} {other}"
    last = country.family[int(family * len(country.family))]
    return f"{last}{country.joiner}{first}" if country.family_first else f"{first} {last}"
