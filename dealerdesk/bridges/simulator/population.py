"""The clients and accounts that a server begins with. Draws many at once; opens no positions and moves no money.

A client's id is the broker's own: of three servers each has a third of the ids, and some clients of the next one as
well, who are the same persons there. Accounts are numbered in the order in which they were opened.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dealerdesk.bridges.simulator.names import COUNTRIES
from dealerdesk.bridges.simulator.people import People, Profile, chance, people
from dealerdesk.bridges.simulator.state import ServerState
from dealerdesk.bridges.simulator.tables import BOOK_A, BOOK_C, BOOKS
from dealerdesk.clock import HOUR_US
from dealerdesk.trading import Platform

Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]

FIRST_CLIENT_ID = 100_000
SERVERS = {Platform.MT4: 0, Platform.MT5: 1, Platform.CTRADER: 2}
SECOND_ACCOUNT_SHARE = 0.12
GUEST_SHARE = 0.10
LEVERAGES = np.array([100, 200, 400, 500])
CAPPED_LEVERAGE = 30
CAPPED_COUNTRIES = frozenset("DE GB FR IT ES PL NL SE NO DK FI CZ HU RO GR CY BG AT PT AU".split(" "))  # noqa: SIM905
"""Where the law caps the leverage of retail clients."""
BOOK_SHARES = {
    Profile.CASUAL: (0.04, 0.92),
    Profile.SWING: (0.15, 0.75),
    Profile.SCALPER: (0.45, 0.40),
    Profile.NEWS_TRADER: (0.40, 0.45),
    Profile.MARTINGALE: (0.03, 0.93),
    Profile.LATENCY_ARBITRAGE: (0.70, 0.25),
    Profile.BONUS_PAIR: (0.05, 0.90),
}
"""Shares in A and in B by profile; the rest is in C."""
COVERED_IN_C = np.array([30, 50, 70])
NETTING_SHARE = 0.12
RAW_SHARES = {Profile.SCALPER: 0.55, Profile.LATENCY_ARBITRAGE: 0.6, Profile.NEWS_TRADER: 0.35, Profile.SWING: 0.15}

_GUEST, _CURRENCY, _BOOK, _COVERED, _KIND, _LEVERAGE, _OPENED, _EXTRA = range(100, 108)


def populate(state: ServerState, seed: int, accounts: int, start_us: int) -> None:
    """Fills the client and account tables of an empty server with `accounts` accounts without money."""
    number = SERVERS[state.dialect.platform]
    persons = people(seed, client_ids(number, seed, accounts), start_us)
    state.clients = {client.id: (client, 0) for client in persons.clients()}
    owner = _owners(accounts, len(persons.id), seed, number)
    field = seed * 4 + number
    slots = np.arange(accounts)
    opened = persons.registered_us[owner] + (chance(field, slots, _OPENED) * 3 * HOUR_US).astype(np.int64)
    opened += np.where(slots >= len(persons.id), (start_us - opened) // 2, 0)
    order = np.argsort(opened, kind="stable")
    _open(state, field, persons, owner[order], opened[order])


def client_ids(server: int, seed: int, accounts: int) -> Int64s:
    """The ids of a server's clients, ascending: its own third of the numbers, and its guests from the next third."""
    wanted = max(round(accounts * (1 - SECOND_ACCOUNT_SHARE)), 1)
    native = max(round(wanted / (1 + GUEST_SHARE)), 1)
    own = FIRST_CLIENT_ID + 3 * np.arange(native) + server
    neighbours = FIRST_CLIENT_ID + 3 * np.arange(native) + (server + 1) % 3
    guests = neighbours[chance(seed, neighbours, _GUEST) < GUEST_SHARE]
    return np.sort(np.concatenate((own, guests)))[:wanted]


def _owners(accounts: int, clients: int, seed: int, server: int) -> Int64s:
    """Which client each account belongs to: everyone one, and some a second one."""
    extra = accounts - min(clients, accounts)
    second = (chance(seed * 4 + server, np.arange(extra), _EXTRA) * clients).astype(np.int64)
    return np.concatenate((np.arange(min(clients, accounts)), second))


def _open(state: ServerState, seed: int, persons: People, owner: Int64s, opened_us: Int64s) -> None:
    profile, country = persons.profile[owner], persons.country[owner]
    slots = np.arange(len(owner))
    currency = _currencies(state, country, chance(seed, slots, _CURRENCY))
    book = _books(profile, chance(seed, slots, _BOOK))
    cover = COVERED_IN_C[(chance(seed, slots, _COVERED) * len(COVERED_IN_C)).astype(np.int64)]
    capped = np.array([each.code in CAPPED_COUNTRIES for each in COUNTRIES])[country]
    chosen = LEVERAGES[(chance(seed, slots, _LEVERAGE) * len(LEVERAGES)).astype(np.int64)]
    opened = opened_us - opened_us % state.dialect.resolution_us
    state.accounts.extend(
        len(owner),
        login=state.dialect.first_login + slots,
        client_id=persons.id[owner],
        group=_groups(state, profile, currency, book, chance(seed, slots, _KIND)),
        currency=currency,
        leverage=np.where(capped, CAPPED_LEVERAGE, chosen),
        opened_us=opened,
        enabled=np.ones(len(owner), np.bool_),
        introducer=persons.introducer[owner],
        profile=profile,
        book=book,
        covered_percent=np.select([book == BOOK_A, book == BOOK_C], [100, cover], 0),
        routing_changed_us=opened,
        partner=_partners(profile),
    )


def _currencies(state: ServerState, country: Int64s, draws: Floats) -> Int64s:
    """A currency that the country prefers, mostly its first one; USD where none of them is on offer."""
    place = {code: number for number, code in enumerate(state.currencies)}
    offered = [[place[code] for code in each.currencies if code in place] or [0] for each in COUNTRIES]
    first = np.array([choice[0] for choice in offered])[country]
    last = np.array([choice[-1] for choice in offered])[country]
    return np.where(draws < 0.8, first, last)


def _books(profile: Int64s, draws: Floats) -> Int64s:
    in_a, in_b = np.array([BOOK_SHARES[each] for each in Profile]).T[:, profile]
    books: Int64s = (draws >= in_a).astype(np.int64) + (draws >= in_a + in_b)
    return books


def _groups(state: ServerState, profile: Int64s, currency: Int64s, book: Int64s, draws: Floats) -> Int64s:
    raw_share = np.array([RAW_SHARES.get(each, 0.03) for each in Profile])[profile]
    raw, netting = draws < raw_share, draws > 1 - NETTING_SHARE
    table = _group_table(state)
    kind = np.select([raw, netting], [1, 2], 0)
    groups: Int64s = table[kind, currency, book]
    return groups


def _group_table(state: ServerState) -> Int64s:
    """Group numbers by kind (retail, raw, netting), currency and book."""
    table = np.zeros((3, len(state.currencies), len(BOOKS)), np.int64)
    kinds = ("retail", "raw", "netting")
    have = {terms.kind for terms in state.groups}
    for number, terms in enumerate(state.groups):
        unit = state.currencies.index(terms.group.currency)
        books = [BOOKS.index(terms.book)] if terms.book else list(range(len(BOOKS)))
        table[kinds.index(terms.kind), unit, books] = number
    if "netting" not in have:
        table[2] = table[0]
    return table


def _partners(profile: Int64s) -> Int64s:
    """Who trades against whom: bonus abusers two by two, −1 for everyone else."""
    partner = np.full(len(profile), -1)
    abusers = np.flatnonzero(profile == Profile.BONUS_PAIR)
    even = abusers[: len(abusers) // 2 * 2].reshape(-1, 2)
    partner[even[:, 0]], partner[even[:, 1]] = even[:, 1], even[:, 0]
    return partner
